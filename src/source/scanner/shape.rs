//! How objects go on: takes the members that objects at a node had, gives the one that the next bytes begin.
//!
//! Events of one kind have their members in one order. So the bytes between two values (`,"verb":`) are compared with
//! those met before, in that order; only bytes that were not met yet are read as JSON. Equal bytes are read to the same
//! end, so nothing is guessed: what is broken is still seen.

use super::kernel::{Kernel, Lead};

/// Members that are remembered of one node; after that its memory starts anew.
const MANY: usize = 64;
/// Members that are compared before the bytes are read as JSON.
const NEAR: usize = 8;

/// What follows after a lead.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// The node under the key.
    pub node: u32,
    /// The leaf of that node.
    pub leaf: u32,
    /// Bytes from the end of the value before to the member's value.
    pub length: u32,
    /// Whether the key is one of a multivalue that a search gave, see `walk::key`.
    pub own: bool,
}

/// The members at one node, in the order in which they mostly come.
#[derive(Debug, Clone, Default)]
pub struct Shape(Vec<Known>);

#[derive(Debug, Clone)]
struct Known {
    lead: Lead,
    /// A bit for each byte of the lead.
    whole: u32,
    member: Member,
}

impl Shape {
    /// The member that begins at `at`, if it was met before; `next` is the place of the one that is expected.
    #[inline(always)]
    pub fn member<K: Kernel>(
        &self,
        kernel: K,
        buffer: &[u8],
        at: usize,
        next: &mut u32,
    ) -> Option<Member> {
        let text: &Lead = buffer.get(at..)?.first_chunk()?;
        let from = *next as usize;
        for (place, known) in (from..).zip(self.0.get(from..)?.iter().take(NEAR)) {
            if kernel.same(text, &known.lead) & known.whole == known.whole {
                *next = place as u32 + 1;
                return Some(known.member);
            }
        }
        None
    }

    /// Remembers a member that was read as JSON, at the place where it was met last.
    #[cold]
    pub fn learn(&mut self, lead: &[u8], member: Member, next: &mut u32) {
        let mut text: Lead = [0; 32];
        let Some(start) = text.get_mut(..lead.len()) else {
            return;
        };
        start.copy_from_slice(lead);
        let same = |known: &Known| known.lead == text && known.member.length == member.length;
        let known = match self.0.iter().position(same) {
            Some(place) => self.0.remove(place),
            None => Known {
                lead: text,
                whole: ((1u64 << lead.len()) - 1) as u32,
                member,
            },
        };
        if self.0.len() >= MANY {
            self.0.clear();
        }
        let place = (*next as usize).min(self.0.len());
        self.0.insert(place, known);
        *next = place as u32 + 1;
    }

    /// Forgets all members.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
