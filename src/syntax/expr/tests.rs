//! What the grammar of expressions accepts, how it groups, and what it refuses where.

use super::*;
use crate::syntax::ast::ExprKind;

/// The tree with a parenthesis around every operation.
fn tree(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(tree).collect::<Vec<_>>().join(" ");
    match &expr.kind {
        ExprKind::Number(n) => n.to_string(),
        ExprKind::Text(t) => format!("{t:?}"),
        ExprKind::Field(f) => f.clone(),
        ExprKind::Unary(op, item) => format!("({op:?} {})", tree(item)),
        ExprKind::Binary(op, a, b) => format!("({} {op:?} {})", tree(a), tree(b)),
        ExprKind::Call(name, items) => format!("{}[{}]", name.node, list(items)),
        ExprKind::In(item, items) => format!("({} in {})", tree(item), list(items)),
        ExprKind::Json(text) => text.clone(),
        ExprKind::Subsearch(p) => format!("[{} stages]", p.stages.len()),
    }
}

fn shown(text: &str) -> String {
    let (expr, diagnostics) = parse(text, 0);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    tree(&expr.unwrap())
}

fn errors(text: &str) -> Vec<(&'static str, usize)> {
    let (expr, diagnostics) = parse(text, 10);
    assert_eq!(expr.is_none(), !diagnostics.is_empty());
    let place = |d: &Diagnostic| (d.code.id, d.span.map_or(0, |s| s.start));
    diagnostics.iter().map(place).collect()
}

#[test]
fn operators_bind_as_documented() {
    assert_eq!(shown("1+2*3-4"), "((1 Add (2 Multiply 3)) Subtract 4)");
    assert_eq!(shown("a.b.\"x\"+1"), "(((a Concat b) Concat \"x\") Add 1)");
    assert_eq!(shown("7 . 2"), "(7 Concat 2)");
    assert_eq!(shown("a OR b and c XOR d"), "((a Or (b And c)) Xor d)");
    assert_eq!(shown("NOT a=1 AND b"), "((Not (a Compare(Equal) 1)) And b)");
    assert_eq!(
        shown("-a*b - -2"),
        "(((Minus a) Multiply b) Subtract (Minus 2))"
    );
    assert_eq!(shown("server-1"), "(server Subtract 1)");
}

#[test]
fn json_is_told_from_names_and_subsearches() {
    assert_eq!(
        shown(r#"f({ "a b" : [1, {"c":"]} \""}] }, [ ], [true, x])"#),
        r#"f[{"a b":[1,{"c":"]} \""}]} [] [true,x]]"#
    );
    assert_eq!(shown("[search a | head 1]"), "[2 stages]");
    assert_eq!(errors("{\"a\": 1"), [("E0104", 10)]);
    assert_eq!(errors("{a}"), [("E0103", 10)]);
}

#[test]
fn operands_of_every_kind() {
    assert_eq!(
        shown(r#"If (Match('a b{}.c', "^\d\\.\"$"), null(), .5e1)"#),
        r#"if[match[a b{}.c "^\\d\\.\"$"] null[] 5]"#
    );
    assert_eq!(
        shown("x in(1,\"b\") or y LIKE \"a%\""),
        "((x in 1 \"b\") Or (y Like \"a%\"))"
    );
    assert_eq!(
        shown("like(x,\"a\") AND in(y, 1) AND not(z)"),
        "((like[x \"a\"] And in[y 1]) And (Not z))"
    );
    assert_eq!(
        shown("cpu:mem > [search x | return 1]"),
        "(cpu:mem Compare(Greater) [2 stages])"
    );
    assert_eq!(shown("true"), "true");
}

#[test]
fn spans_cover_the_text_of_each_part() {
    let (expr, _) = parse(" (a + bc)*d", 100);
    let expr = expr.unwrap();
    assert_eq!((expr.span.start, expr.span.end), (102, 111));
    let ExprKind::Binary(_, left, _) = expr.kind else {
        panic!("an operation");
    };
    assert_eq!((left.span.start, left.span.end), (102, 108));
}

#[test]
fn all_errors_of_a_call_are_told() {
    assert_eq!(
        errors("if(a+, b c, 1d)"),
        [("E0103", 15), ("E0103", 19), ("E0103", 22)]
    );
    assert_eq!(errors("(a"), [("E0104", 10)]);
    assert_eq!(errors("f(a, (b"), [("E0104", 15)]);
    assert_eq!(errors("a)"), [("E0105", 11)]);
    assert_eq!(errors("a=\"x"), [("E0104", 12)]);
    assert_eq!(errors("a{}.b=1"), [("E0103", 11)]);
    assert_eq!(errors("a b"), [("E0103", 12)]);
    assert_eq!(errors(""), [("E0103", 10)]);
    assert_eq!(errors("and=1"), [("E0103", 10)]);
}

#[test]
fn depth_is_limited() {
    // As much stack as the program gives itself.
    let thread = std::thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(depths)
        .unwrap();
    thread.join().unwrap();
}

fn depths() {
    let n = 100_000;
    assert_eq!(
        errors(&format!("{}a{}", "(".repeat(n), ")".repeat(n)))[0].0,
        "E0120"
    );
    assert_eq!(errors(&format!("{}a", "f(".repeat(n)))[0].0, "E0120");
    assert_eq!(errors(&format!("{}a", "-".repeat(n)))[0].0, "E0120");
    assert_eq!(errors(&format!("a{}", "+a".repeat(n)))[0].0, "E0120");
    assert!(errors(&format!("a{}", " OR a".repeat(900))).is_empty());
}

#[test]
fn assignments_are_separated_by_commas() {
    let text = r#"a=b=c, 'b c' = 1,"d e"=f(1,2), {x}="y", p_{q}.r=2"#;
    let (list, diagnostics) = assignments(text, 0);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let names: Vec<_> = list.iter().map(|a| a.target.node.as_str()).collect();
    assert_eq!(names, ["a", "b c", "d e", "{x}", "p_{q}.r"]);
    let (_, diagnostics) = assignments("a=, b 1, c=f(,), d=1 2, e=1,", 0);
    let places: Vec<_> = diagnostics.iter().map(|d| d.span.unwrap().start).collect();
    assert_eq!(places, [2, 6, 13, 14, 21, 28]);
}
