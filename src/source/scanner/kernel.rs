//! Bytes to bits: takes 64 bytes, gives one bit a byte, by the widest instructions that the machine has.
//!
//! A kernel is a token: it exists only where its instructions were found, so its methods need no further check. The
//! generic code over [`Kernel`] is inlined into one function for each kernel that enables its instructions.

use super::patterns::{Patterns, Reach};

/// Bytes that kernels look at together.
pub const BLOCK: usize = 64;

/// A run of that many bytes.
pub type Block = [u8; BLOCK];

/// The start of a member of an object: what lies between the value before and its own value, filled up.
pub type Lead = [u8; 32];

/// The bytes of a block that matter to JSON, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes {
    /// `"`
    pub quotes: u64,
    /// `\`
    pub slashes: u64,
    /// `{` and `[`
    pub opens: u64,
    /// `}` and `]`
    pub closes: u64,
}

/// A byte to look for after its bits in `fold` are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Bits set in the text's byte before the comparison: 0x20 to ignore the case of a letter.
    pub fold: u8,
    /// What the byte must then be.
    pub byte: u8,
}

/// What every kernel can do.
pub trait Kernel: Copy {
    /// Finds JSON's own bytes.
    fn classes(self, block: &Block) -> Classes;
    /// Each bit becomes the exclusive or of itself and all lower ones.
    fn prefix_xor(self, bits: u64) -> u64;
    /// The places where `a` has the first byte and `b` the second.
    fn pair(self, a: &Block, first: Wanted, b: &Block, second: Wanted) -> u64;
    /// The places of a pair, see [`Kernel::pair`], of another pair, and of bytes outside ASCII.
    fn signs(self, pairs: [(&Block, Wanted, &Block, Wanted); 2]) -> u64;
    /// The places of one byte.
    fn places(self, block: &Block, byte: u8) -> u64;
    /// The places of `"` and of `\`.
    fn stops(self, block: &Block) -> u64;
    /// The places of bytes outside ASCII.
    fn beyond(self, block: &Block) -> u64;
    /// The places where two texts have the same byte.
    fn same(self, a: &Lead, b: &Lead) -> u32;
    /// The places where one of the patterns may begin: never too few, and how many too many depends on the kernel.
    #[inline(always)]
    fn patterns(self, patterns: &Patterns, bytes: &Reach) -> u64 {
        patterns.begin(bytes)
    }
}

/// Prefix exclusive or by shifts, for machines without carry-less multiplication.
#[inline(always)]
pub(super) fn ladder(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// Eight bytes at a time in plain integers: runs anywhere.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

impl Portable {
    /// One bit for each byte whose top bit is set.
    #[inline(always)]
    fn gather(word: u64) -> u64 {
        ((word >> 7) & ONES).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }

    /// The top bit of each byte that equals `byte`, exactly.
    #[inline(always)]
    fn equal(word: u64, byte: u8) -> u64 {
        let x = word ^ (ONES * u64::from(byte));
        !(((x & LOW) + LOW) | x | LOW)
    }

    #[inline(always)]
    fn each(block: &Block, f: impl Fn(u64, usize)) {
        for (i, bytes) in block.chunks_exact(8).enumerate() {
            let mut word = [0; 8];
            word.copy_from_slice(bytes);
            f(u64::from_le_bytes(word), i * 8);
        }
    }
}

impl Kernel for Portable {
    #[inline(always)]
    fn classes(self, block: &Block) -> Classes {
        let out = std::cell::Cell::new(Classes::default());
        Self::each(block, |word, at| {
            let mut c = out.get();
            let folded = word | (ONES * 0x20);
            c.quotes |= Self::gather(Self::equal(word, b'"')) << at;
            c.slashes |= Self::gather(Self::equal(word, b'\\')) << at;
            c.opens |= Self::gather(Self::equal(folded, b'{')) << at;
            c.closes |= Self::gather(Self::equal(folded, b'}')) << at;
            out.set(c);
        });
        out.get()
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        ladder(bits)
    }

    #[inline(always)]
    fn pair(self, a: &Block, first: Wanted, b: &Block, second: Wanted) -> u64 {
        let (x, y) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        for (block, wanted, bits) in [(a, first, &x), (b, second, &y)] {
            Self::each(block, |word, at| {
                let equal = Self::equal(word | (ONES * u64::from(wanted.fold)), wanted.byte);
                bits.set(bits.get() | Self::gather(equal) << at);
            });
        }
        x.get() & y.get()
    }

    #[inline(always)]
    fn signs(self, [p, q]: [(&Block, Wanted, &Block, Wanted); 2]) -> u64 {
        let pairs = self.pair(p.0, p.1, p.2, p.3) | self.pair(q.0, q.1, q.2, q.3);
        pairs | self.beyond(p.0)
    }

    #[inline(always)]
    fn places(self, block: &Block, byte: u8) -> u64 {
        let bits = std::cell::Cell::new(0);
        Self::each(block, |word, at| {
            bits.set(bits.get() | Self::gather(Self::equal(word, byte)) << at);
        });
        bits.get()
    }

    #[inline(always)]
    fn stops(self, block: &Block) -> u64 {
        self.places(block, b'"') | self.places(block, b'\\')
    }

    #[inline(always)]
    fn beyond(self, block: &Block) -> u64 {
        let bits = std::cell::Cell::new(0);
        Self::each(block, |word, at| {
            bits.set(bits.get() | Self::gather(word) << at)
        });
        bits.get()
    }

    #[inline(always)]
    fn same(self, a: &Lead, b: &Lead) -> u32 {
        (0u32..)
            .zip(a.iter().zip(b))
            .fold(0, |bits, (at, (x, y))| bits | u32::from(x == y) << at)
    }
}

#[cfg(target_arch = "x86_64")]
pub use super::x86::{Avx2, Avx512, Sse2};

#[cfg(target_arch = "aarch64")]
pub use arm::Neon;

#[cfg(target_arch = "aarch64")]
use super::arm;

/// The kernel to use, found once a run.
#[derive(Debug, Clone, Copy)]
pub enum Level {
    /// Plain integers.
    Portable(Portable),
    /// 16 bytes at a time.
    #[cfg(target_arch = "x86_64")]
    Sse2(Sse2),
    /// 32 bytes at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// 64 bytes at a time.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    /// 16 bytes at a time, aarch64.
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
}

impl Level {
    /// All levels that this machine can run, the best first.
    pub fn all() -> Vec<Level> {
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(Avx512::detect().map(Level::Avx512));
            levels.extend(Avx2::detect().map(Level::Avx2));
            levels.push(Level::Sse2(Sse2::new()));
        }
        #[cfg(target_arch = "aarch64")]
        levels.push(Level::Neon(Neon::new()));
        levels.push(Level::Portable(Portable));
        levels
    }

    /// The best level of this machine.
    pub fn best() -> Level {
        Self::all()
            .first()
            .copied()
            .unwrap_or(Level::Portable(Portable))
    }
}

