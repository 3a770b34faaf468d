//! AND, OR, XOR and NOT on columns: takes truths with nulls, gives truths by three-valued logic.
//!
//! Null is "unknown": false AND null is false, true OR null is true, all else with a null is null.

use arrow_array::{Array, BooleanArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};

/// The bits that are surely true and those that are surely false.
fn sides(array: &BooleanArray) -> (BooleanBuffer, BooleanBuffer) {
    let values = array.values();
    match array.nulls() {
        None => (values.clone(), !values),
        Some(nulls) => (values & nulls.inner(), &!values & nulls.inner()),
    }
}

fn join(yes: BooleanBuffer, no: &BooleanBuffer) -> BooleanArray {
    let known = NullBuffer::new(&yes | no);
    BooleanArray::new(yes, Some(known).filter(|k| k.null_count() > 0))
}

/// `a AND b`
pub fn and(a: &BooleanArray, b: &BooleanArray) -> BooleanArray {
    let ((yes_a, no_a), (yes_b, no_b)) = (sides(a), sides(b));
    join(&yes_a & &yes_b, &(&no_a | &no_b))
}

/// `a OR b`
pub fn or(a: &BooleanArray, b: &BooleanArray) -> BooleanArray {
    let ((yes_a, no_a), (yes_b, no_b)) = (sides(a), sides(b));
    join(&yes_a | &yes_b, &(&no_a & &no_b))
}

/// `a XOR b`
pub fn xor(a: &BooleanArray, b: &BooleanArray) -> BooleanArray {
    BooleanArray::new(
        a.values() ^ b.values(),
        NullBuffer::union(a.nulls(), b.nulls()),
    )
}

/// `NOT a`
pub fn not(a: &BooleanArray) -> BooleanArray {
    BooleanArray::new(!a.values(), a.nulls().cloned())
}

/// The truths with null as false.
pub fn certain(a: &BooleanArray) -> BooleanArray {
    match a.nulls() {
        None => a.clone(),
        Some(_) => BooleanArray::new(sides(a).0, None),
    }
}

/// Whether every event is surely false.
pub fn all_false(a: &BooleanArray) -> bool {
    a.null_count() == 0 && a.true_count() == 0
}

/// Whether every event is surely true.
pub fn all_true(a: &BooleanArray) -> bool {
    a.null_count() == 0 && a.true_count() == a.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: [Option<bool>; 3] = [Some(true), Some(false), None];

    #[test]
    fn three_valued_tables_hold() {
        for a in CASES {
            for b in CASES {
                let (x, y) = (BooleanArray::from(vec![a]), BooleanArray::from(vec![b]));
                let expected_and = match (a, b) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
                let expected_or = match (a, b) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
                assert_eq!(
                    and(&x, &y),
                    BooleanArray::from(vec![expected_and]),
                    "{a:?} and {b:?}"
                );
                assert_eq!(
                    or(&x, &y),
                    BooleanArray::from(vec![expected_or]),
                    "{a:?} or {b:?}"
                );
                let expected_xor = a.zip(b).map(|(a, b)| a != b);
                assert_eq!(xor(&x, &y), BooleanArray::from(vec![expected_xor]));
            }
        }
    }
}
