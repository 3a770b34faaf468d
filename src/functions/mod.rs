//! The functions of eval and where: takes expressions and batches, gives columns.
//!
//! One table row a function (name, arity, doc, example, kernel), by family. `compile` turns an expression into a
//! [`Program`] that runs on whole columns.
