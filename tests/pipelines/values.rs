//! What stands for the blanks of usage lines, and the events: takes choices, gives texts.

use super::choices::Choices;
use super::grammar;
use spelunk::functions::{self, Arity, Kernel};
use spelunk::{aggregates, commands};

pub const FIELDS: &[&str] = &[
    "n",
    "a",
    "b",
    "tags{}",
    "user.name",
    "_time",
    "missing",
    "t",
    "big",
    "_raw",
    "list{}.x",
    "json",
    "*",
];
const TEXTS: &[&str] = &[
    "x",
    "",
    "a b",
    "1",
    "café",
    "%d",
    "a,b;c=d",
    "\\\\",
    "$n$",
    "<<FIELD>>",
    "\u{212a}",
    "-1",
    "{\"k\":[1,{\"m\":null}]}",
    "0x1F",
    "%Y-%m-%d %H:%M:%S.%3N",
    "k{0}.m",
    "10.0.0.0/8",
    "-1d@d",
];
const NUMBERS: &[&str] = &["1", "0", "2", "3", "10", "100"];
const WILD_NUMBERS: &[&str] = &[
    "1",
    "0",
    "2",
    "-1",
    "10",
    "0.1",
    "1e3",
    "99999999999",
    "-0",
    "1e308",
    "9223372036854775807",
];
const SPANS: &[&str] = &[
    "1h", "5", "1d", "1m", "0.5", "1mon", "10s", "2log10", "1w", "100ms",
];
const REGEXES: &[&str] = &[
    "(?<x>\\\\w+)",
    "a",
    "(?<n>[0-9]+)",
    "^$",
    ".*",
    "(?<y>a)|(?<z>b)",
    "(?=a)(?<q>.)",
    "[",
    "(a*)*b",
];
const TIMES: &[&str] = &["0", "-1d", "now", "@d", "1700000000", "earliest", "latest"];
const TERMS: &[&str] = &[
    "*",
    "a=x",
    "n>1",
    "NOT b=*",
    "a IN (x, y*)",
    "x OR y",
    "\"a b\"",
    "tags{}=x",
    "missing!=1",
    "(a=1 n<5) OR b=2",
    "a=\"10.0.0.0/8\"",
    "earliest=-1d",
    "user.name=*e*",
];

/// A number that fits an event's line of text; broken JSON, nested, multivalued, with and without a time.
pub fn event(choices: &mut Choices<'_>) -> String {
    let kind = choices.below(12);
    if kind == 11 {
        let broken = [
            "",
            "not json n=1 a=x",
            "{\"n\":1,\"a\":",
            "[1,2]",
            "{\"n\":1}}",
            "\u{0}",
        ];
        return choices.of(&broken).to_owned();
    }
    let values = [
        "1",
        "2",
        "\"x\"",
        "\"\"",
        "null",
        "0.1",
        "-3.5",
        "\"10\"",
        "true",
        "[]",
        "[\"x\",\"y\",\"1\"]",
        "{\"k\":1}",
        "\"a b\"",
        "1e3",
        "\"caf\\u00e9\"",
        "\"10.1.2.3\"",
        "12345678901234567890",
        "\"2024-01-02 03:04:05\"",
        "\"<a><b c='1'>t</b></a>\"",
        "\"k=v, l=\\\"m\\\"\"",
        "\"user=1\"",
    ];
    let mut members = Vec::new();
    if choices.below(4) > 0 {
        members.push(format!(
            "\"_time\":{}",
            1_699_990_000 + 137 * choices.below(90)
        ));
    }
    for name in ["n", "a", "b", "t", "big"] {
        if choices.below(4) > 0 {
            members.push(format!("\"{name}\":{}", choices.of(&values)));
        }
    }
    if choices.once_in(2) {
        members.push(format!("\"tags\":[{},\"x\"]", choices.of(&values)));
        members.push(format!("\"user\":{{\"name\":{}}}", choices.of(&values)));
        members.push(format!(
            "\"list\":[{{\"x\":{}}},{{\"x\":2}}]",
            choices.of(&values)
        ));
        let json = [
            "\"{\\\"k\\\":[1,{\\\"m\\\":2}]}\"",
            "\"{\\\"z\\\":1,\\\"a\\\":2}\"",
            "\"{\\\"c\\\":{\\\"n\\\":1},\\\"k\\\":3,\\\"b\\\":4}\"",
        ];
        members.push(format!("\"json\":{}", choices.of(&json)));
    }
    // No two events need have their members in one order.
    let first = choices.below(members.len());
    members.rotate_left(first);
    format!("{{{}}}", members.join(","))
}

