//! A progress bar on stderr: takes a scan's counters, shows bytes, events a second, matches and time left.

use super::output;
use crate::data::size_text;
use crate::render::number_text;
use crate::source::Progress;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A run shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that follows a scan until it is stopped or dropped.
pub struct Bar {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// Starts watching, when stderr is a terminal and `quiet` is not asked for.
    pub fn watch(progress: Arc<Progress>, quiet: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let thread = (!quiet && can_draw()).then(|| {
            let stop = stop.clone();
            std::thread::spawn(move || follow(&progress, &stop))
        });
        Self { stop, thread }
    }

    /// Takes the bar away.
    pub fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A bar that failed to draw must not fail the run.
            let _ = thread.join();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether stderr is a terminal on which a line can be taken away.
fn can_draw() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn follow(progress: &Progress, stop: &AtomicBool) {
    let start = Instant::now();
    let mut drawn = false;
    while !stop.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(100));
        if start.elapsed() >= PATIENCE && !stop.load(Ordering::Relaxed) {
            draw(&line(progress, start.elapsed(), output::width()));
            drawn = true;
        }
    }
    if drawn {
        draw("");
    }
}

/// Puts a text in place of the last one. A terminal that can't be written to is no failure of the run.
fn draw(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "\r{text}\x1b[K").and_then(|()| out.flush());
}

/// How far a scan is. What doesn't fit the terminal beside a `^C` is left out: two lines can't be taken away again.
fn line(progress: &Progress, elapsed: Duration, width: usize) -> String {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (done, total) = (count(&progress.bytes_done), count(&progress.bytes_total));
    let events = count(&progress.events);
    if total == 0 && events == 0 {
        return format!("{} s", elapsed.as_secs());
    }
    let mut text = match total {
        0 => format!("{} s ", elapsed.as_secs()),
        total => format!("{} {}/{} ", bar(done, total), size(done), size(total)),
    };
    if total == 0 && done > 0 {
        text += &format!("{} ", size(done));
    }
    text += &left(done, total, elapsed);
    let rate = (events as f64 / elapsed.as_secs_f64()) as u64;
    text += &format!(
        "{} events/s, {} matched",
        number_text(rate),
        number_text(count(&progress.matched))
    );
    text.chars().take(width.saturating_sub(3)).collect()
}

/// Columns of the bar.
const BAR: usize = 12;

fn bar(done: u64, total: u64) -> String {
    let full = (done as f64 / total.max(1) as f64 * BAR as f64) as usize;
    let full = full.min(BAR);
    "█".repeat(full) + &"░".repeat(BAR - full)
}

fn size(bytes: u64) -> String {
    size_text(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// How long the rest takes when it goes on as it did so far; nothing for a pipe.
fn left(done: u64, total: u64, elapsed: Duration) -> String {
    if done == 0 || total <= done {
        return String::new();
    }
    let seconds = elapsed.as_secs_f64() * (total - done) as f64 / done as f64;
    format!("{seconds:.1} s left, ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_goes_by_the_bytes_done() {
        assert_eq!(left(100, 400, Duration::from_secs(1)), "3.0 s left, ");
        assert_eq!(left(0, 400, Duration::from_secs(1)), "");
        assert_eq!(left(400, 400, Duration::from_secs(1)), "");
    }

    #[test]
    fn the_line_leaves_room_for_what_the_terminal_echoes() {
        let progress = Progress::default();
        progress.bytes_total.store(510_000_000, Ordering::Relaxed);
        progress.bytes_done.store(128_000_000, Ordering::Relaxed);
        progress.events.store(140_000, Ordering::Relaxed);
        let text = line(&progress, Duration::from_secs(2), 200);
        assert_eq!(
            text,
            "███░░░░░░░░░ 128 MB/510 MB 6.0 s left, 70,000 events/s, 0 matched"
        );
        assert_eq!(
            line(&progress, Duration::from_secs(2), 40).chars().count(),
            37
        );
        let none = line(&Progress::default(), Duration::from_secs(2), 80);
        assert_eq!(none, "2 s");
    }
}
