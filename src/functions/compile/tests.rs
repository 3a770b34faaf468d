//! Tests of the compiler: takes expression texts, checks errors, kinds, constants.

use super::*;
use crate::functions::testing::{errors, program};

#[test]
fn all_errors_come_at_once() {
    let found = errors("nosuch(1) + if(a,1) + match(b, \"(\") + cidrmatch(\"x\", c)");
    assert_eq!(found, ["E0107", "E0108", "E0113", "E0121"]);
    assert_eq!(errors("lookup(\"a.csv\", b, c)"), ["E0117"]);
    assert_eq!(errors("case(a==1)"), ["E0108"]);
    assert_eq!(errors("mvfilter(a=b)"), ["E0121"]);
    assert_eq!(errors("tonumber(\"seven\")"), ["E0121"]);
    assert_eq!(errors("relative_time(now(), \"-1q@z\")"), ["E0114"]);
}

#[test]
fn an_unknown_function_has_a_neighbour() {
    let expr = crate::functions::testing::parse("isnul(a)");
    let error = compile(&expr, &Context::default()).unwrap_err();
    assert_eq!(
        error[0].help.as_deref(),
        Some("the nearest function is `isnull`")
    );
    assert_eq!(error[0].span, Some(Span::new(0, 5)));
}

#[test]
fn constants_fold_and_fields_are_known() {
    assert_eq!(program("1+2*3").constant(), Some(&Value::Number(7.0)));
    assert_eq!(
        program("upper(\"a\").1").constant(),
        Some(&Value::from("A1"))
    );
    assert_eq!(program("random()").constant(), None);
    let fields = program("if(a>1, 'b.c', mvmap(d, d*e))").fields().clone();
    let names: Vec<&str> = fields.iter().map(|f| &**f).collect();
    assert_eq!(names, ["a", "b.c", "d", "e"]);
}

#[test]
fn boolean_results_are_known() {
    for (text, boolean) in [
        ("isnull(a)", true),
        ("a==1", true),
        ("NOT a", true),
        ("a LIKE \"x\"", true),
        ("a IN (1,2)", true),
        ("if(a, true(), \"x\")", false),
        ("if(a, true(), b==1)", true),
        ("case(a, 1==1)", true),
        ("if(a==1, \"x\", null())", false),
        ("tostring(1==1)", false),
        ("coalesce(a, b)", false),
    ] {
        assert_eq!(program(text).gives_boolean(), boolean, "{text}");
    }
}

#[test]
fn tall_expressions_do_not_exhaust_the_stack() {
    // As much stack as a worker of the driver has.
    let work = || {
        let text = format!("a{}", "+a".repeat(900));
        assert_eq!(crate::functions::testing::on(&text, &[("a", "1")]), "901");
    };
    let thread = std::thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(work)
        .unwrap();
    thread.join().unwrap();
}