/// What stands for a blank.
pub fn blank(name: &str, choices: &mut Choices<'_>) -> String {
    let list = match name {
        "N" | "seconds" => match choices.once_in(8) {
            true => WILD_NUMBERS,
            false => NUMBERS,
        },
        "number" | "from" | "share" => WILD_NUMBERS,
        "bool" => &["true", "false", "t", "f", "1", "0"],
        "span" => SPANS,
        "time" | "day" => TIMES,
        "regex" => REGEXES,
        "table" | "file" => &["users.csv", "nosuch.csv"],
        "saved search" => &["by_user"],
        "type" => &["auto", "num", "str", "none"],
        "index" => &["*", "main"],
        "lang" | "code" => &["en", "de"],
        "path" => &["a", "tags{}", "user.name", "list{}.x", "list{0}", "a{}.b{}"],
        "search" => return search(choices),
        "subsearch" => return pipeline(choices, 2),
        "terms" => return search(choices),
        "pipeline" => return stages(choices, 2),
        "template" => return format!("eval <<FIELD>>={}", expression(choices)),
        "expression" | "expr" | "condition" => return expression(choices),
        "aggregate" => return aggregate(choices),
        "text" | "value" | "characters" | "format" => {
            return format!("{:?}", choices.of(TEXTS)).replace("\\u{212a}", "\u{212a}");
        }
        "name" | "new-field" | "new-name" | "alias" => &["x", "n", "out", "a", "_time"],
        other if other.ends_with("field") || other == "fields" || other == "field" => FIELDS,
        _ => &["x", "n", "users.csv"],
    };
    choices.of(list).to_owned()
}

/// Terms of a search.
pub fn search(choices: &mut Choices<'_>) -> String {
    if choices.below(2) == 0 {
        return "*".to_owned();
    }
    let terms: Vec<&str> = (0..=choices.below(2)).map(|_| choices.of(TERMS)).collect();
    terms.join(" ")
}

/// An expression: a leaf, an operator over two, a function with as many arguments as it takes, or its own example.
pub fn expression(choices: &mut Choices<'_>) -> String {
    if choices.depth > 3 {
        return leaf(choices);
    }
    choices.depth += 1;
    let text = match choices.below(6) {
        0 => leaf(choices),
        1 => {
            let operator = choices.of(&[
                "+", "-", "*", "/", "%", ".", "=", "<", "!=", " AND ", " OR ",
            ]);
            format!("({}{operator}{})", expression(choices), expression(choices))
        }
        2 => format!(
            "if({}>{}, {}, {})",
            leaf(choices),
            leaf(choices),
            expression(choices),
            expression(choices)
        ),
        3 => function(choices).example.0.to_owned(),
        _ => {
            let function = function(choices);
            let count = match function.arity {
                Arity::Between(low, high) => low + choices.below(high.min(low + 4) - low + 1),
                Arity::AtLeast(low) => low + choices.below(3),
                Arity::Pairs(before) => before + 2 * (1 + choices.below(2)),
                Arity::AnyPairs => 2 * choices.below(3),
            };
            let arguments: Vec<String> = (0..count).map(|_| expression(choices)).collect();
            format!("{}({})", function.name, arguments.join(", "))
        }
    };
    choices.depth -= 1;
    text
}

fn leaf(choices: &mut Choices<'_>) -> String {
    match choices.below(4) {
        0 => match choices.of(&FIELDS[..FIELDS.len() - 1]) {
            plain if plain.chars().all(|c| c.is_alphanumeric() || c == '_') => plain.to_owned(),
            other => format!("'{other}'"),
        },
        1 => choices.of(WILD_NUMBERS).to_owned(),
        2 => format!("{:?}", choices.of(REGEXES)),
        _ => blank("text", choices),
    }
}

