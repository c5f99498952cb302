//! Amounts of memory and of processor time.

const UNITS: &[&str] = &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Writes bytes in the unit that fits: `512 B`, `1.5 KiB`, `700 MiB`, `2 GiB`.
pub fn bytes(count: u64) -> String {
    let mut rank = 0;
    // 1023.95 and more would be rounded up to 1024 of its unit.
    while rank + 1 < UNITS.len() && tenths(count, rank) >= 10_240 {
        rank += 1;
    }
    let tenths = tenths(count, rank);
    let unit = UNITS[rank];
    if tenths >= 100 || tenths.is_multiple_of(10) {
        return format!("{} {unit}", (tenths + 5) / 10);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// Writes bytes as the engine gives them; what is below zero counts as nothing.
pub fn memory(count: i64) -> String {
    bytes(u64::try_from(count).unwrap_or(0))
}

/// Writes billionths of a core as cores, thousandths at most: `0.5`, `2`, `0.125`.
pub fn cpus(nano_cpus: i64) -> String {
    let thousandths = (i128::from(nano_cpus.max(0)) + 500_000) / 1_000_000;
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns `part` of `whole` in percent, rounded; nothing of nothing is `None`.
pub fn percent(part: i64, whole: i64) -> Option<u64> {
    if whole <= 0 {
        return None;
    }
    let rounded = (i128::from(part.max(0)) * 100 + i128::from(whole) / 2) / i128::from(whole);
    u64::try_from(rounded).ok()
}

/// Tenths of the unit of this rank, rounded.
fn tenths(count: u64, rank: usize) -> u128 {
    let unit = 1_u128 << (10 * rank);
    (u128::from(count) * 10 + unit / 2) / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_a_unit_that_fits() {
        for (count, written) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KiB"),
            (1_536, "1.5 KiB"),
            (734_003_200, "700 MiB"),
            (1_048_575, "1 MiB"),
            (10_800, "11 KiB"),
            (2 << 30, "2 GiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(bytes(count), written, "{count}");
        }
        assert_eq!(memory(-1), "0 B");
    }

    #[test]
    fn cores_are_written_without_idle_digits() {
        for (nano, written) in [
            (0, "0"),
            (500_000_000, "0.5"),
            (2_000_000_000, "2"),
            (10_000_000_000, "10"),
            (1_250_000_000, "1.25"),
            (333_333_333, "0.333"),
            (-1, "0"),
        ] {
            assert_eq!(cpus(nano), written, "{nano}");
        }
    }

    #[test]
    fn a_share_of_nothing_is_unknown() {
        assert_eq!(percent(1, 0), None);
        assert_eq!(percent(1, 3), Some(33));
        assert_eq!(percent(-1, 3), Some(0));
        assert_eq!(percent(i64::MAX, i64::MAX), Some(100));
        assert_eq!(percent(3, 2), Some(150));
    }
}
