//! Tests of `convert`.

use crate::commands::testing::{check, demand, refused};

#[test]
fn times_go_both_ways() {
    check(
        "* | convert ctime(t) AS c timeformat=\"%H:%M:%S\"",
        "{\"t\":1700000000}\n{\"t\":\"x\"}\n{\"t\":[\"0\",\"1\"]}",
        "{\"t\":1700000000,\"c\":\"22:13:20\"}\n{\"t\":\"x\"}\n{\"t\":[\"0\",\"1\"],\"c\":[\"00:00:00\",\"00:00:01\"]}",
    );
    check(
        "* | convert ctime(t)",
        "{\"t\":1700000000}",
        "{\"t\":\"11/14/2023 22:13:20\"}",
    );
    check(
        "* | convert timeformat=\"%Y-%m-%d %H:%M:%S\" mktime(t)",
        "{\"t\":\"2023-11-14 22:13:20\"}\n{\"t\":\"never\"}",
        "{\"t\":1700000000}\n{\"t\":\"never\"}",
    );
}

#[test]
fn every_function() {
    check(
        "* | convert rmcomma(a) memk(b) memk(c) memk(d) mstime(e) rmunit(f) dur2sec(g) num(h) num(i)",
        "{\"a\":\"1,000,000.00\",\"b\":\"100k\",\"c\":\"1g\",\"d\":\"x\",\"e\":\"02:30.500\",\"f\":\"-1.5kb\",\"g\":\"1+00:00:01\",\"h\":\"1,5\",\"i\":\"none\"}",
        "{\"a\":\"1000000.00\",\"b\":100,\"c\":1048576,\"d\":\"x\",\"e\":150.5,\"f\":\"-1.5\",\"g\":86401,\"h\":15}",
    );
}

#[test]
fn auto_converts_all_values_or_none() {
    check(
        "* | convert auto(*)",
        "{\"a\":\"1,000\",\"b\":\"5\"}\n{\"a\":\"20\",\"b\":\"x\"}",
        "{\"a\":1000,\"b\":\"5\"}\n{\"a\":20,\"b\":\"x\"}",
    );
    check(
        "* | convert auto(a) auto(b) AS c",
        "{\"a\":\"00:01:00\",\"b\":\"5 kb\"}\n{\"a\":\"01:00:00\",\"b\":\"6 kb\"}",
        "{\"a\":60,\"b\":\"5 kb\",\"c\":5}\n{\"a\":3600,\"b\":\"6 kb\",\"c\":6}",
    );
}

#[test]
fn none_spares_a_field_of_a_pattern() {
    check(
        "* | convert rmunit(*) none(s)",
        "{\"v\":\"5 kb\",\"s\":\"7 x\",\"_time\":\"3 x\"}",
        "{\"v\":\"5\",\"s\":\"7 x\",\"_time\":\"3 x\"}",
    );
}

#[test]
fn demand_maps_new_fields_back() {
    assert_eq!(demand("convert ctime(a)", &["a"]), "a");
    assert_eq!(demand("convert ctime(a)", &["b"]), "b");
    assert_eq!(demand("convert ctime(a) AS b", &["b"]), "b, a");
    assert_eq!(demand("convert num(a*) AS b*", &["b1"]), "b1, a1");
}

#[test]
fn errors_say_where() {
    assert_eq!(
        refused("convert ctim(a) b ctime() timformat=x num(c*) as d"),
        [
            ("E0107", "ctim(a)".into()),
            ("E0103", "b".into()),
            ("E0103", "ctime()".into()),
            ("E0109", "timformat".into()),
            ("E0118", "d".into()),
        ]
    );
    assert_eq!(refused("convert")[0].0, "E0111");
}
