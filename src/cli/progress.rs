//! A progress bar on stderr: takes a scan's counters, shows bytes, events a second, matches and time left.

use crate::source::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
        let thread = (!quiet && std::io::stderr().is_terminal()).then(|| {
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

fn follow(progress: &Progress, stop: &AtomicBool) {
    let start = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    while !stop.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(100));
        if start.elapsed() < PATIENCE {
            continue;
        }
        let bar = bar.get_or_insert_with(|| new_bar(progress.bytes_total.load(Ordering::Relaxed)));
        let events = progress.events.load(Ordering::Relaxed);
        let rate = events as f64 / start.elapsed().as_secs_f64();
        let done = progress.bytes_done.load(Ordering::Relaxed);
        let total = progress.bytes_total.load(Ordering::Relaxed);
        bar.set_position(done);
        bar.set_message(format!(
            "{}{} events/s, {} matched",
            left(done, total, start.elapsed()),
            indicatif::HumanCount(rate as u64),
            indicatif::HumanCount(progress.matched.load(Ordering::Relaxed)),
        ));
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
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
    let (bar, template) = if total > 0 {
        (
            ProgressBar::new(total),
            "{bar:12} {bytes}/{total_bytes} {wide_msg}",
        )
    } else {
        (
            ProgressBar::new_spinner(),
            "{spinner} {elapsed} {bytes} {wide_msg}",
        )
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
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
}
