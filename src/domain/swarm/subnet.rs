//! Subnets of networks, as `10.10.0.0/24`.

use std::{net::IpAddr, ops::RangeInclusive};

/// A stretch of addresses of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    first: u128,
    length: u32,
    is_v4: bool,
}

impl Subnet {
    /// Reads an address and the length of its prefix; `None` where it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let (address, bits) = match address.parse().ok()? {
            IpAddr::V4(it) => (u128::from(u32::from(it)), 32),
            IpAddr::V6(it) => (u128::from(it), 128),
        };
        let digits = length.bytes().all(|it| it.is_ascii_digit());
        let length: u32 = length.parse().ok().filter(|it| digits && *it <= bits)?;
        let host = 1_u128.checked_shl(bits - length).map_or(u128::MAX, |it| it - 1);
        Some(Self { first: address & !host, length, is_v4: bits == 32 })
    }

    pub fn is_v4(self) -> bool {
        self.is_v4
    }

    /// Returns how many addresses it has, at most [`u64::MAX`].
    pub fn size(self) -> u64 {
        let host = self.range().end() - self.range().start();
        u64::try_from(host).map_or(u64::MAX, |it| it.saturating_add(1))
    }

    /// Returns its family and its first address, by which subnets are put in order.
    pub fn first(self) -> (bool, u128) {
        (self.is_v4, self.first)
    }

    /// Returns whether it goes on where another one of its family has ended.
    pub fn reaches_beyond(self, other: Self) -> bool {
        self.is_v4 == other.is_v4 && self.range().end() > other.range().end()
    }

    /// Returns whether an address belongs to both.
    pub fn overlaps(self, other: Self) -> bool {
        let (own, its) = (self.range(), other.range());
        self.is_v4 == other.is_v4 && own.start() <= its.end() && its.start() <= own.end()
    }

    fn range(self) -> RangeInclusive<u128> {
        let bits = if self.is_v4 { 32 } else { 128 };
        let host = 1_u128.checked_shl(bits - self.length).map_or(u128::MAX, |it| it - 1);
        self.first..=self.first | host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_are_measured() {
        for (subnet, expected) in [
            ("10.0.0.0/24", Some(256)),
            ("10.0.0.0/32", Some(1)),
            ("10.0.0.0/0", Some(1 << 32)),
            ("fd00::/64", Some(u64::MAX)),
            ("::/0", Some(u64::MAX)),
            ("fd00::/120", Some(256)),
            ("10.0.0.0", None),
            ("10.0.0/24", None),
            ("10.0.0.0/33", None),
            ("10.0.0.0/+8", None),
        ] {
            assert_eq!(Subnet::parse(subnet).map(Subnet::size), expected, "{subnet}");
        }
    }

    #[test]
    fn subnets_overlap_where_they_share_an_address() {
        for (one, other, expected) in [
            ("10.50.0.0/16", "10.50.1.0/24", true),
            ("10.50.1.0/24", "10.50.0.0/16", true),
            ("10.50.1.7/24", "10.50.1.0/24", true),
            ("10.50.0.0/24", "10.50.1.0/24", false),
            ("0.0.0.0/0", "192.168.0.0/24", true),
            ("fd00::/64", "fd00::1:0/112", true),
            ("fd00::/64", "fd00:0:0:1::/64", false),
            ("::/0", "10.0.0.0/8", false),
        ] {
            let [one_, other_] = [one, other].map(|it| Subnet::parse(it).unwrap());
            assert_eq!(one_.overlaps(other_), expected, "{one} {other}");
        }
    }
}
