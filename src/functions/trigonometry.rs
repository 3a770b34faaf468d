//! Trigonometric and hyperbolic functions: takes columns of numbers (angles in radians), gives columns of numbers.

use super::Function;
use super::math::{apply, apply_two, of_one, of_two};

pub(super) static FUNCTIONS: &[Function] = &[
    of_one(
        "acos",
        "acos(<number>)",
        "The arc cosine",
        ("acos(1)", "0"),
        |_, a| apply(a, f64::acos),
    ),
    of_one(
        "acosh",
        "acosh(<number>)",
        "The inverse hyperbolic cosine",
        ("acosh(1)", "0"),
        |_, a| apply(a, f64::acosh),
    ),
    of_one(
        "asin",
        "asin(<number>)",
        "The arc sine",
        ("asin(0)", "0"),
        |_, a| apply(a, f64::asin),
    ),
    of_one(
        "asinh",
        "asinh(<number>)",
        "The inverse hyperbolic sine",
        ("asinh(0)", "0"),
        |_, a| apply(a, f64::asinh),
    ),
    of_one(
        "atan",
        "atan(<number>)",
        "The arc tangent",
        ("round(atan(0.5), 4)", "0.4636"),
        |_, a| apply(a, f64::atan),
    ),
    of_two(
        "atan2",
        2,
        "atan2(<y>, <x>)",
        "The arc tangent of y over x, in the quadrant of both",
        ("round(atan2(0.5, 0.75), 4)", "0.588"),
        |_, a| apply_two(a, f64::atan2),
    ),
    of_one(
        "atanh",
        "atanh(<number>)",
        "The inverse hyperbolic tangent",
        ("round(atanh(0.5), 4)", "0.5493"),
        |_, a| apply(a, f64::atanh),
    ),
    of_one(
        "cos",
        "cos(<angle>)",
        "The cosine",
        ("cos(0)", "1"),
        |_, a| apply(a, f64::cos),
    ),
    of_one(
        "cosh",
        "cosh(<number>)",
        "The hyperbolic cosine",
        ("cosh(0)", "1"),
        |_, a| apply(a, f64::cosh),
    ),
    of_two(
        "hypot",
        2,
        "hypot(<a>, <b>)",
        "The hypotenuse of a right triangle with these legs",
        ("hypot(3, 4)", "5"),
        |_, a| apply_two(a, f64::hypot),
    ),
    of_one(
        "sin",
        "sin(<angle>)",
        "The sine",
        ("round(sin(90 * pi() / 180), 4)", "1"),
        |_, a| apply(a, f64::sin),
    ),
    of_one(
        "sinh",
        "sinh(<number>)",
        "The hyperbolic sine",
        ("sinh(0)", "0"),
        |_, a| apply(a, f64::sinh),
    ),
    of_one(
        "tan",
        "tan(<angle>)",
        "The tangent",
        ("tan(0)", "0"),
        |_, a| apply(a, f64::tan),
    ),
    of_one(
        "tanh",
        "tanh(<number>)",
        "The hyperbolic tangent",
        ("tanh(0)", "0"),
        |_, a| apply(a, f64::tanh),
    ),
];
