//! Networks: takes `address/bits` of IPv4 or IPv6, tells which addresses are inside.

use std::net::IpAddr;

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    network: u128,
    mask: u128,
    v6: bool,
}

impl Cidr {
    /// Reads `address/bits`; an address alone is a network of one. `None` when the text is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let (number, v6) = number(address.trim())?;
        let width = if v6 { 128 } else { 32 };
        let bits = bits.unwrap_or(width);
        if bits > width {
            return None;
        }
        let host = (width - bits).min(127);
        let all = u128::MAX >> (128 - width);
        let mask = if bits == 0 { 0 } else { (all >> host) << host };
        Some(Self {
            network: number & mask,
            mask,
            v6,
        })
    }

    /// Whether a text looks like a network: an address, a slash and a number of bits.
    pub fn looks_like(text: &str) -> bool {
        text.contains('/') && Self::parse(text).is_some()
    }

    /// Whether an address is in the network; `None` when the text is no address.
    pub fn contains(&self, address: &str) -> Option<bool> {
        let (number, v6) = number(address.trim())?;
        Some(v6 == self.v6 && number & self.mask == self.network)
    }
}

fn number(address: &str) -> Option<(u128, bool)> {
    let first = *address.as_bytes().first()?;
    if !first.is_ascii_hexdigit() && first != b':' {
        return None;
    }
    match address.parse().ok()? {
        IpAddr::V4(v4) => Some((u128::from(v4.to_bits()), false)),
        IpAddr::V6(v6) => Some((v6.to_bits(), true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_decide() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.1.2", Some(true)),
            ("10.0.0.0/8", "11.0.0.0", Some(false)),
            ("192.0.2.56/24", "192.0.2.1", Some(true)),
            ("0.0.0.0/0", "203.0.113.9", Some(true)),
            ("1.2.3.4", "1.2.3.4", Some(true)),
            ("1.2.3.4/32", "1.2.3.5", Some(false)),
            ("2001:db8::/32", "2001:db8:1::7", Some(true)),
            ("2001:db8::/32", "2001:db9::", Some(false)),
            ("::/0", "::1", Some(true)),
            ("::/0", "1.2.3.4", Some(false)),
            ("10.0.0.0/8", "host", None),
        ] {
            let cidr = Cidr::parse(network).unwrap();
            assert_eq!(cidr.contains(address), inside, "{address} in {network}");
        }
        for text in ["10.0.0.0/33", "10.0.0/8", "x/8", "::/129", "/8", "1.2.3.4/"] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }
}
