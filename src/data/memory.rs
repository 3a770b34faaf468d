//! The memory that a run may hold: takes a limit, gives shares of it to whoever gathers rows.
//!
//! One tally a run. A share says how many bytes its holder has; whether all shares together are within the limit is
//! known at once, and what to do about it (go on on disk, stop with an error) is the holder's matter.

use crate::diagnostic::{Diagnostic, code};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The tally of a run; cloning shares it.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Tally>);

#[derive(Debug)]
struct Tally {
    limit: usize,
    held: AtomicUsize,
    /// How many holders put on disk what they hold just now.
    writers: Mutex<usize>,
    written: Condvar,
}

impl Memory {
    /// A tally with a limit in bytes.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Tally {
            limit,
            held: AtomicUsize::new(0),
            writers: Mutex::new(0),
            written: Condvar::new(),
        }))
    }

    /// An empty tally with the same limit, for another run.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self::new(self.0.limit)
    }

    /// Bytes that may be held.
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// Whether all shares together are within the limit.
    pub fn fits(&self) -> bool {
        self.held() <= self.0.limit
    }

    /// Bytes of all shares together.
    pub fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }

    /// Does work that puts on disk what its holder holds.
    pub fn writing<T>(&self, work: impl FnOnce() -> T) -> T {
        *self.writers() += 1;
        let _end = Writing(self);
        work()
    }

    /// Waits for one of those who write to be done; `false` when nobody writes.
    pub fn wait(&self) -> bool {
        let writers = self.writers();
        let before = *writers;
        if before == 0 {
            return false;
        }
        let done = self.0.written.wait_while(writers, |now| *now >= before);
        drop(done);
        true
    }

    fn writers(&self) -> MutexGuard<'_, usize> {
        self.0
            .writers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A share of no bytes yet.
    pub fn share(&self) -> Share {
        Share {
            memory: self.clone(),
            bytes: 0,
        }
    }

    /// The error of a holder that can't go on: `what` is its name as a user knows it.
    pub fn exceeded(&self, what: &str, bytes: usize) -> Diagnostic {
        let limit = self.0.limit;
        let message = format!(
            "{what} needs {} of memory and more; the limit is {}",
            size_text(bytes),
            size_text(limit)
        );
        let more = size_text(bytes.max(limit).saturating_mul(2));
        Diagnostic::new(&code::MEMORY_LIMIT, message).help(format!(
            "search for fewer events or keep fewer fields before it, or raise --memory-limit, to {more} for example"
        ))
    }
}

/// Someone who writes, until it is dropped.
struct Writing<'a>(&'a Memory);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        *self.0.writers() -= 1;
        self.0.0.written.notify_all();
    }
}

impl Default for Memory {
    /// Half of what the machine has, or of what its container may use.
    fn default() -> Self {
        /// For machines that don't say.
        const UNKNOWN: u64 = 4 << 30;
        static MACHINE: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
        let machine = MACHINE.get_or_init(|| {
            let mut system = sysinfo::System::new();
            system.refresh_memory();
            let container = system.cgroup_limits().map(|limits| limits.total_memory);
            let whole = Some(system.total_memory()).filter(|bytes| *bytes > 0);
            let known = whole.into_iter().chain(container).min();
            known.unwrap_or(UNKNOWN)
        });
        Self::new(usize::try_from(machine / 2).unwrap_or(usize::MAX))
    }
}

/// What one holder has; given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    memory: Memory,
    bytes: usize,
}

impl Share {
    /// Tells how many bytes are held now; gives whether all shares together are within the limit.
    pub fn set(&mut self, bytes: usize) -> bool {
        let held = &self.memory.0.held;
        if bytes >= self.bytes {
            held.fetch_add(bytes - self.bytes, Ordering::Relaxed);
        } else {
            held.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        }
        self.bytes = bytes;
        self.memory.fits()
    }

    /// Tells how many bytes are held now; the error that names the holder when that is too much.
    pub fn hold(&mut self, bytes: usize, what: &str) -> Result<(), Diagnostic> {
        if self.set(bytes) {
            return Ok(());
        }
        Err(self.memory.exceeded(what, bytes))
    }

    /// The tally.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// Units with their bytes, largest first; decimal ones, then binary ones.
const UNITS: [(&str, u64); 10] = [
    ("tib", 1 << 40),
    ("gib", 1 << 30),
    ("mib", 1 << 20),
    ("kib", 1 << 10),
    ("tb", 1_000_000_000_000),
    ("gb", 1_000_000_000),
    ("mb", 1_000_000),
    ("kb", 1_000),
    ("b", 1),
    ("", 1),
];

/// The bytes of a size as typed: `500MB`, `2GB`, `512MiB`, `1.5 GB`, `4096`, in any letter case.
pub fn parse_size(text: &str) -> Option<usize> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim();
    let (_, bytes) = UNITS.iter().find(|(name, _)| {
        *name == unit || (unit.len() == 1 && name.len() == 2 && name.starts_with(unit))
    })?;
    let bytes = number.parse::<f64>().ok()? * *bytes as f64;
    (bytes >= 1.0 && bytes < u64::MAX as f64).then_some(bytes as usize)
}

/// Bytes for people: `1.5 GB`.
pub fn size_text(bytes: usize) -> String {
    let bytes = bytes as f64;
    for (unit, size) in [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] {
        if bytes >= size {
            let number = format!("{:.1}", bytes / size);
            return format!("{} {unit}", number.trim_end_matches(".0"));
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        let sizes = [
            ("500MB", 500_000_000),
            ("2gb", 2_000_000_000),
            ("512 MiB", 512 << 20),
            ("1.5K", 1500),
            ("4096", 4096),
        ];
        for (text, bytes) in sizes {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        for text in ["", "0", "MB", "-1MB", "5 parsecs", "1..5GB"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
        assert_eq!(size_text(2_000_000_000), "2 GB");
        assert_eq!(size_text(1_234), "1.2 kB");
        assert_eq!(size_text(12), "12 bytes");
    }

    #[test]
    fn shares_count_together_and_are_given_back() {
        let memory = Memory::new(100);
        let (mut a, mut b) = (memory.share(), memory.share());
        assert!(a.set(60));
        assert!(!b.set(50));
        assert!(a.set(10) && memory.held() == 60);
        drop(b);
        assert_eq!(memory.held(), 10);
        let error = a.hold(200, "sort").err().map(|e| e.message);
        let wanted = "sort needs 200 bytes of memory and more; the limit is 100 bytes";
        assert_eq!(error.as_deref(), Some(wanted));
    }

    #[test]
    fn the_machine_has_some() {
        assert!(Memory::default().limit() > 1 << 20);
    }
}
