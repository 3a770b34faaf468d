//! What must hold whatever the events and the query: filtering before parsing changes no answer, and neither does how
//! the input is cut into batches and spread over threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::{Map, Value};
use spelunk::session::run_for_test;

type Rows = Vec<Map<String, Value>>;

fn run(
    query: &str,
    input: &str,
    options: &[&str],
    batch: usize,
    threads: usize,
) -> Result<Rows, String> {
    let options: Vec<String> = options.iter().map(|o| (*o).to_owned()).collect();
    run_for_test(query, input.as_bytes(), &[], &options, batch, threads)
}

/// A JSON string as one of the ways to write it: plain, with an escaped letter, with an escaped slash, in capitals.
fn spelled(text: &str, way: u8) -> String {
    let plain = Value::from(text).to_string();
    match way {
        0 => plain,
        1 => {
            let mut out = String::from("\"");
            for (i, c) in text.chars().enumerate() {
                if i % 2 == 0 {
                    out.push_str(&format!("\\u{:04x}", c as u32))
                } else {
                    out.push(c)
                }
            }
            out + "\""
        }
        2 => plain.replace('/', "\\/"),
        _ => Value::from(text.to_uppercase()).to_string(),
    }
}

const WORDS: [&str; 8] = [
    "system:anonymous",
    "list",
    "pods",
    "/api/v1/pods",
    "kubelet",
    "K",
    "caf\u{e9}",
    "\u{212a}ube",
];

fn line() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&WORDS[..]);
    let field = (word, 0u8..4);
    prop_oneof![
        8 => (field.clone(), field.clone(), 0u8..5, 0i64..100).prop_map(|((a, x), (b, y), n, t)| {
            let tags: Vec<String> = (0..n).map(|i| spelled(WORDS[i as usize], x)).collect();
            format!("{{\"_time\":{t},\"user\":{{\"name\":{}}},\"verb\":{},\"n\":{n},\"tags\":[{}]}}", spelled(a, x), spelled(b, y), tags.join(","))
        }),
        1 => field.clone().prop_map(|(a, _)| format!("plain text with {a} in it")),
        3 => (field.clone(), field, 0u8..5, 0u8..4).prop_map(|((a, x), (b, _), n, form)| match form {
            0 => format!("ran verb={a} n={n} user-name=\"{b}\""),
            1 => format!("user_name = {b}; verb=\"{a}\" verb=list n={n}"),
            2 => format!("verb=\" {a} \" user.name={b} {{\"verb\":\"list\"}}"),
            _ => format!("{{\"_raw\":{},\"n\":{n}}}", spelled(&format!("n=9 verb={a} user-name=\"{b}\""), x)),
        }),
        1 => Just("{\"user\":{\"name\":\"system:anonymous\"".to_owned()),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let word = prop::sample::select(
        &[
            "system:anonymous",
            "list",
            "pods",
            "\"/api/v1/pods\"",
            "kub*",
            "*nony*",
            "k",
            "caf\u{e9}",
        ][..],
    );
    let term = (0u8..12, word).prop_map(|(kind, w)| match kind {
        0 => w.to_owned(),
        1 => format!("user.name={w}"),
        2 => format!("verb={w}"),
        3 => format!("\"tags{{}}\"={w}"),
        4 => format!("NOT verb={w}"),
        5 => "user.name=*".to_owned(),
        6 => "n>2".to_owned(),
        8 => format!("user_name={w}"),
        9 => "user_name=*".to_owned(),
        10 => format!("(user_name!={w} OR user.name={w})"),
        7 => format!("(n=1 OR \"tags{{}}\"!={w})"),
        _ => format!("(verb={w} OR user.name={w})"),
    });
    prop::collection::vec(term, 1..3).prop_map(|terms| terms.join(" "))
}

/// Ways to go on that can go on on disk; every aggregate is among them.
const SPILLING: [&str; 11] = [
    "top limit=2 useother=t verb by n",
    "top 0 user.name verb",
    "rare limit=3 n showperc=f",
    "table n verb user.name _raw",
    "stats count sum(n) as s dc(verb) as d values(tags{}) as v by user.name",
    "stats count by verb user.name n",
    "stats first(n) last(n) latest(verb) earliest(verb) earliest_time(n) latest_time(n) rate(n) list(tags{}) by verb",
    "stats avg(n) stdev(n) varp(n) median(n) perc90(n) range(n) sumsq(n) mode(verb) min(verb) max(n) estdc_error(n) by user.name",
    "fields - source | stats allnum=t sum(*) as sum_* max(*) as max_* by verb | sort 0 - verb",
    "sort 0 -n verb | table n verb tags{} _time",
    "sort 5 user.name -n | stats list(n) as l by verb",
];

/// Ways to go on after the search; each sees order, groups, or neither.
const TAILS: [&str; 6] = [
    "table n verb user.name",
    "stats count sum(n) as s dc(verb) as d values(tags{}) as v by user.name",
    "stats first(n) as f last(n) as l latest(verb) as v earliest(verb) as e list(n) as all",
    "sort 3 -n verb | table n verb",
    "dedup verb | table n verb",
    "top limit=2 verb by n",
];

