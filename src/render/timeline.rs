//! Events over time as bars: takes times, gives lines for a terminal.

use super::text::number_text;
use crate::data::time::{Timestamp, Zone};

/// Bucket widths in seconds, from which the finest that needs at most 24 lines is taken.
const STEPS: [i64; 18] = [
    1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400, 172_800, 604_800, 2_592_000,
    7_776_000, 31_536_000,
];

/// A line a bucket: its start, a bar, the count. `width` is characters a line.
pub fn timeline(times: &[Timestamp], width: usize, zone: Zone) -> Vec<String> {
    let seconds: Vec<i64> = times
        .iter()
        .map(|t| t.0.div_euclid(1_000_000_000))
        .collect();
    let (Some(first), Some(last)) = (seconds.iter().min(), seconds.iter().max()) else {
        return Vec::new();
    };
    let step = STEPS
        .into_iter()
        .find(|s| (last - first) / s < 24)
        .unwrap_or(((last - first) / 24).max(1));
    let start = first.div_euclid(step) * step;
    let buckets = usize::try_from((last - start) / step + 1).unwrap_or(1);
    let mut counts = vec![0u64; buckets];
    for second in &seconds {
        let at = usize::try_from((second - start) / step).unwrap_or(0);
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let number_width = number_text(most).len();
    let room = width.saturating_sub(19 + number_width + 4).max(10);
    (0i64..)
        .zip(&counts)
        .map(|(i, &count)| {
            let time = Timestamp((start + i * step) * 1_000_000_000).display(zone);
            format!(
                "{time}  {:room$}  {:>number_width$}",
                bar(count, most, room),
                number_text(count)
            )
            .trim_end()
            .to_owned()
        })
        .collect()
}

/// A bar in eighths of a character.
fn bar(count: u64, most: u64, room: usize) -> String {
    let eighths = (count as f64 / most as f64 * room as f64 * 8.0).round() as usize;
    let eighths = if count > 0 { eighths.max(1) } else { 0 };
    let mut bar = "█".repeat(eighths / 8);
    if let Some(part) = [
        None,
        Some('▏'),
        Some('▎'),
        Some('▍'),
        Some('▌'),
        Some('▋'),
        Some('▊'),
        Some('▉'),
    ][eighths % 8]
    {
        bar.push(part);
    }
    bar
}
