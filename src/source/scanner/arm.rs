//! 64 bytes to bits by NEON: takes a block, gives a bit a byte.

use super::kernel::{Block, Classes, Kernel, Lead, Wanted, ladder};
use super::patterns::{Patterns, RUN, Reach};
use std::arch::aarch64::*;

/// 16 bytes at a time: every aarch64 machine.
#[derive(Debug, Clone, Copy)]
pub struct Neon(());

impl Neon {
    /// NEON is part of aarch64.
    pub fn new() -> Self {
        Self(())
    }

    #[inline(always)]
    fn each(block: &Block, f: impl Fn(uint8x16_t, usize) -> uint8x16_t) -> u64 {
        const WEIGHTS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
        // SAFETY: NEON is part of aarch64; the loads stay inside the 64 bytes.
        unsafe {
            let weights = vld1q_u8(WEIGHTS.as_ptr());
            let part = |i: usize| vandq_u8(f(vld1q_u8(block.as_ptr().add(i * 16)), i), weights);
            let low = vpaddq_u8(part(0), part(1));
            let high = vpaddq_u8(part(2), part(3));
            let sums = vpaddq_u8(low, high);
            vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)))
        }
    }

    #[inline(always)]
    fn equal(v: uint8x16_t, wanted: Wanted) -> uint8x16_t {
        // SAFETY: NEON is part of aarch64.
        unsafe {
            vceqq_u8(
                vorrq_u8(v, vdupq_n_u8(wanted.fold)),
                vdupq_n_u8(wanted.byte),
            )
        }
    }
}

impl Kernel for Neon {
    #[inline(always)]
    fn classes(self, block: &Block) -> Classes {
        let find = |fold, byte| Self::each(block, |v, _| Self::equal(v, Wanted { fold, byte }));
        Classes {
            quotes: find(0, b'"'),
            slashes: find(0, b'\\'),
            opens: find(0x20, b'{'),
            closes: find(0x20, b'}'),
        }
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        ladder(bits)
    }

    #[inline(always)]
    fn pair(self, a: &Block, first: Wanted, b: &Block, second: Wanted) -> u64 {
        Self::each(a, |v, i| {
            // SAFETY: NEON is part of aarch64; the load stays inside the 64 bytes.
            unsafe {
                let other = vld1q_u8(b.as_ptr().add(i * 16));
                vandq_u8(Self::equal(v, first), Self::equal(other, second))
            }
        })
    }

    #[inline(always)]
    fn signs(self, [p, q]: [(&Block, Wanted, &Block, Wanted); 2]) -> u64 {
        let pairs = self.pair(p.0, p.1, p.2, p.3) | self.pair(q.0, q.1, q.2, q.3);
        pairs | self.beyond(p.0)
    }

    #[inline(always)]
    fn places(self, block: &Block, byte: u8) -> u64 {
        Self::each(block, |v, _| Self::equal(v, Wanted { fold: 0, byte }))
    }

    #[inline(always)]
    fn stops(self, block: &Block) -> u64 {
        let find = |v, byte| Self::equal(v, Wanted { fold: 0, byte });
        // SAFETY: NEON is part of aarch64.
        Self::each(block, |v, _| unsafe {
            vorrq_u8(find(v, b'"'), find(v, b'\\'))
        })
    }

    #[inline(always)]
    fn beyond(self, block: &Block) -> u64 {
        // SAFETY: NEON is part of aarch64.
        Self::each(block, |v, _| unsafe { vcgeq_u8(v, vdupq_n_u8(0x80)) })
    }

    #[inline(always)]
    fn same(self, a: &Lead, b: &Lead) -> u32 {
        let (mut x, mut y) = ([0; 64], [0; 64]);
        x[..32].copy_from_slice(a);
        y[..32].copy_from_slice(b);
        let same = Self::each(&x, |v, i| {
            // SAFETY: NEON is part of aarch64; the load stays inside the 64 bytes.
            unsafe { vceqq_u8(v, vld1q_u8(y.as_ptr().add(i * 16))) }
        });
        same as u32
    }

    #[inline(always)]
    fn patterns(self, patterns: &Patterns, bytes: &Reach) -> u64 {
        let Some(block) = bytes.first_chunk() else {
            return 0;
        };
        Self::each(block, |_, i| {
            // SAFETY: NEON is part of aarch64; the loads stay inside the bytes and the tables.
            unsafe {
                let mut left = vdupq_n_u8(u8::MAX);
                let mut at = 0;
                while at < RUN {
                    let low = vld1q_u8(patterns.low.as_ptr().add(at).cast());
                    let high = vld1q_u8(patterns.high.as_ptr().add(at).cast());
                    let v = vld1q_u8(bytes.as_ptr().add(i * 16 + at));
                    let by_low = vqtbl1q_u8(low, vandq_u8(v, vdupq_n_u8(15)));
                    let by_high = vqtbl1q_u8(high, vshrq_n_u8::<4>(v));
                    left = vandq_u8(left, vandq_u8(by_low, by_high));
                    at += 1;
                }
                vtstq_u8(left, left)
            }
        })
    }
}