/// Conditions behind a search; the last ones are errors for some events: a field of theirs is no regular expression,
/// or takes too many steps.
const CONDITIONS: [&str; 9] = [
    "where n>2",
    "where verb=\"list\" OR isnull('user.name')",
    "where match(verb, \"(?i)^li\") | where n%2=0",
    "regex verb=\"^[a-z]+$\"",
    "regex \"tags\" | search verb=list",
    "where like('user.name', \"%nony%\") | search NOT verb=pods | where n<4",
    "where mvcount('tags{}')>1 | stats count by n | where count>1",
    "where match(verb, 'user.name'.\"(\")",
    "where n>3 AND match(verb, if(n=4, \"(\", \"l\"))",
];

/// What came, without where the error stands: behind a barrier it stands elsewhere in the query.
fn bare(result: Result<Rows, String>) -> Result<Rows, String> {
    result.map_err(|text| text.lines().next().unwrap_or_default().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn filtering_before_parsing_changes_no_answer(lines in prop::collection::vec(line(), 0..40), query in query()) {
        let input = lines.join("\n");
        let query = format!("{query} | table n verb user.name user_name _raw");
        let skipping = run(&query, &input, &[], 4096, 1);
        let reading = run(&query, &input, &["--strict"], 4096, 1);
        prop_assert_eq!(skipping, reading, "{}\n{}", query, input);
    }

    #[test]
    fn cutting_and_spreading_change_no_answer(
        lines in prop::collection::vec(line(), 0..40),
        query in query(),
        tail in prop::sample::select(&TAILS[..]),
        batch in 1usize..9,
        threads in 1usize..4,
    ) {
        let input = lines.join("\n");
        let query = format!("{query} | {tail}");
        let whole = run(&query, &input, &[], 4096, 1);
        let cut = run(&query, &input, &[], batch, threads);
        prop_assert!(whole.is_ok(), "{:?}", whole);
        prop_assert_eq!(whole, cut, "{}\n{}", query, input);
    }

    #[test]
    fn conditions_in_the_source_change_no_answer(
        lines in prop::collection::vec(line(), 0..40),
        query in query(),
        condition in prop::sample::select(&CONDITIONS[..]),
        shown in prop::sample::select(&["table n verb user.name _raw", "stats count by n", "fields n, tags{}", "sort 0 n | fields - source"][..]),
        bound in prop::sample::select(&["--earliest=", "--earliest=20"][..]),
        batch in prop::sample::select(&[1usize, 3, 4096][..]),
        threads in 1usize..4,
    ) {
        let input = lines.join("\n");
        let options: &[&str] = if bound.ends_with('=') { &[] } else { &[bound] };
        // An eval that no one wants is a stage that the source can't do, and does nothing.
        let inside = format!("{query} | {condition} | {shown}");
        let outside = format!("{query} | eval barrier=1 | fields - barrier | {condition} | {shown}");
        let pushed = bare(run(&inside, &input, options, batch, threads));
        let chained = bare(run(&outside, &input, options, 4096, 1));
        prop_assert_eq!(pushed, chained, "{}\n{}", inside, input);
    }

    #[test]
    fn going_on_on_disk_changes_no_answer(
        lines in prop::collection::vec(line(), 0..40),
        tail in prop::sample::select(&SPILLING[..]),
        batch in 1usize..9,
        threads in 1usize..4,
        limit in prop::sample::select(&["1", "1KB", "8KB", "64KB"][..]),
    ) {
        let input = lines.join("\n");
        let query = format!("* | {tail}");
        let whole = run(&query, &input, &[], 4096, 1);
        let option = format!("--memory-limit={limit}");
        let spilled = run(&query, &input, &[option.as_str()], batch, threads);
        prop_assert!(whole.is_ok(), "{:?}", whole);
        prop_assert_eq!(whole, spilled, "{} {}\n{}", option, query, input);
    }
}

/// Of the errors that several workers meet, the one is told that comes first in the input. The first part of it takes
/// the longest, so that the others are met before.
#[test]
fn the_error_that_is_first_in_the_input_is_told() {
    let line = |pattern: &str| format!("{{\"a\":\"x\",\"p\":\"{pattern}\"}}\n");
    let blanks = " ".repeat(1 << 20) + "\n";
    let parts = [
        line("x").repeat(3000) + &line("(first"),
        line("(second"),
        line("(third"),
    ];
    let input = parts.join(&blanks);
    for query in [
        "* | where match(a, p) | stats count",
        "* | eval found=if(match(a, p), 1, 0) | stats sum(found)",
        "* | eval found=if(match(a, p), 1, 0) | table found",
    ] {
        for threads in [1, 2, 3, 3, 3, 3] {
            let error = run(query, &input, &[], 4096, threads).unwrap_err();
            assert!(
                error.contains("`(first`"),
                "{query}, {threads} threads: {error}"
            );
        }
    }
}
