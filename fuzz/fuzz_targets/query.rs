//! A whole run: takes a query and, after a line end, events; what is looked for are panics, hangs, endless memory, and
//! rows that depend on how the events are cut into batches.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spelunk::session::run_for_test;

/// Longest row of digits: a query that asks for a million rows gets them, and that is no finding.
const DIGITS: usize = 4;

fuzz_target!(|text: &str| {
    let (query, events) = text.split_once('\n').unwrap_or((text, "{\"a\":1}"));
    let mut digits = 0;
    for byte in query.bytes() {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        if digits > DIGITS {
            return;
        }
    }
    // What differs by itself: chance and the clock.
    if ["random", "time()", "uuid"]
        .iter()
        .any(|word| query.to_lowercase().contains(word))
    {
        return;
    }
    let options = ["--now=1700000000", "--source=events"].map(str::to_owned);
    let run = |batch| run_for_test(query, events.as_bytes(), &[], &options, batch, 1);
    let whole = run(4096);
    let cut = run(1);
    match (&whole, &cut) {
        (Ok(whole), Ok(cut)) => assert_eq!(whole, cut),
        (whole, cut) => assert_eq!(whole.is_ok(), cut.is_ok(), "{whole:?} {cut:?}"),
    }
});
