//! Tests of `rex`.

use crate::commands::testing::{check, demand, refused};

#[test]
fn one_match_unless_more_are_asked_for() {
    check(
        "* | rex \"(?<n>\\d+)\"",
        "{\"_raw\":\"1 2 3\"}",
        "{\"_raw\":\"1 2 3\",\"n\":1}",
    );
    check(
        "* | rex field=m max_match=2 \"(?<n>\\d+)(?<unit>k)?\" offset_field=at | fields - m",
        "{\"m\":\"ü1 23k 4\"}",
        "{\"n\":[\"1\",\"23\"],\"unit\":\"k\",\"at\":[\"n=1-1\",\"n=3-4&unit=5-5\"]}",
    );
    check(
        "* | rex field=m max_match=0 \"(?<m>\\d)\"",
        "{\"m\":\"1 2 3\"}",
        "{\"m\":[\"1\",\"2\",\"3\"]}",
    );
    check(
        "* | rex field=m \"(?<n>\\d)\" | fields n",
        "{\"m\":[\"a1\",\"b\",\"c23\"]}",
        "{\"n\":[\"1\",\"2\"]}",
    );
}

#[test]
fn a_row_without_a_match_keeps_its_fields() {
    check(
        "* | rex field=m \"(?<n>\\d+)\" | fields n",
        "{\"m\":\"a7\",\"n\":\"old\"}\n{\"m\":\"x\",\"n\":\"old\"}\n{\"n\":\"old\"}",
        "{\"n\":7}\n{\"n\":\"old\"}\n{\"n\":\"old\"}",
    );
}

#[test]
fn escapes_of_quoted_text_come_before_those_of_the_pattern() {
    check(
        r#"* | rex field=p "(?<file>[^\\\\]+)$" | rex field=m "name=\"(?<n>[^\"]+)\"" | fields file n"#,
        r#"{"p":"C:\\Windows\\cmd.exe","m":"name=\"a b\" x"}"#,
        r#"{"file":"cmd.exe","n":"a b"}"#,
    );
}

#[test]
fn sed_replaces_and_exchanges() {
    let edited = |sed: &str, from: &str, to: &str| {
        check(
            &format!("* | rex field=m mode=sed \"{sed}\""),
            &format!("{{\"m\":\"{from}\"}}"),
            &format!("{{\"m\":\"{to}\"}}"),
        );
    };
    edited("s/a/X/", "aaa", "Xaa");
    edited("s/a/X/g", "aaa", "XXX");
    edited("s/a/X/2", "aaa", "aXa");
    edited("s|(\\w)/(\\w)|\\2\\|\\1|", "a/b", "b|a");
    edited("y/abc/xyz/", "cab d", "zxy d");
    edited("s/a/b/g s/b/c/", "aa", "cb");
    check(
        "* | rex field=m mode=sed \"s/^a//\"",
        "{\"m\":[\"a1\",\"b2\"]}",
        "{\"m\":[\"1\",\"b2\"]}",
    );
}

#[test]
fn the_source_is_demanded_when_a_group_is() {
    assert_eq!(demand("rex field=m \"(?<n>.)\"", &["n"]), "n, m");
    assert_eq!(demand("rex \"(?<n>.)\"", &["x"]), "x");
    assert_eq!(demand("rex field=m mode=sed \"s/a/b/\"", &["x"]), "x");
}

#[test]
fn errors_say_where() {
    assert_eq!(refused("rex field=m")[0].0, "E0111");
    assert_eq!(
        refused("rex field=m \"(?<a>[\""),
        [("E0113", "\"(?<a>[\"".into())]
    );
    assert_eq!(refused("rex \"abc\""), [("E0113", "\"abc\"".into())]);
    assert_eq!(refused("rex mode=sad \"(?<a>.)\" max_match=x").len(), 2);
    for sed in ["s/a/b", "x/a/b/", "s/a/b/q", "s/a/b/0", "y/ab/c/"] {
        assert_eq!(
            refused(&format!("rex mode=sed \"{sed}\""))[0].0,
            "E0103",
            "{sed}"
        );
    }
    assert_eq!(
        refused("rex mode=sed max_match=2 \"s/a/b/\""),
        [("E0103", "max_match".into())]
    );
}
