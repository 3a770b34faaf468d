//! Tests of expansion: takes macro files and queries, checks text and places.
