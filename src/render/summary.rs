//! The lines around the rows: takes facts of a run and of a detection, gives one line each.

use super::text::number_text;
use std::time::Duration;

/// What the line after a run tells.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunFacts {
    /// Events scanned.
    pub scanned: u64,
    /// Events that the leading search kept.
    pub matched: u64,
    /// Rows shown.
    pub rows: u64,
    /// Bytes read.
    pub bytes: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether the query read events at all.
    pub reads_input: bool,
}

/// `12,034 events scanned, 66 matched, 5 rows, 0.21 s`, with the rate for large inputs.
pub fn summary(facts: &RunFacts) -> String {
    let seconds = facts.elapsed.as_secs_f64();
    let time = if seconds < 0.0995 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{seconds:.2} s")
    };
    let rows = count(facts.rows, "row", "rows");
    if !facts.reads_input {
        return format!("{rows}, {time}");
    }
    let events = count(facts.scanned, "event", "events");
    let mut line = format!(
        "{events} scanned, {} matched, {rows}, {time}",
        number_text(facts.matched)
    );
    if facts.bytes >= 50_000_000 && seconds > 0.0 {
        let gigabytes = facts.bytes as f64 / 1e9;
        line.push_str(&format!(
            " ({gigabytes:.2} GB, {:.2} GB/s)",
            gigabytes / seconds
        ));
    }
    line
}

/// A count with its word.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number_text(n), if n == 1 { one } else { many })
}

/// What the lines above a detection's rows tell.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The detection's name.
    pub name: String,
    /// `Hunting`, `TTP`, `Anomaly`, …
    pub kind: Option<String>,
    /// `experimental`, `production`, …
    pub status: Option<String>,
    /// 0-100.
    pub risk_score: Option<u64>,
    /// ATT&CK technique ids.
    pub attack: Vec<String>,
}

/// The lines above a detection's rows.
pub fn header(header: &Header, colour: bool) -> String {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(header.risk_score.map(|r| format!("risk score {r}")));
    if !header.attack.is_empty() {
        facts.push(format!("ATT&CK {}", header.attack.join(", ")));
    }
    facts.extend(header.kind.iter().map(|k| k.to_lowercase()));
    facts.extend(header.status.iter().map(|s| s.to_lowercase()));
    let name = if colour {
        format!("\x1b[1m{}\x1b[0m", header.name)
    } else {
        header.name.clone()
    };
    if facts.is_empty() {
        name
    } else {
        format!("{name}\n{}", facts.join(" · "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_was_done() {
        let facts = RunFacts {
            scanned: 12034,
            matched: 66,
            rows: 1,
            bytes: 10,
            elapsed: Duration::from_millis(210),
            reads_input: true,
        };
        assert_eq!(
            summary(&facts),
            "12,034 events scanned, 66 matched, 1 row, 0.21 s"
        );
    }
}
