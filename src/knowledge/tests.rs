//! Tests of expansion: takes macro files and queries, checks text, places and errors.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::diagnostic::{Diagnostics, SourceText, Span, Style, render};
use proptest::prelude::*;
use std::sync::Arc;

/// Evaluates by rote: `"a" + b` style expressions are not needed to see what is asked.
struct Rote;

impl Evaluator for Rote {
    fn text(&self, expression: &str, arguments: &[(String, String)]) -> Result<String, String> {
        if expression.contains("fail") {
            return Err("the expression gives null".into());
        }
        Ok(format!("<{expression}> {arguments:?}"))
    }

    fn truth(&self, expression: &str, _: &[(String, String)]) -> Result<Verdict, String> {
        match expression {
            "says" => Ok(Verdict::Says("too small".into())),
            text => Ok((!text.contains("bad")).into()),
        }
    }
}

fn source(name: &str, text: &str) -> Arc<SourceText> {
    Arc::new(SourceText {
        name: name.into(),
        text: text.into(),
        first_line: 1,
    })
}

fn library(conf: &str) -> Library {
    let (stanzas, errors) = conf::read(&source("macros.conf", conf));
    assert!(errors.is_empty(), "{errors:?}");
    let built = stanzas
        .iter()
        .map(|s| definition::from_stanza(s, "macros.conf".into()).unwrap());
    Library::of(built)
}

fn run(conf: &str, query: &str) -> Result<Expanded, Diagnostics> {
    let library = library(conf);
    let request = Request {
        library: &library,
        evaluator: &Rote,
        optional: Some("own_filter"),
        generating: &|command| matches!(command, "makeresults" | "tstats"),
    };
    expand(&Mapped::whole(&source("query", query)), &request)
}

fn text(conf: &str, query: &str) -> String {
    run(conf, query).unwrap().text
}

