//! What may spell a text by other characters: takes texts, tells what in an event may stand for a part of one.
//!
//! JSON can spell a character by an escape: a `\uXXXX` that spells a character of a text may hide it. (`\/` and the like
//! don't matter: literals are cut where JSON has to or may escape.) Two characters outside ASCII turn into ASCII letters
//! when case is folded, U+212A and U+0130: they may hide any text.

use super::places::{block, first};
use super::scanner::Level;
use super::scanner::kernel::{BLOCK, Kernel, Wanted, dispatch};

/// The first of the two bytes that an escape by number begins with.
pub(super) const SLASH: Wanted = Wanted {
    fold: 0,
    byte: b'\\',
};
/// The second of them.
pub(super) const U: Wanted = Wanted {
    fold: 0,
    byte: b'u',
};

/// Texts that may be spelled otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Hidden {
    /// ASCII characters that the texts hold, in lower case, one bit each.
    letters: u128,
}

impl Hidden {
    /// Of these texts, in lower case.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let bytes = texts.into_iter().flatten();
        Self {
            letters: bytes.fold(0, |set, byte| set | 1u128 << (byte & 127)),
        }
    }

    /// Of the texts of both.
    pub fn or(self, other: Self) -> Self {
        Self {
            letters: self.letters | other.letters,
        }
    }

    /// Whether what begins here may spell one of the texts.
    #[inline]
    pub fn is_at(&self, text: &[u8]) -> bool {
        match text {
            [b'\\', b'u', digits @ ..] => self.spells(digits.get(..4).unwrap_or_default()),
            // U+212A and U+0130.
            [0xe2, 0x84, 0xaa, ..] | [0xc4, 0xb0, ..] => true,
            _ => false,
        }
    }

    /// Whether something in a text may spell one of the texts.
    pub fn is_in(&self, level: Level, text: &[u8]) -> bool {
        let hidden = self;
        dispatch!(level, any(text: &[u8], hidden: &Hidden) -> bool)
    }

    /// Whether the four digits of an escape spell a character that a text holds, or one that folds to ASCII.
    fn spells(&self, digits: &[u8]) -> bool {
        let code = std::str::from_utf8(digits)
            .ok()
            .and_then(|d| u32::from_str_radix(d, 16).ok());
        match code {
            Some(code @ 0..128) => {
                let lower = (code as u8).to_ascii_lowercase();
                self.letters & 1 << lower != 0
            }
            Some(0x212a | 0x130) | None => true,
            Some(_) => false,
        }
    }
}

#[inline(always)]
fn any<K: Kernel>(kernel: K, text: &[u8], hidden: &Hidden) -> bool {
    let probe = |bytes: &[u8]| places(kernel, bytes);
    let test = |place| hidden.is_at(text.get(place..)?).then_some(());
    first(text, 0, BLOCK + 1, probe, test).is_some()
}

/// The places of a block that may begin what spells a character.
#[inline(always)]
pub fn places<K: Kernel>(kernel: K, bytes: &[u8]) -> u64 {
    match (block(bytes, 0), block(bytes, 1)) {
        (Some(here), Some(after)) => kernel.pair(here, SLASH, after, U) | kernel.beyond(here),
        _ => u64::MAX,
    }
}
