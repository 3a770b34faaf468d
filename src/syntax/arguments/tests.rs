//! The pieces of argument grammars on the forms that commands use.

use super::*;
use crate::syntax::parse_pipeline;

fn args(text: &str) -> Args {
    let (pipeline, diagnostics) = parse_pipeline(&format!("| {text}"), 0);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Args::new(&pipeline.unwrap().stages[0], "cmd [limit=N] field")
}

fn names(list: &[Spanned<String>]) -> Vec<&str> {
    list.iter().map(|f| f.node.as_str()).collect()
}

#[test]
fn options_stand_anywhere_and_leave_true_places() {
    let mut args =
        args(r#"cmd Limit = 5 a, sep="; \"x\"" b.c f=(x = "y z") sum(q=1) delim=, "d=e" by g"#);
    let options = args.options(&["limit", "sep", "f", "delim"]);
    assert_eq!(options.count("limit", 1).unwrap(), 5);
    assert_eq!(options.text("sep"), Some("; \"x\""));
    assert_eq!(options.text("f"), Some("(x = \"y z\")"));
    assert_eq!(options.text("delim"), Some(","));
    assert_eq!(options.get("limit").unwrap().name.span, Span::new(6, 11));
    assert_eq!(
        names(&args.fields(&["by"])),
        ["a", "b.c", "sum(q=1)", "d=e"]
    );
    assert_eq!(names(&args.by_clause(&[])), ["g"]);
    assert!(args.finish().is_ok());
}

#[test]
fn wrong_options_name_the_nearest() {
    let mut args = args("cmd limti=5 keep=maybe x");
    let options = args.options(&["limit", "keep"]);
    let refused = options.boolean("keep", true).unwrap_err();
    assert_eq!(
        (refused[0].code.id, refused[0].span),
        ("E0110", Some(Span::new(19, 24)))
    );
    assert_eq!(names(&args.fields(&[])), ["x"]);
    let errors = args.finish().unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code.id, "E0109");
    assert_eq!(
        errors[0].help.as_deref(),
        Some("the nearest option is `limit`")
    );
}

#[test]
fn fields_take_quotes_commas_and_wildcards() {
    let mut list = args(r#"cmd a , "b c" 'd e',f*,g{}.h AS "i j" byte"#);
    assert_eq!(
        names(&list.fields(&["as"])),
        ["a", "b c", "d e", "f*", "g{}.h"]
    );
    assert_eq!(list.alias().unwrap().node, "i j");
    assert!(!list.is_keyword("by"));
    assert_eq!(list.field().unwrap().node, "byte");
    let mut empty = args("cmd by");
    assert!(empty.by_clause(&[]).is_empty());
    assert_eq!(empty.finish().unwrap_err()[0].code.id, "E0111");
}

#[test]
fn sort_keys_have_signs_functions_and_a_trailing_turn() {
    let mut sort = args("sort 10 -_time, + a -num(b) ip('c d') desc");
    assert_eq!(sort.integer().unwrap().node, 10);
    let (keys, turned) = sort.sort_keys();
    let read: Vec<_> = keys
        .iter()
        .map(|k| (k.field.node.as_str(), k.descending, k.kind))
        .collect();
    assert_eq!(
        read,
        [
            ("_time", true, SortKind::Auto),
            ("a", false, SortKind::Auto),
            ("b", true, SortKind::Number),
            ("c d", false, SortKind::Address),
        ]
    );
    assert!(turned && sort.finish().is_ok());
    let (keys, turned) = args("sort - d").sort_keys();
    assert!(keys[0].descending && keys[0].field.node == "d" && !turned);
}

#[test]
fn regexes_keep_their_backslashes() {
    let mut rex = args(r#"rex "(?<a>\d+)\"\\ (x|y)""#);
    assert_eq!(rex.regex().unwrap().node, r#"(?<a>\d+)"\\ (x|y)"#);
    assert!(rex.finish().is_ok());
}

#[test]
fn subsearches_and_their_errors_come_with_places() {
    let mut join = args("join a, b [search x | head 1] c");
    assert_eq!(names(&join.fields(&[])), ["a", "b"]);
    let inner = join.subsearch().unwrap();
    assert_eq!(inner.node.stages[1].name.span, Span::new(24, 28));
    assert_eq!(join.finish().unwrap_err()[0].span, Some(Span::new(32, 33)));
    let mut broken = args("append [search x | ]");
    assert!(broken.subsearch().is_none());
    assert_eq!(broken.finish().unwrap_err()[0].code.id, "E0106");
}