/// Calls a generic `#[inline(always)]` function with the level's kernel, inside a function that enables its instructions.
macro_rules! dispatch {
    ($level:expr, $function:ident ( $($name:ident : $type:ty),* $(,)? ) -> $result:ty) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,pclmulqdq,bmi1,bmi2,lzcnt,popcnt")]
        #[allow(clippy::too_many_arguments)]
        fn avx2(kernel: $crate::source::scanner::kernel::Avx2, $($name: $type),*) -> $result {
            $function(kernel, $($name),*)
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx2,pclmulqdq,bmi1,bmi2,lzcnt,popcnt")]
        #[allow(clippy::too_many_arguments)]
        fn avx512(kernel: $crate::source::scanner::kernel::Avx512, $($name: $type),*) -> $result {
            $function(kernel, $($name),*)
        }
        match $level {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the token exists only where the instructions were detected.
            $crate::source::scanner::kernel::Level::Avx512(kernel) => unsafe { avx512(kernel, $($name),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the token exists only where the instructions were detected.
            $crate::source::scanner::kernel::Level::Avx2(kernel) => unsafe { avx2(kernel, $($name),*) },
            #[cfg(target_arch = "x86_64")]
            $crate::source::scanner::kernel::Level::Sse2(kernel) => $function(kernel, $($name),*),
            #[cfg(target_arch = "aarch64")]
            $crate::source::scanner::kernel::Level::Neon(kernel) => $function(kernel, $($name),*),
            $crate::source::scanner::kernel::Level::Portable(kernel) => $function(kernel, $($name),*),
        }
    }};
}
pub(crate) use dispatch;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Seen = (Classes, [u64; 6], u32);

    fn lead(block: &Block) -> &Lead {
        block.first_chunk().unwrap()
    }

    #[inline(always)]
    fn look(kernel: impl Kernel, a: &Block, b: &Block, bits: u64) -> Seen {
        let first = Wanted {
            fold: 0x20,
            byte: b'{',
        };
        let second = Wanted {
            fold: 0,
            byte: b'"',
        };
        let masks = [
            kernel.prefix_xor(bits),
            kernel.pair(a, first, b, second),
            kernel.places(a, 0x82),
            kernel.stops(a),
            kernel.beyond(a),
            kernel.signs([(a, first, b, second), (b, second, a, first)]),
        ];
        (kernel.classes(a), masks, kernel.same(lead(a), lead(b)))
    }

    fn slow(a: &Block, b: &Block, bits: u64) -> Seen {
        let find =
            |f: &dyn Fn(usize) -> bool| (0..64).filter(|i| f(*i)).fold(0u64, |m, i| m | 1 << i);
        let classes = Classes {
            quotes: find(&|i| a[i] == b'"'),
            slashes: find(&|i| a[i] == b'\\'),
            opens: find(&|i| matches!(a[i], b'{' | b'[')),
            closes: find(&|i| matches!(a[i], b'}' | b']')),
        };
        let prefix = find(&|i| (bits & (u64::MAX >> (63 - i))).count_ones() % 2 == 1);
        let masks = [
            prefix,
            find(&|i| a[i] | 0x20 == b'{' && b[i] == b'"'),
            find(&|i| a[i] == 0x82),
            classes.quotes | classes.slashes,
            find(&|i| !a[i].is_ascii()),
            find(&|i| {
                let pair = a[i] | 0x20 == b'{' && b[i] == b'"';
                pair || !a[i].is_ascii()
            }),
        ];
        (classes, masks, find(&|i| i < 32 && a[i] == b[i]) as u32)
    }

    fn block() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            prop::sample::select(b"\"\\{}[]\x5c\x02\x82".to_vec()),
            any::<u8>()
        ];
        prop::collection::vec(byte, 64)
    }

    proptest! {
        #[test]
        fn every_kernel_says_the_same(a in block(), b in block(), bits in any::<u64>()) {
            let (a, b): (&Block, &Block) = (a[..].try_into().unwrap(), b[..].try_into().unwrap());
            for level in Level::all() {
                let found = dispatch!(level, look(a: &Block, b: &Block, bits: u64) -> Seen);
                prop_assert_eq!(found, slow(a, b, bits), "{:?}", level);
            }
        }
    }
}