/// The first error's code and message.
fn errors(conf: &str, query: &str) -> Vec<String> {
    let errors = run(conf, query).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

const SUM: &str = "[f(1)]\nargs = x\ndefinition = a=$x$ b=\"$x$\"\n[f(2)]\nargs = x, y\ndefinition = $x$-$y$\n[f]\ndefinition = none\n";

#[test]
fn arguments_are_put_everywhere_and_count_tells_macros_apart() {
    assert_eq!(text(SUM, "`f(1)`"), "a=1 b=\"1\"");
    assert_eq!(text(SUM, "`f(1, if(a,b))`"), "1-if(a,b)");
    assert_eq!(text(SUM, "`f` `f()`"), "none none");
    assert_eq!(text(SUM, "`f(y=2, x = 1)`"), "1-2");
    assert_eq!(text(SUM, "`f(x==2, x!=1)`"), "x==2-x!=1");
    assert_eq!(text(SUM, r#"`f("a, b", "c")`"#), "a, b-c");
}

#[test]
fn quotes_in_an_argument_stay_right_on_both_sides_of_quotes() {
    assert_eq!(
        text(SUM, r#"`f("say \"hi\"")`"#),
        r#"a=say "hi" b="say \"hi\"""#
    );
    assert_eq!(text(SUM, r#"`f("")`"#), "a= b=\"\"");
}

#[test]
fn calls_nest_in_definitions_and_arguments() {
    let conf = "[g(1)]\nargs = x\ndefinition = (`h($x$)`)\n[h(1)]\nargs = x\ndefinition = <$x$>\n";
    assert_eq!(text(conf, "`g(`g(`h(1)`)`)`"), "(<(<<1>>)>)");
}

#[test]
fn quotes_hide_macros_and_comments_become_a_space() {
    assert_eq!(
        text(SUM, r#""audit`f`local" `f`"#),
        r#""audit`f`local" none"#
    );
    assert_eq!(text("", "x | stats```a | `b` ```count"), "x | stats count");
    assert_eq!(text("[m]\ndefinition = a```c```b", "`m`"), "a b");
    assert_eq!(text(SUM, "`f(1 ```one, \" )```, 2)`"), "1  -2");
}

#[test]
fn an_empty_macro_drops_its_stage_or_is_no_term() {
    let conf = "[e]\ndefinition =\n[c]\ndefinition = ```only a comment```\n[n]\ndefinition = `e`\n";
    assert_eq!(text(conf, "a | `e` | stats count"), "a | stats count");
    assert_eq!(text(conf, "a\n| `c`\n| `n`"), "a\n");
    assert_eq!(text(conf, "a `e` | stats count"), "a  | stats count");
    assert_eq!(
        text(conf, "a [search b | `e`] | head"),
        "a [search b ] | head"
    );
    assert_eq!(text(conf, "a | `e` | | head"), "a | | head");
    assert_eq!(text(conf, "a | | `e`"), "a | ");
    assert_eq!(text(conf, "| `e` | head"), "| head");
    assert_eq!(text(conf, "`e` | stats count"), "* | stats count");
    assert_eq!(text(conf, "`e` | makeresults"), " | makeresults");
    assert_eq!(text(conf, "a \"|\" | `own_filter`"), "a \"|\" ");
}

#[test]
fn only_the_own_filter_may_be_missing_and_it_is_said() {
    let expanded = run("", "a | `own_filter`").unwrap();
    assert_eq!(
        expanded.remarks,
        ["macro `own_filter` is not defined and taken as empty"]
    );
    assert_eq!(errors("", "a | `other_filter` | `own_filter(1)`").len(), 2);
}

#[test]
fn each_wrong_call_is_an_error_and_all_are_told() {
    let found = errors(SUM, "`g` `f(1,2,3)` `f(x=1, 2)` `own`");
    assert_eq!(found[0], "E0201: macro `g` is not defined");
    assert_eq!(found[1], "E0202: macro `f` is called with 3 arguments");
    assert_eq!(
        found[2],
        "E0202: macro `f(2)`: some arguments are given by name and some by position"
    );
    assert_eq!(found.len(), 4);
    assert_eq!(errors("", "a `b"), ["E0104: this macro call is not closed"]);
    assert_eq!(errors("", "a ```b"), ["E0104: this comment is not closed"]);
}

#[test]
fn a_cycle_is_named_in_full_and_shown_where_it_closes() {
    let conf =
        "[a]\ndefinition = x `b`\n[b]\ndefinition = `c(1)`\n[c(1)]\nargs = x\ndefinition = `b`\n";
    let found = run(conf, "`a`").unwrap_err();
    assert_eq!(found[0].message, "macro `b` calls itself: b -> c(1) -> b");
    let places: Vec<&str> = found[0]
        .labels
        .iter()
        .map(|l| l.source.name.as_str())
        .collect();
    assert_eq!(
        places,
        ["macros.conf", "macros.conf", "macros.conf", "query"]
    );
}

#[test]
fn depth_and_size_are_limited() {
    let chain: String = (0..150)
        .map(|i| format!("[m{i}]\ndefinition = `m{}`\n", i + 1))
        .collect();
    assert_eq!(
        errors(&chain, "`m0`")[0],
        "E0204: macro calls are nested over 100 deep"
    );
    let grow = |leaf: &str| -> String {
        let level = |i: usize| format!("[m{i}]\ndefinition = `m{}``m{}`\n", i + 1, i + 1);
        (0..40).map(level).collect::<String>() + "[m40]\ndefinition = " + leaf + "\n"
    };
    assert!(errors(&grow("0123456789abcdef"), "`m0`")[0].starts_with("E0205"));
    assert!(errors(&grow(""), "`m0`")[0].starts_with("E0205"));
    let nested = "`f(".repeat(200) + "1" + &")`".repeat(200);
    assert!(errors(SUM, &nested)[0].starts_with("E0204"));
}

#[test]
fn eval_based_definitions_and_validation_ask_the_evaluator() {
    let conf = "[e(1)]\nargs = x\ndefinition = \"$x$\" + x\niseval = 1\nvalidation = $x$\nerrormsg = no good\n[v(1)]\nargs = x\ndefinition = a\nvalidation = says\n[w(1)]\nargs = x\niseval = true\ndefinition = fail\n";
    assert_eq!(text(conf, "`e(7)`"), "<\"7\" + x> [(\"x\", \"7\")]");
    assert_eq!(errors(conf, "`e(bad)`"), ["E0207: no good"]);
    assert_eq!(errors(conf, "`v(1)`"), ["E0207: too small"]);
    assert!(errors(conf, "`w(1)`")[0].starts_with("E0208"));
}

#[test]
fn an_error_in_a_macro_shows_the_macro_then_the_call() {
    let conf = "# a\n[m(1)]\nargs = x\ndefinition = stats cuont by $x$ \\\n  | nope\n";
    let expanded = run(conf, "a\n| `m(user)`").unwrap();
    let at = expanded.text.find("nope").unwrap();
    let mut error = crate::diagnostic::Diagnostic::at(
        &crate::diagnostic::code::UNKNOWN_COMMAND,
        Span::new(at, at + 4),
        "unknown command `nope`",
    )
    .help("the nearest command is `none`");
    expanded.map.resolve(std::slice::from_mut(&mut error));
    let shown = render(&error, Style::Plain);
    assert!(shown.contains("macros.conf:5:5"), "{shown}");
    assert!(shown.contains("query:2:3"), "{shown}");
    let at = expanded.text.find("user").unwrap();
    let labels = expanded.map.locate(Span::new(at, at + 4));
    assert_eq!(
        (labels[0].source.name.as_str(), labels[0].span),
        ("query", Span::new(7, 11))
    );
}

proptest! {
    #[test]
    fn text_without_backticks_stays_as_it_is(query in "[^`]{0,60}") {
        let expanded = run("", &query).unwrap();
        prop_assert_eq!(&expanded.text, &query);
        let labels = expanded.map.locate(Span::new(0, query.len()));
        prop_assert!(query.is_empty() || labels[0].span == Span::new(0, query.len()));
    }

    #[test]
    fn any_text_expands_or_is_refused_with_places_in_their_texts(
        query in "([a-c|\" ,()\\[\\]é=\\\\]|`f`|`f\\(|\\)`|`|```|`e`|`f\\(1,\"é\"\\)`){0,25}",
    ) {
        let conf = format!("{SUM}[e]\ndefinition =\n");
        match run(&conf, &query) {
            Ok(expanded) => {
                for (at, c) in expanded.text.char_indices() {
                    for label in expanded.map.locate(Span::new(at, at + c.len_utf8())) {
                        prop_assert!(label.source.text.get(label.span.start..label.span.end).is_some());
                    }
                }
            }
            Err(errors) => {
                for error in errors {
                    prop_assert!(!error.labels.is_empty());
                    for label in &error.labels {
                        prop_assert!(label.source.text.get(label.span.start..label.span.end).is_some());
                    }
                    prop_assert!(!render(&error, Style::Plain).is_empty());
                }
            }
        }
    }
}

#[test]
fn the_shipped_detection_expands_with_the_shipped_macros() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let (library, errors, notices) = Library::load(&[root.join("macros")]);
    assert!(errors.is_empty() && notices.list().is_empty(), "{errors:?}");
    let name = "amazon_eks_kubernetes_pod_scan_detection";
    let query = saved::find(name, &[root.join("queries")]).unwrap();
    let filter = query.filter_name();
    let request = Request {
        library: &library,
        evaluator: &Rote,
        optional: Some(&filter),
        generating: &|_| false,
    };
    let expanded = expand(&query.search, &request).unwrap();
    assert!(
        expanded
            .text
            .starts_with("sourcetype=\"aws:cloudwatchlogs:eks\" \"user.username\"=")
    );
    assert!(expanded.text.trim_end().ends_with("ctime(firstTime)"));
    assert_eq!(query.tags.risk_score, Some(25));
    let at = expanded.text.find("by src_ip").unwrap();
    let label = &expanded.map.locate(Span::new(at, at + 9))[0];
    assert_eq!(
        label.source.text.get(label.span.start..label.span.end),
        Some("by src_ip")
    );
}
