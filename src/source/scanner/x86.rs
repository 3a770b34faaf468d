//! 64 bytes to bits by SSE2, AVX2 and AVX-512: takes a block, gives a bit a byte.

use super::kernel::{Block, Classes, Kernel, Lead, Wanted, ladder};
use super::patterns::{Patterns, RUN, Reach};
use std::arch::x86_64::*;

macro_rules! x86_kernel {
    ($name:ident, $vector:ty, $width:literal, $bits:ty,
     $load:ident, $splat:ident, $equal:ident, $or:ident, $and:ident, $gather:ident) => {
        impl $name {
            #[inline(always)]
            fn each(block: &Block, f: impl Fn($vector) -> $vector) -> u64 {
                let mut bits = 0;
                for i in 0..64 / $width {
                    // SAFETY: the token proves the instructions; the load stays inside the 64 bytes.
                    unsafe {
                        let v = $load(block.as_ptr().add(i * $width).cast());
                        bits |= u64::from($gather(f(v)) as $bits) << (i * $width);
                    }
                }
                bits
            }

            #[inline(always)]
            fn equal(v: $vector, byte: u8) -> $vector {
                // SAFETY: the token proves the instructions.
                unsafe { $equal(v, $splat(byte as i8)) }
            }

            #[inline(always)]
            fn fold(v: $vector, bits: u8) -> $vector {
                // SAFETY: the token proves the instructions.
                unsafe { $or(v, $splat(bits as i8)) }
            }

            #[inline(always)]
            fn all_classes(block: &Block) -> Classes {
                Classes {
                    quotes: Self::each(block, |v| Self::equal(v, b'"')),
                    slashes: Self::each(block, |v| Self::equal(v, b'\\')),
                    opens: Self::each(block, |v| Self::equal(Self::fold(v, 0x20), b'{')),
                    closes: Self::each(block, |v| Self::equal(Self::fold(v, 0x20), b'}')),
                }
            }

            #[inline(always)]
            fn both(a: &Block, first: Wanted, b: &Block, second: Wanted) -> u64 {
                let mut bits = 0;
                for i in 0..64 / $width {
                    // SAFETY: the token proves the instructions; the loads stay inside the 64 bytes.
                    unsafe {
                        let x = $load(a.as_ptr().add(i * $width).cast());
                        let y = $load(b.as_ptr().add(i * $width).cast());
                        let hit = $and(
                            Self::equal(Self::fold(x, first.fold), first.byte),
                            Self::equal(Self::fold(y, second.fold), second.byte),
                        );
                        bits |= u64::from($gather(hit) as $bits) << (i * $width);
                    }
                }
                bits
            }

            #[inline(always)]
            fn all_signs([p, q]: [(&Block, Wanted, &Block, Wanted); 2]) -> u64 {
                let mut bits = 0;
                for i in 0..64 / $width {
                    // SAFETY: the token proves the instructions; the loads stay inside the 64 bytes.
                    unsafe {
                        let load = |block: &Block| $load(block.as_ptr().add(i * $width).cast());
                        let find = |v, wanted: Wanted| {
                            Self::equal(Self::fold(v, wanted.fold), wanted.byte)
                        };
                        let here = load(p.0);
                        let first = $and(find(here, p.1), find(load(p.2), p.3));
                        let second = $and(find(load(q.0), q.1), find(load(q.2), q.3));
                        // What is outside ASCII has the top bit, which is the one that is gathered.
                        let all = $or($or(first, second), here);
                        bits |= u64::from($gather(all) as $bits) << (i * $width);
                    }
                }
                bits
            }

            #[inline(always)]
            fn beyond_ascii(block: &Block) -> u64 {
                Self::each(block, |v| v)
            }

            #[inline(always)]
            fn one(block: &Block, byte: u8) -> u64 {
                Self::each(block, |v| Self::equal(v, byte))
            }

            #[inline(always)]
            fn quotes_and_slashes(block: &Block) -> u64 {
                // SAFETY: the token proves the instructions.
                Self::each(block, |v| unsafe {
                    $or(Self::equal(v, b'"'), Self::equal(v, b'\\'))
                })
            }

            #[inline(always)]
            fn same_bytes(a: &Lead, b: &Lead) -> u32 {
                let mut bits = 0;
                for i in 0..32 / $width {
                    // SAFETY: the token proves the instructions; the loads stay inside the 32 bytes.
                    unsafe {
                        let x = $load(a.as_ptr().add(i * $width).cast());
                        let y = $load(b.as_ptr().add(i * $width).cast());
                        bits |= u32::from($gather($equal(x, y)) as $bits) << (i * $width);
                    }
                }
                bits
            }
        }
    };
}

