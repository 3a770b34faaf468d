//! What the grammar of `search` accepts, how it groups, and what it refuses where.

use super::*;
use crate::syntax::ast::Comparator;

fn shown(text: &str) -> String {
    let (expr, diagnostics) = parse(text, 0);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    tree(&expr)
}

/// The tree with a parenthesis around every node that has several parts.
fn tree(expr: &SearchExpr) -> String {
    let list = |name: &str, items: &[SearchExpr]| {
        format!(
            "{name}({})",
            items.iter().map(tree).collect::<Vec<_>>().join(" ")
        )
    };
    match expr {
        SearchExpr::And(items) => list("and", items),
        SearchExpr::Or(items) => list("or", items),
        SearchExpr::Not(item) => format!("not({})", tree(item)),
        SearchExpr::Term(t) => format!("<{}>", t.node.literal.text),
        SearchExpr::Compare(c) => {
            let op = match c.node.op {
                Comparator::Equal => "=",
                Comparator::NotEqual => "!=",
                Comparator::Less => "<",
                Comparator::LessEqual => "<=",
                Comparator::Greater => ">",
                Comparator::GreaterEqual => ">=",
            };
            format!("{}{op}<{}>", c.node.field.node, c.node.value.node.text)
        }
        SearchExpr::In(l) => {
            let values = l.node.values.iter().map(|v| v.node.text.as_str());
            format!(
                "{} in<{}>",
                l.node.field.node,
                values.collect::<Vec<_>>().join(",")
            )
        }
        SearchExpr::Time(t) => format!("time {}<{}>", t.node.name.node, t.node.value.node),
        SearchExpr::Subsearch(p) => format!("[{} stages]", p.node.stages.len()),
    }
}

#[test]
fn or_binds_tighter_than_and() {
    assert_eq!(shown("a b OR c d"), "and(<a> or(<b> <c>) <d>)");
    assert_eq!(shown("a AND b OR c"), "and(<a> or(<b> <c>))");
    assert_eq!(shown("A NOT B OR C"), "and(<A> or(not(<B>) <C>))");
    assert_eq!(shown("NOT(a OR b), c"), "and(not(or(<a> <b>)) <c>)");
    assert_eq!(shown("NOT ()"), "not(and())");
    assert_eq!(shown("or not and"), "and(<or> <not> <and>)");
}

#[test]
fn comparisons_take_blanks_quotes_and_odd_characters() {
    assert_eq!(
        shown(r#""user.username"="x" a = b c!= "" d>=1 e==2"#),
        "and(user.username=<x> a=<b> c!=<> d>=<1> e=<2>)"
    );
    assert_eq!(
        shown(r"sourcetype=aws:cloudtrail:lake path=C:\\Windows\\* u=http://x/y?z r=\d!a x{}.y=-1"),
        r"and(sourcetype=<aws:cloudtrail:lake> path=<C:\Windows\*> u=<http://x/y?z> r=<\d!a> x{}.y=<-1>)"
    );
    assert_eq!(
        shown("tag::host=x host::y s::\"a b\" ::1"),
        "and(tag::host=<x> host=<y> s=<a b> <::1>)"
    );
}

#[test]
fn escapes_resolve_before_quotes_pipes_and_backslashes() {
    assert_eq!(shown(r#"a="q\"\\n\T\*\|""#), r#"a=<q"\n\T\*|>"#);
}

#[test]
fn lists_directives_times_and_subsearches() {
    assert_eq!(
        shown(r#"a IN (1, "b c" d*) OR code IN(2)"#),
        "or(a in<1,b c,d*> code in<2>)"
    );
    assert_eq!(
        shown("a NOT IN (1) b NOT \"IN\""),
        "and(not(a in<1>) <b> not(<IN>))"
    );
    let (expr, _) = parse("CASE(Error) TERM(1.2.3) u=CASE(\"x y\")", 0);
    let SearchExpr::And(items) = expr else {
        panic!("a conjunction");
    };
    assert!(
        matches!(&items[0], SearchExpr::Term(t) if t.node.case && t.node.literal.text == "Error")
    );
    assert!(matches!(&items[1], SearchExpr::Term(t) if t.node.whole));
    assert!(matches!(&items[2], SearchExpr::Compare(c) if c.node.case));
    assert_eq!(
        shown("earliest=-24h@h latest = \"now\" latest>5 [search x | fields y]"),
        "and(time earliest<-24h@h> time latest<now> latest><5> [2 stages])"
    );
}

#[test]
fn errors_point_at_what_is_wrong_and_all_are_told() {
    let errors = |text: &str| -> Vec<(&str, usize)> {
        let (_, diagnostics) = parse(text, 10);
        let place = |d: &crate::diagnostic::Diagnostic| (d.code.id, d.span.map_or(0, |s| s.start));
        diagnostics.iter().map(place).collect()
    };
    assert_eq!(errors("(a OR b"), [("E0104", 10)]);
    assert_eq!(errors("a=1) b"), [("E0105", 13)]);
    assert_eq!(
        errors("a OR | b AND"),
        [("E0103", 12), ("E0103", 15), ("E0103", 19)]
    );
    assert_eq!(errors("a= (b) x=y=z"), [("E0103", 13), ("E0103", 20)]);
    assert_eq!(errors("a IN (x b=\""), [("E0104", 20)]);
    assert_eq!(errors("NOT"), [("E0103", 10)]);
    assert_eq!(errors("a XOR b"), [("E0103", 12)]);
    assert_eq!(errors("[search [x] | ]"), [("E0106", 22)]);
}

#[test]
fn depth_is_limited() {
    let depths = || {
        let errors = |text: &str| -> Vec<(&str, usize)> {
            let (_, diagnostics) = parse(text, 10);
            let place =
                |d: &crate::diagnostic::Diagnostic| (d.code.id, d.span.map_or(0, |s| s.start));
            diagnostics.iter().map(place).collect()
        };
        let deep = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(errors(&deep).contains(&("E0120", 410)));
        assert_eq!(
            errors(&format!("{}a", "NOT ".repeat(100_000))),
            [("E0120", 10)]
        );
    };
    // As much stack as the program gives itself.
    let thread = std::thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(depths)
        .unwrap();
    thread.join().unwrap();
}
