//! Excerpts: part of a text on one line, and the difference of two of them.

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

/// Leaves out the name that a text begins with where a title beside it says it already:
/// `service web: it failed` beside `restart web` is `it failed`.
pub fn beside<'a>(text: &'a str, title: &str) -> &'a str {
    let rest = text.strip_prefix("service ").unwrap_or(text).split_once(": ");
    rest.filter(|it| title.split_whitespace().any(|word| word == it.0)).map_or(text, |it| it.1)
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
    fn a_name_that_stands_beside_is_not_said_again() {
        for (text, title, expected) in [
            ("shop_web: it failed: x", "restart shop_web", "it failed: x"),
            ("service web: it failed", "scale web to 3", "it failed"),
            ("shop_web: it failed", "restart shop_web2", "shop_web: it failed"),
            ("a: x; b: y", "restart 2 services", "a: x; b: y"),
            ("4 tasks run", "drain node1", "4 tasks run"),
        ] {
            assert_eq!(beside(text, title), expected, "{text} beside {title}");
        }
    }

    #[test]
    fn what_differs_is_seen() {
        check("\ttabbed: yes\n", "  tabbed: yes\n", ("`<tab>tabbed: yes`", "`  tabbed: yes`"));
        check("  a: 1\n", "  a: 2\n", ("`a: 1`", "`a: 2`"));
        check("a: 1\nb: 2\n", "c: 3\nd: 4", ("`a: 1 …`", "`c: 3 …`"));
    }
}