/// 16 bytes at a time: every x86-64 machine.
#[derive(Debug, Clone, Copy)]
pub struct Sse2(());

impl Sse2 {
    /// SSE2 is part of x86-64.
    pub fn new() -> Self {
        Self(())
    }
}

x86_kernel!(
    Sse2,
    __m128i,
    16,
    u16,
    _mm_loadu_si128,
    _mm_set1_epi8,
    _mm_cmpeq_epi8,
    _mm_or_si128,
    _mm_and_si128,
    _mm_movemask_epi8
);

impl Kernel for Sse2 {
    #[inline(always)]
    fn classes(self, block: &Block) -> Classes {
        Self::all_classes(block)
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        ladder(bits)
    }

    #[inline(always)]
    fn pair(self, a: &Block, first: Wanted, b: &Block, second: Wanted) -> u64 {
        Self::both(a, first, b, second)
    }

    #[inline(always)]
    fn signs(self, pairs: [(&Block, Wanted, &Block, Wanted); 2]) -> u64 {
        Self::all_signs(pairs)
    }

    #[inline(always)]
    fn places(self, block: &Block, byte: u8) -> u64 {
        Self::one(block, byte)
    }

    #[inline(always)]
    fn stops(self, block: &Block) -> u64 {
        Self::quotes_and_slashes(block)
    }

    #[inline(always)]
    fn beyond(self, block: &Block) -> u64 {
        Self::beyond_ascii(block)
    }

    #[inline(always)]
    fn same(self, a: &Lead, b: &Lead) -> u32 {
        Self::same_bytes(a, b)
    }
}

/// 32 bytes at a time, with carry-less multiplication.
#[derive(Debug, Clone, Copy)]
pub struct Avx2(());

impl Avx2 {
    /// The token, where the machine has AVX2, PCLMULQDQ, BMI1, BMI2, LZCNT and POPCNT.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt"))
        .then_some(Self(()))
    }
}

x86_kernel!(
    Avx2,
    __m256i,
    32,
    u32,
    _mm256_loadu_si256,
    _mm256_set1_epi8,
    _mm256_cmpeq_epi8,
    _mm256_or_si256,
    _mm256_and_si256,
    _mm256_movemask_epi8
);

impl Kernel for Avx2 {
    #[inline(always)]
    fn classes(self, block: &Block) -> Classes {
        Self::all_classes(block)
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        carryless(bits)
    }

    #[inline(always)]
    fn pair(self, a: &Block, first: Wanted, b: &Block, second: Wanted) -> u64 {
        Self::both(a, first, b, second)
    }

    #[inline(always)]
    fn signs(self, pairs: [(&Block, Wanted, &Block, Wanted); 2]) -> u64 {
        Self::all_signs(pairs)
    }

    #[inline(always)]
    fn places(self, block: &Block, byte: u8) -> u64 {
        Self::one(block, byte)
    }

    #[inline(always)]
    fn stops(self, block: &Block) -> u64 {
        Self::quotes_and_slashes(block)
    }

    #[inline(always)]
    fn beyond(self, block: &Block) -> u64 {
        Self::beyond_ascii(block)
    }

    #[inline(always)]
    fn same(self, a: &Lead, b: &Lead) -> u32 {
        Self::same_bytes(a, b)
    }

    #[inline(always)]
    fn patterns(self, patterns: &Patterns, bytes: &Reach) -> u64 {
        let mut bits = 0;
        let mut half = 0;
        while half < 2 {
            // SAFETY: the token proves the instructions; the loads stay inside the bytes and the tables.
            unsafe {
                let lower = _mm256_set1_epi8(15);
                let mut left = _mm256_set1_epi8(-1);
                let mut at = 0;
                while at < RUN {
                    let low = _mm_loadu_si128(patterns.low.as_ptr().add(at).cast());
                    let high = _mm_loadu_si128(patterns.high.as_ptr().add(at).cast());
                    let v = _mm256_loadu_si256(bytes.as_ptr().add(half * 32 + at).cast());
                    let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(v), lower);
                    let v = _mm256_and_si256(v, lower);
                    let by_low = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(low), v);
                    let by_high = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(high), upper);
                    left = _mm256_and_si256(left, _mm256_and_si256(by_low, by_high));
                    at += 1;
                }
                let none = _mm256_cmpeq_epi8(left, _mm256_setzero_si256());
                bits |= u64::from(!_mm256_movemask_epi8(none) as u32) << (half * 32);
            }
            half += 1;
        }
        bits
    }
}

