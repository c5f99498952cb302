//! A stretch of a text in one line, and what tells two of them apart.

/// Returns two stretches in one line each. Where only blanks differ, those are shown:
/// tabs as `<tab>`, and blanks as they are.
pub fn apart(old: &str, new: &str) -> (String, String) {
    let (short_old, short_new) = (short(old.trim()), short(new.trim()));
    if short_old != short_new {
        return (short_old, short_new);
    }
    let shown = |text: &str| short(text.trim_end_matches(['\r', '\n'])).replace('\t', "<tab>");
    (shown(old), shown(new))
}

fn short(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().trim_end_matches(' ');
    let more = if lines.next().is_some() { " …" } else { "" };
    format!("`{first}{more}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &str, new: &str, expected: (&str, &str)) {
        let (old, new) = apart(old, new);
        assert_eq!((old.as_str(), new.as_str()), expected);
    }

    #[test]
    fn what_differs_is_seen() {
        check("\ttabbed: yes\n", "  tabbed: yes\n", ("`<tab>tabbed: yes`", "`  tabbed: yes`"));
        check("  a: 1\n", "  a: 2\n", ("`a: 1`", "`a: 2`"));
        check("a: 1\nb: 2\n", "c: 3\nd: 4", ("`a: 1 …`", "`c: 3 …`"));
    }
}
