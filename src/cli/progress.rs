//! A progress bar on stderr: takes a scan's counters, shows bytes, events a second, matches and time left.

use super::output;
use crate::source::Progress;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use std::io::{self, IsTerminal, Write};
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
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn follow(progress: &Progress, stop: &AtomicBool) {
    let start = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    while !stop.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(100));
        if start.elapsed() < PATIENCE {
            continue;
        }
        let bar = bar.get_or_insert_with(|| new_bar(progress.bytes_total.load(Ordering::Relaxed)));
        bar.set_position(progress.bytes_done.load(Ordering::Relaxed));
        bar.set_message(message(progress, start.elapsed()));
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

/// How far a scan is; nothing where nothing is read.
fn message(progress: &Progress, elapsed: Duration) -> String {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (done, total) = (count(&progress.bytes_done), count(&progress.bytes_total));
    let events = count(&progress.events);
    if total == 0 && events == 0 {
        return String::new();
    }
    let rate = (events as f64 / elapsed.as_secs_f64()) as u64;
    let piped = if total == 0 && done > 0 {
        format!("{}, ", HumanBytes(done))
    } else {
        String::new()
    };
    format!(
        "{piped}{}{} events/s, {} matched",
        left(done, total, elapsed),
        HumanCount(rate),
        HumanCount(count(&progress.matched)),
    )
}

/// How long the rest takes when it goes on as it did so far; nothing for a pipe.
fn left(done: u64, total: u64, elapsed: Duration) -> String {
    if done == 0 || total <= done {
        return String::new();
    }
    let seconds = elapsed.as_secs_f64() * (total - done) as f64 / done as f64;
    format!("{seconds:.1} s left, ")
}

/// What doesn't fit the terminal's width is left out: a bar of two lines can't be taken away again.
fn new_bar(total: u64) -> ProgressBar {
    let (length, template) = match total {
        0 => (None, "{spinner} {elapsed} {wide_msg}"),
        total => (Some(total), "{bar:12} {bytes}/{total_bytes} {wide_msg}"),
    };
    let target = ProgressDrawTarget::term_like(Box::new(Stderr));
    let bar = ProgressBar::with_draw_target(length, target);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The terminal, a few columns narrower: what it echoes of Ctrl-C stands behind the bar, and on the same line.
#[derive(Debug)]
struct Stderr;

impl Stderr {
    fn send(&self, text: &str) -> io::Result<()> {
        io::stderr().write_all(text.as_bytes())
    }

    fn move_cursor(&self, n: usize, direction: char) -> io::Result<()> {
        match n {
            0 => Ok(()),
            n => self.send(&format!("\x1b[{n}{direction}")),
        }
    }
}

impl TermLike for Stderr {
    fn width(&self) -> u16 {
        u16::try_from(output::width().saturating_sub(3)).unwrap_or(u16::MAX)
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }
    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }
    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }
    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }
    fn write_line(&self, text: &str) -> io::Result<()> {
        self.send(&format!("{text}\n"))
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.send(text)
    }
    fn clear_line(&self) -> io::Result<()> {
        self.send("\r\x1b[2K")
    }
    fn flush(&self) -> io::Result<()> {
        io::stderr().flush()
    }
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
    fn a_message_says_nothing_of_what_is_not_read() {
        let progress = Progress::default();
        assert_eq!(message(&progress, Duration::from_secs(2)), "");
        progress.events.store(140_000, Ordering::Relaxed);
        let text = message(&progress, Duration::from_secs(2));
        assert_eq!(text, "70,000 events/s, 0 matched");
    }
}