/// Prefix exclusive or by carry-less multiplication.
#[inline(always)]
fn carryless(bits: u64) -> u64 {
    // SAFETY: only kernels whose tokens prove PCLMULQDQ (and SSE2) call this.
    unsafe {
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }
}

/// 64 bytes at a time, compared straight to bits.
#[derive(Debug, Clone, Copy)]
pub struct Avx512(());

impl Avx512 {
    /// The token, where the machine has AVX-512 F, BW, VL and VBMI, and all that [`Avx2`] needs. (Machines without VBMI
    /// are those that slow down for vectors of this width.)
    pub fn detect() -> Option<Self> {
        Avx2::detect()?;
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi"))
        .then_some(Self(()))
    }

    #[inline(always)]
    fn load(block: &Block) -> __m512i {
        // SAFETY: the token proves the instructions; the load is of the 64 bytes.
        unsafe { _mm512_loadu_si512(block.as_ptr().cast()) }
    }

    #[inline(always)]
    fn equal(v: __m512i, byte: u8) -> u64 {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(byte as i8)) }
    }

    #[inline(always)]
    fn fold(v: __m512i, bits: u8) -> __m512i {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_or_si512(v, _mm512_set1_epi8(bits as i8)) }
    }
}

impl Avx512 {
    #[inline(always)]
    fn both([a, b]: [__m512i; 2], first: Wanted, second: Wanted) -> u64 {
        let hits = Self::equal(Self::fold(a, first.fold), first.byte);
        // SAFETY: the token proves the instructions.
        unsafe {
            let byte = _mm512_set1_epi8(second.byte as i8);
            _mm512_mask_cmpeq_epi8_mask(hits, Self::fold(b, second.fold), byte)
        }
    }
}

impl Kernel for Avx512 {
    #[inline(always)]
    fn classes(self, block: &Block) -> Classes {
        let v = Self::load(block);
        let folded = Self::fold(v, 0x20);
        Classes {
            quotes: Self::equal(v, b'"'),
            slashes: Self::equal(v, b'\\'),
            opens: Self::equal(folded, b'{'),
            closes: Self::equal(folded, b'}'),
        }
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        carryless(bits)
    }

    #[inline(always)]
    fn pair(self, a: &Block, first: Wanted, b: &Block, second: Wanted) -> u64 {
        Self::both([Self::load(a), Self::load(b)], first, second)
    }

    #[inline(always)]
    fn signs(self, [p, q]: [(&Block, Wanted, &Block, Wanted); 2]) -> u64 {
        let here = Self::load(p.0);
        let first = Self::both([here, Self::load(p.2)], p.1, p.3);
        let second = Self::both([Self::load(q.0), Self::load(q.2)], q.1, q.3);
        // SAFETY: the token proves the instructions.
        let beyond = unsafe { _mm512_movepi8_mask(here) };
        first | second | beyond
    }

    #[inline(always)]
    fn places(self, block: &Block, byte: u8) -> u64 {
        Self::equal(Self::load(block), byte)
    }

    #[inline(always)]
    fn stops(self, block: &Block) -> u64 {
        let v = Self::load(block);
        Self::equal(v, b'"') | Self::equal(v, b'\\')
    }

    #[inline(always)]
    fn beyond(self, block: &Block) -> u64 {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_movepi8_mask(Self::load(block)) }
    }

    #[inline(always)]
    fn same(self, a: &Lead, b: &Lead) -> u32 {
        // SAFETY: the token proves the instructions; the loads are of the 32 bytes.
        unsafe {
            let x = _mm256_loadu_si256(a.as_ptr().cast());
            let y = _mm256_loadu_si256(b.as_ptr().cast());
            _mm256_cmpeq_epi8_mask(x, y)
        }
    }

    #[inline(always)]
    fn patterns(self, patterns: &Patterns, bytes: &Reach) -> u64 {
        // SAFETY: the token proves the instructions; the loads stay inside the bytes and the tables.
        unsafe {
            let mut left = _mm512_set1_epi8(-1);
            let mut at = 0;
            while at < RUN {
                let table = patterns.by_byte.as_ptr().add(at).cast::<__m512i>();
                let (low, high) = (table.read_unaligned(), table.add(1).read_unaligned());
                let v = _mm512_loadu_si512(bytes.as_ptr().add(at).cast());
                left = _mm512_and_si512(left, _mm512_permutex2var_epi8(low, v, high));
                at += 1;
            }
            _mm512_test_epi8_mask(left, left)
        }
    }
}
