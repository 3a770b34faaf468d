//! Laws of the parsers on generated input: what is printed parses back to the same tree, and no text makes a parser
//! panic.

use super::ast::*;
use super::{Args, aggregates, expr, highlight, parse_pipeline, parse_subsearch, search};
use crate::diagnostic::Span;
use proptest::prelude::*;

fn at<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Span::default())
}

/// Text with everything that has to be escaped.
fn text() -> impl Strategy<Value = String> {
    "[a-c \"'\\\\|*()\\[\\]=,.é]{0,6}"
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        text().prop_map(|text| Literal { text, quoted: true }),
        "[a-c*/:._-]{0,3}[a-c][\\\\\"|]{0,2}[a-c*]".prop_map(|text| Literal {
            text,
            quoted: false
        }),
    ]
}

fn comparator() -> impl Strategy<Value = Comparator> {
    prop_oneof![
        Just(Comparator::Equal),
        Just(Comparator::NotEqual),
        Just(Comparator::Less),
        Just(Comparator::LessEqual),
        Just(Comparator::Greater),
        Just(Comparator::GreaterEqual),
    ]
}

fn pipeline() -> Pipeline {
    parse_subsearch("search a | head 1", 0).0.unwrap()
}

fn search_leaf() -> impl Strategy<Value = SearchExpr> {
    let plain = |l: &Literal| l.quoted || !l.text.contains("::");
    let term =
        (literal().prop_filter("an indexed field", plain), 0..3_u8).prop_map(|(literal, kind)| {
            SearchExpr::Term(at(Term {
                literal,
                case: kind == 1,
                whole: kind == 2,
            }))
        });
    let compare =
        (text(), comparator(), literal(), any::<bool>()).prop_map(|(name, op, value, case)| {
            SearchExpr::Compare(at(Comparison {
                field: at(name),
                op,
                value: at(value),
                case,
            }))
        });
    let list = (text(), prop::collection::vec(literal(), 1..3)).prop_map(|(name, values)| {
        SearchExpr::In(at(InList {
            field: at(name),
            values: values.into_iter().map(at).collect(),
        }))
    });
    let time = text().prop_map(|value| {
        SearchExpr::Time(at(TimeBound {
            name: at("earliest".to_owned()),
            op: Comparator::Equal,
            value: at(value),
        }))
    });
    let subsearch = Just(SearchExpr::Subsearch(at(Box::new(pipeline()))));
    prop_oneof![4 => term, 4 => compare, 2 => list, 1 => time, 1 => subsearch]
}

fn search_tree() -> impl Strategy<Value = SearchExpr> {
    search_leaf().prop_recursive(4, 24, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several().prop_map(SearchExpr::And),
            several().prop_map(SearchExpr::Or),
            inner.clone().prop_map(|e| SearchExpr::Not(Box::new(e))),
            Just(SearchExpr::And(Vec::new())),
        ]
    })
}

fn expression(kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: Span::default(),
    }
}

fn binary() -> impl Strategy<Value = BinaryOp> {
    prop_oneof![
        Just(BinaryOp::Add),
        Just(BinaryOp::Subtract),
        Just(BinaryOp::Multiply),
        Just(BinaryOp::Divide),
        Just(BinaryOp::Remainder),
        Just(BinaryOp::Concat),
        comparator().prop_map(BinaryOp::Compare),
        Just(BinaryOp::Like),
        Just(BinaryOp::And),
        Just(BinaryOp::Or),
        Just(BinaryOp::Xor),
    ]
}

fn expr_tree() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        prop_oneof![(0.0..1e9_f64), (0..100_u8).prop_map(f64::from)].prop_map(ExprKind::Number),
        text().prop_map(ExprKind::Text),
        text().prop_map(ExprKind::Field),
        "[a-d_][a-d:0-9]{0,3}".prop_map(ExprKind::Field),
        prop_oneof![Just("{}"), Just("[\"a b\",{\"c\":[1,null]}]")]
            .prop_map(|text| ExprKind::Json(text.to_owned())),
        Just(ExprKind::Subsearch(Box::new(pipeline()))),
    ]
    .prop_map(expression);
    leaf.prop_recursive(5, 32, 3, |inner| {
        let several = |least| prop::collection::vec(inner.clone(), least..3);
        let boxed = || inner.clone().prop_map(Box::new);
        let sign = prop_oneof![
            Just(UnaryOp::Minus),
            Just(UnaryOp::Plus),
            Just(UnaryOp::Not)
        ];
        prop_oneof![
            (sign, boxed()).prop_map(|(op, e)| ExprKind::Unary(op, e)),
            (binary(), boxed(), boxed()).prop_map(|(op, a, b)| ExprKind::Binary(op, a, b)),
            ("[a-d][a-d_0-9]{0,3}", several(0)).prop_map(|(n, e)| ExprKind::Call(at(n), e)),
            (boxed(), several(1)).prop_map(|(e, list)| ExprKind::In(e, list)),
        ]
        .prop_map(expression)
    })
}

