//! Numbers with the right form of their noun.

/// Writes `1 task`, `3 tasks`; nouns that do not just take an `s` go through [`counted`].
pub fn plural(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// Writes `1 policy`, `2 policies`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        assert_eq!(plural(0, "task"), "0 tasks");
        assert_eq!(plural(1, "task"), "1 task");
        assert_eq!(plural(2, "task"), "2 tasks");
        assert_eq!(counted(1, "policy", "policies"), "1 policy");
        assert_eq!(counted(2, "policy", "policies"), "2 policies");
    }
}
