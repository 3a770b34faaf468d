//! Ranges of IP addresses: takes `10.0.0.0/8` or `2001:db8::/32`, tests addresses against it.

use std::net::IpAddr;

/// A network; both families as 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    bits: u128,
    mask: u128,
    v4: bool,
}

impl Cidr {
    /// Reads `address/prefix`; a bare address is a network of one.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().ok()?;
        let v4 = address.is_ipv4();
        let width = if v4 { 32 } else { 128 };
        let prefix = prefix.unwrap_or(width);
        if prefix > width {
            return None;
        }
        let mask = if prefix == 0 {
            0
        } else {
            (u128::MAX << (128 - prefix)) >> (128 - width)
        };
        let mask = mask & (u128::MAX >> (128 - width));
        Some(Self {
            bits: bits(address) & mask,
            mask,
            v4,
        })
    }

    /// Whether an address lies in it. An IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.v4 && bits(address) & self.mask == self.bits
    }

    /// Whether a text is an address that lies in it.
    pub fn contains_text(&self, text: &str) -> bool {
        text.trim()
            .parse()
            .is_ok_and(|address| self.contains(address))
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(a) => u128::from(a.to_bits()),
        IpAddr::V6(a) => a.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_match_by_prefix_bits() {
        let inside = |network: &str, address: &str| {
            Cidr::parse(network).is_some_and(|n| n.contains_text(address))
        };
        assert!(
            inside("10.10.10.16/28", "10.10.10.23") && !inside("10.10.10.16/28", "10.10.10.32")
        );
        assert!(inside("0.0.0.0/0", "1.2.3.4") && !inside("0.0.0.0/0", "::1"));
        assert!(
            inside("2001:db8::/32", "2001:db8:5::7") && !inside("2001:db8::/32", "2001:db9::1")
        );
        assert!(inside("10.0.0.1", "10.0.0.1") && inside("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(Cidr::parse("10.0.0.0/33").is_none() && Cidr::parse("x/8").is_none());
    }
}
