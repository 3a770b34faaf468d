//! What one operator holds of the run's memory: takes its size after each batch, lets it go on on disk when it can, and
//! stops it with an error when it can't.

use super::Partial;
use crate::data::{Context, Share};
use crate::diagnostic::{Diagnostic, Span};

/// Whose memory it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Owner {
    /// The command, or what else the operator is for a user.
    pub name: &'static str,
    /// Where it stands in the query.
    pub span: Option<Span>,
}

impl Owner {
    /// An error that names the owner's place.
    fn at(&self, error: Diagnostic) -> Diagnostic {
        match self.span {
            Some(span) => error.or_span(span),
            None => error,
        }
    }
}

/// The share of one operator, or of one worker's part of it.
pub(super) struct Account {
    share: Share,
    owner: Owner,
    /// A part smaller than this is not worth a run on disk.
    small: usize,
}

impl Account {
    pub fn new(context: &Context, owner: Owner) -> Self {
        Self {
            share: context.memory.share(),
            owner,
            small: context.memory.limit() / (8 * context.threads.max(1)),
        }
    }

    /// After a batch was added to a partial state.
    pub fn partial(&mut self, partial: &mut dyn Partial) -> Result<(), Diagnostic> {
        let size = partial.size();
        if self.share.set(size) {
            return Ok(());
        }
        let memory = self.share.memory().clone();
        // A small part is not worth a run on disk; what others write now may be enough.
        if size < self.small {
            let fits = || memory.held() < memory.limit() / 8 * 9;
            while !fits() && memory.wait() {}
            if fits() {
                return Ok(());
            }
        }
        let spilt = memory.writing(|| {
            let spilt = partial.spill();
            if matches!(spilt, Ok(true)) {
                self.share.set(partial.size());
            }
            spilt
        });
        match spilt.map_err(|error| self.owner.at(error))? {
            true => Ok(()),
            false => self.hold(size),
        }
    }

    /// The bytes held now; the error when they are too many.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Diagnostic> {
        let held = self.share.hold(bytes, self.owner.name);
        held.map_err(|error| self.owner.at(error))
    }
}
