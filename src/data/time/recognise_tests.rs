//! Tests of the timestamps that are recognised in logs.

use super::*;

// 2024-10-17 09:15:02 UTC
const SECONDS: i64 = 1_729_156_502;

fn nanos(text: &str) -> Option<i64> {
    parse_timestamp(text, Zone::utc()).map(|t| t.0)
}

#[test]
fn iso_in_all_its_spellings() {
    let whole = SECONDS * 1_000_000_000;
    for (text, expected) in [
        ("2024-10-17T09:15:02Z", whole),
        ("2024-10-17T09:15:02", whole),
        ("2024-10-17 09:15:02", whole),
        ("2024/10/17 09:15:02", whole),
        ("2024-10-17t09:15:02z", whole),
        ("2024-10-17T09:15:02.123456789Z", whole + 123_456_789),
        ("2024-10-17T09:15:02.1234567891234Z", whole + 123_456_789),
        ("2024-10-17T09:15:02,5", whole + 500_000_000),
        ("2024-10-17T09:15:02.000001+00:00", whole + 1000),
        ("2024-10-17T11:15:02+02:00", whole),
        ("2024-10-17T11:15:02+0200", whole),
        ("2024-10-17T11:15:02+02", whole),
        ("2024-10-17T03:45:02-05:30", whole),
        ("2024-10-17 09:15:02.0 UTC", whole),
        ("2024-10-17 04:15:02 -0500", whole),
        ("2024-10-17 05:15:02 EDT", whole),
        ("2024-10-17T09:15Z", whole - 2_000_000_000),
        ("2024-10-17", 1_729_123_200_000_000_000),
        ("20241017T091502Z", whole),
        ("  2024-10-17T09:15:02Z\n", whole),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
    ] {
        assert_eq!(nanos(text), Some(expected), "{text}");
    }
}

#[test]
fn epoch_numbers_by_magnitude() {
    let whole = SECONDS * 1_000_000_000;
    for (text, expected) in [
        ("1729156502", whole),
        ("1729156502.125", whole + 125_000_000),
        ("1729156502.123456789", whole + 123_456_789),
        ("1729156502125", whole + 125_000_000),
        ("1729156502125.5", whole + 125_500_000),
        ("1729156502125000", whole + 125_000_000),
        ("1729156502125000001", whole + 125_000_001),
        ("1.729156502125e9", whole + 125_000_000),
        ("0", 0),
        ("-1.5", -1_500_000_000),
    ] {
        assert_eq!(nanos(text), Some(expected), "{text}");
    }
}

#[test]
fn other_forms() {
    for text in [
        "17/Oct/2024:09:15:02 +0000",
        "17/Oct/2024:11:15:02 +0200",
        "Thu, 17 Oct 2024 09:15:02 +0000",
        "Thu, 17 Oct 2024 09:15:02 GMT",
        "17 Oct 2024 09:15:02",
        "17-Oct-2024 09:15:02",
        "Thu Oct 17 09:15:02 2024",
        "Thu Oct 17 09:15:02 UTC 2024",
        "Thu Oct 17 05:15:02 EDT 2024",
        "Oct 17, 2024 9:15:02 AM",
        "October 17 2024 09:15:02",
        "10/17/2024 09:15:02",
        "10/17/2024:09:15:02",
        "10/17/2024 9:15:02 am",
    ] {
        assert_eq!(nanos(text), Some(SECONDS * 1_000_000_000), "{text}");
    }
}

#[test]
fn what_is_no_time() {
    for text in [
        "",
        " ",
        "abc",
        "2024-13-01",
        "2023-02-29",
        "2024-10-17T25:00:00Z",
        "2024-10-17T",
        "2024-10-17T09:15:02ZZ",
        "2024-10-17T09:15:61Z",
        "2024/10-17",
        "12ab",
        "1.2.3",
        "-",
        "99999999999999999999",
        "1e400",
        "Octopus",
        "17/Oct/2024x",
        "2024-10-17 09:15:02 and more",
        "é024-10-17",
        "2024-10-1é",
    ] {
        assert_eq!(nanos(text), None, "{text}");
    }
}

#[test]
fn the_default_zone_is_for_texts_without_one() {
    let zone = Zone::parse("America/New_York");
    let read =
        |text| parse_timestamp(text, zone.unwrap_or(Zone::utc())).map(|t| t.0 / 1_000_000_000);
    assert_eq!(read("2024-10-17 05:15:02"), Some(SECONDS));
    assert_eq!(read("2024-10-17 09:15:02Z"), Some(SECONDS));
    assert_eq!(read("2024-01-17"), Some(1_705_467_600));
}

#[test]
fn prefixes_say_how_much_they_took() {
    for (line, taken) in [
        ("2024-10-17T09:15:02Z GET /", 20),
        ("[2024-10-17 09:15:02] x", 20),
        ("2024-10-17 09:15:02,000 INFO x", 23),
        ("2024-10-17 09:15:02 INFO x", 19),
        ("2024-10-17 09:15:02 -50 items", 19),
        ("17/Oct/2024:09:15:02 +0000] \"GET", 26),
        ("1729156502 3 x", 10),
        ("1729156502.000: x", 14),
    ] {
        let found = parse_timestamp_prefix(line, Zone::utc());
        assert_eq!(
            found,
            Some((Timestamp(SECONDS * 1_000_000_000), taken)),
            "{line}"
        );
    }
    for line in [
        "12 monkeys",
        "GET / 2024-10-17",
        "2024-10-17Tea",
        "17291565021x",
        "",
    ] {
        assert_eq!(parse_timestamp_prefix(line, Zone::utc()), None, "{line}");
    }
}

#[test]
#[ignore = "a measurement, to be run with optimisation"]
fn speed() {
    let text = "2024-10-17T09:15:02.123456Z";
    let start = std::time::Instant::now();
    let mut sum = 0i64;
    for _ in 0..10_000_000 {
        let read = parse_timestamp(std::hint::black_box(text), Zone::utc());
        sum = sum.wrapping_add(read.map_or(0, |t| t.0));
    }
    println!("iso: {:?} a text, {sum}", start.elapsed() / 10_000_000);
    let format = crate::data::time::Format::parse("%Y-%m-%dT%H:%M:%S.%6NZ");
    let start = std::time::Instant::now();
    let mut sum = 0.0;
    for _ in 0..10_000_000 {
        sum += crate::data::time::strptime(std::hint::black_box(text), &format, Zone::utc())
            .unwrap_or(0.0);
    }
    println!("strptime: {:?} a text, {sum}", start.elapsed() / 10_000_000);
}