/// The tree as debug text without the spans, so that trees compare by shape.
fn shape(tree: &impl std::fmt::Debug) -> String {
    let text = format!("{tree:?}");
    let mut parts = text.split("span: Span {");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |shape, part| {
        shape + part.split_once('}').map_or(part, |(_, rest)| rest)
    })
}

/// Text made of the pieces of the language, in any order.
fn any_query() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "|",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "'",
        "`",
        "```",
        "\\",
        "=",
        "!=",
        "<",
        "::",
        ",",
        ".",
        "-",
        "+",
        "*",
        "{}",
        " ",
        "\n",
        "search",
        "stats",
        "eval",
        "NOT",
        "OR",
        "AND",
        "IN",
        "by",
        "as",
        "count",
        "avg(",
        "eval(",
        "a",
        "b.c",
        "1.5",
        "5m",
        "earliest",
        "CASE(",
        "TERM(",
        "limit=",
        "é",
        "日本",
        "$x$",
        "<<FIELD>>",
        "%",
        "LIKE",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn printed_search_parses_back(tree in search_tree()) {
        let printed = tree.to_string();
        let (parsed, diagnostics) = search::parse(&printed, 0);
        prop_assert!(diagnostics.is_empty(), "{}: {:?}", printed, diagnostics);
        prop_assert_eq!(shape(&parsed), shape(&tree), "{}", printed);
    }

    #[test]
    fn printed_expressions_parse_back(tree in expr_tree()) {
        let printed = tree.to_string();
        let (parsed, diagnostics) = expr::parse(&printed, 0);
        prop_assert!(diagnostics.is_empty(), "{}: {:?}", printed, diagnostics);
        prop_assert_eq!(shape(&parsed.unwrap()), shape(&tree), "{}", printed);
    }

    #[test]
    fn no_text_makes_a_parser_panic(query in any_query()) {
        let spans = |diagnostics: crate::diagnostic::Diagnostics| {
            diagnostics.iter().all(|d| d.span.is_some_and(|s| query.get(s.start..s.end).is_some()))
        };
        let (pipeline, diagnostics) = parse_pipeline(&query, 0);
        prop_assert!(spans(diagnostics));
        for stage in pipeline.iter().flat_map(|p| &p.stages) {
            let span = stage.arguments.span;
            prop_assert_eq!(query.get(span.start..span.end), Some(stage.arguments.node.as_str()));
        }
        prop_assert!(spans(parse_subsearch(&query, 0).1));
        prop_assert!(spans(search::parse(&query, 0).1));
        prop_assert!(spans(expr::parse(&query, 0).1));
        prop_assert!(spans(expr::assignments(&query, 0).1));
        prop_assert!(spans(aggregates::parse_aggregates(&query, 0).diagnostics));
    }

    #[test]
    fn no_text_makes_an_argument_reader_panic(query in any_query()) {
        let stage = StageText {
            name: at("stats".to_owned()),
            arguments: Spanned::new(query.trim().to_owned(), Span::new(7, 7 + query.trim().len())),
        };
        let mut args = Args::new(&stage, "stats");
        let _ = args.options(&["limit"]).count("limit", 1);
        let _ = (args.integer(), args.sort_keys(), args.aggregates(), args.fields(&["by"]));
        let _ = (args.by_clause(&[]), args.subsearch(), args.regex(), args.take_rest());
        let end = 7 + query.trim().len();
        for diagnostic in args.finish().err().unwrap_or_default() {
            prop_assert!(diagnostic.span.is_some_and(|s| s.start >= 7 && s.end <= end), "{:?}", diagnostic);
        }
    }

    #[test]
    fn tokens_cover_any_text_in_order(query in any_query()) {
        let mut end = 0;
        for (span, _) in highlight::tokens(&query) {
            prop_assert!(query[end..span.start].trim().is_empty());
            prop_assert!(span.end > span.start);
            end = span.end;
        }
        prop_assert!(query[end..].trim().is_empty());
        let _ = highlight::is_complete(&query);
    }
}