/// A function that gives the same each time.
fn function(choices: &mut Choices<'_>) -> &'static functions::Function {
    let all: Vec<_> = functions::all()
        .filter(|f| !f.varies && !matches!(f.kernel, Kernel::Refused(_)))
        .collect();
    choices.of(&all)
}

/// A call of an aggregate, with or without a name.
pub fn aggregate(choices: &mut Choices<'_>) -> String {
    let aggregate = choices.of(aggregates::ALL);
    let usage = aggregate.usage().split("; ").next().unwrap_or_default();
    let call = match choices.once_in(5) {
        true => format!("{}(eval({}))", aggregate.name(), expression(choices)),
        false => grammar::write(&grammar::read(usage), choices, &mut blank),
    };
    match choices.once_in(3) {
        true => format!("{call} AS {}", blank("name", choices)),
        false => call,
    }
}

/// What usage lines say of aggregates, and lines that say in prose what is typed.
const READ_AS: &[(&str, &str)] = &[
    ("\"<text>\"", "<text>"),
    ("\"<characters>\"", "<characters>"),
    ("<function>[(<field>)] [AS <name>]…", "<aggregate>…"),
    ("<function>(<field>) [AS <name>]…", "<aggregate>…"),
    ("<function>[(<field>)]", "<aggregate>"),
    ("<function>", "count"),
];
const INSTEAD: &[(&str, &str)] = &[
    ("search", "<search>"),
    ("where", "<expression>"),
    ("fields", "[+|-] <field>[, <field>]…"),
    (
        "sort",
        "[<N>] [+|-]<field>[, <field>]… | [-]num(<field>) | str(<field>) [desc] | ip(<field>)",
    ),
    ("regex", "[<field>=]\"<regex>\""),
    (
        "rex",
        "[field=<field>] \"<regex>\" [max_match=<N>] [offset_field=<field>] | field=<field> mode=sed \"s/<regex>/<name>/g\"",
    ),
    ("gentimes", "start=-<N> [end=<N>] [increment=<N>h]"),
    (
        "makeresults",
        "[count=<N>] [annotate=<bool>] | format=json data=\"[{\\\"a\\\":1}]\"",
    ),
    (
        "map",
        "maxsearches=3 search=\"search n=$n$\" | [ search a=$a$ ]",
    ),
    ("savedsearch", "by_user [who=<name>]"),
    ("from", "lookup:users.csv"),
    (
        "lookup",
        "users.csv user AS <field> [OUTPUT dept] | users.csv user OUTPUTNEW boss AS <name>",
    ),
    (
        "streamstats",
        "[current=<bool>] [window=<N>] [global=<bool>] [reset_on_change=<bool>] [time_window=<span>] <aggregate>… [BY <field>…]",
    ),
];

/// A stage of a command: its name and arguments that follow its usage.
pub fn stage(command: &dyn commands::Command, choices: &mut Choices<'_>) -> String {
    let name = command.name();
    let usage = match INSTEAD.iter().find(|(n, _)| *n == name) {
        Some((_, usage)) => (*usage).to_owned(),
        None => {
            let usage = command.usage().split("; ").next().unwrap_or_default();
            let usage = usage.strip_prefix(name).unwrap_or(usage);
            READ_AS
                .iter()
                .fold(usage.to_owned(), |u, (from, to)| u.replace(from, to))
        }
    };
    let arguments = grammar::write(&grammar::read(&usage), choices, &mut blank);
    format!("{name} {}", arguments.trim_start())
}

/// One to three stages.
pub fn stages(choices: &mut Choices<'_>, most: usize) -> String {
    choices.depth += 1;
    let middle: Vec<_> = commands::ALL
        .iter()
        .filter(|c| c.place() == commands::Place::Anywhere)
        .collect();
    let count = match choices.depth > 2 {
        true => 0,
        false => choices.below(most),
    };
    let texts: Vec<String> = (0..=count)
        .map(|_| stage(*choices.of(&middle), choices))
        .collect();
    choices.depth -= 1;
    texts.join(" | ")
}

/// A search or a command that makes rows, and what follows.
pub fn pipeline(choices: &mut Choices<'_>, most: usize) -> String {
    let first: Vec<_> = commands::ALL
        .iter()
        .filter(|c| c.place() == commands::Place::First)
        .collect();
    let head = match choices.once_in(5) {
        true => format!("| {}", stage(*choices.of(&first), choices)),
        false => format!("search {}", search(choices)),
    };
    match choices.depth > 2 || choices.once_in(6) {
        true => head,
        false => format!("{head} | {}", stages(choices, most)),
    }
}
