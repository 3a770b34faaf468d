//! All inputs of a run as one supply of morsels: takes arguments, gives morsels in input order. Inputs are opened when
//! they are reached; packed ones a few ahead, so that they unpack at the same time.

use super::discover::{Input, discover};
use super::morsel::{Morsel, Morsels};
use super::open::{Opened, begin, open};
use super::{Options, Progress};
use crate::data::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

/// The morsels of all inputs.
pub struct Inputs {
    waiting: VecDeque<(u32, Input)>,
    ahead: VecDeque<Opened>,
    current: Option<Current>,
    /// Bytes on disk of inputs that ended, not yet told in a morsel.
    owed: u64,
    count: usize,
    options: Options,
    context: Context,
}

struct Current {
    reader: Box<dyn Morsels>,
    path: String,
    owed: u64,
}

/// Finds all inputs that the arguments name. All missing ones are reported at once; what can't be read later is told in
/// notices. `progress` gets the bytes to do.
pub fn open_all(
    arguments: &[String],
    options: &Options,
    context: &Context,
    progress: &Progress,
) -> Result<Inputs, Diagnostics> {
    let inputs = discover(arguments, context)?;
    let total = inputs.iter().map(|input| input.size).sum();
    progress.bytes_total.fetch_add(total, Ordering::Relaxed);
    Ok(Inputs {
        count: inputs.len(),
        waiting: (0..).zip(inputs).collect(),
        ahead: VecDeque::new(),
        current: None,
        owed: 0,
        options: options.clone(),
        context: context.clone(),
    })
}

impl Inputs {
    /// How many inputs there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Opens inputs until as many packed ones as there are threads are ahead, or a plain one comes.
    fn open_ahead(&mut self) {
        while self.ahead.len() < self.context.threads.max(1)
            && self.ahead.iter().all(Opened::is_stream)
        {
            let Some((number, input)) = self.waiting.pop_front() else {
                return;
            };
            let size = input.size;
            match open(input, number, &self.context) {
                Some(opened) => self.ahead.push_back(opened),
                None => self.owed += size,
            }
        }
    }

    /// Goes on to the next input; `false` when there is none.
    fn advance(&mut self) -> bool {
        self.open_ahead();
        let Some(opened) = self.ahead.pop_front() else {
            return false;
        };
        self.open_ahead();
        let (size, path) = (opened.size(), opened.path());
        match begin(opened, &self.options, &self.context) {
            Ok(Some(reader)) => {
                self.current = Some(Current {
                    reader,
                    path,
                    owed: size,
                });
            }
            Ok(None) => self.owed += size,
            Err(error) => {
                self.owed += size;
                self.context.notices.push(
                    "unreadable",
                    format!("`{path}` can't be read and is left out: {error}"),
                    true,
                );
            }
        }
        true
    }
}

impl Morsels for Inputs {
    fn next(&mut self) -> Option<Result<Morsel, Diagnostic>> {
        while !self.context.cancel.is_cancelled() {
            let Some(current) = &mut self.current else {
                if self.advance() {
                    continue;
                }
                return None;
            };
            match current.reader.next() {
                Some(Ok(mut morsel)) => {
                    current.owed = current.owed.saturating_sub(morsel.disk_bytes);
                    morsel.disk_bytes += std::mem::take(&mut self.owed);
                    return Some(Ok(morsel));
                }
                Some(Err(error)) => {
                    let text = format!("`{}` is left off here: {}", current.path, error.message);
                    self.context.notices.push("unreadable", text, true);
                }
                None => {
                    self.owed += current.owed;
                    self.current = None;
                }
            }
        }
        None
    }
}
