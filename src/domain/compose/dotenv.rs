//! Dotenv files: values for `${NAME}`, as Compose reads `.env`.

/// Reads `NAME=value` lines and the numbers of lines that say nothing sensible, from 1.
///
/// Blank lines and those that begin with `#` are left out, `export ` in front is taken
/// away. A value in quotes is what is between them, with `\n`, `\t`, `\"` and `\\` in
/// double ones; of another value a comment behind a space goes. Nothing in a value is
/// replaced.
pub fn parse(text: &str) -> (Vec<(String, String)>, Vec<usize>) {
    let (mut values, mut wrong) = (Vec::new(), Vec::new());
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once('=').and_then(|(name, it)| Some((name_of(name)?, value(it.trim())?)))
        {
            Some(pair) => values.push(pair),
            None => wrong.push(number),
        }
    }
    (values, wrong)
}

fn name_of(text: &str) -> Option<String> {
    let name = text.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    (!name.is_empty() && name.chars().all(fits)).then(|| name.to_owned())
}

fn value(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix('\'') {
        let (inside, behind) = rest.split_once('\'')?;
        return nothing(behind).then(|| inside.to_owned());
    }
    if let Some(rest) = text.strip_prefix('"') {
        return quoted(rest);
    }
    let end = text.find(" #").unwrap_or(text.len());
    Some(text[..end].trim_end().to_owned())
}

fn quoted(rest: &str) -> Option<String> {
    let (mut inside, mut chars) = (String::new(), rest.chars());
    loop {
        match chars.next()? {
            '"' => return nothing(chars.as_str()).then_some(inside),
            '\\' => match chars.next()? {
                'n' => inside.push('\n'),
                't' => inside.push('\t'),
                c @ ('"' | '\\' | '$') => inside.push(c),
                other => inside.extend(['\\', other]),
            },
            other => inside.push(other),
        }
    }
}

/// Behind a quoted value there is at most a comment.
fn nothing(behind: &str) -> bool {
    let behind = behind.trim_start();
    behind.is_empty() || behind.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(&str, &str)>) {
        let (values, wrong) = parse(line);
        let found = values.first().map(|it| (it.0.as_str(), it.1.as_str()));
        assert_eq!(found, expected, "{line}");
        assert_eq!(wrong.is_empty(), expected.is_some() || line.starts_with(['#', ' ']), "{line}");
    }

    #[test]
    fn a_line_gives_a_variable_its_value() {
        check("TAG=1.2", Some(("TAG", "1.2")));
        check("export TAG = 1.2 # now", Some(("TAG", "1.2")));
        check("URL=http://x/#a", Some(("URL", "http://x/#a")));
        check("A='b # \"c\"' # d", Some(("A", "b # \"c\"")));
        check(r#"A="b\n\"c\"\d""#, Some(("A", "b\n\"c\"\\d")));
        check("A=", Some(("A", "")));
        check("# A=b", None);
        check("A", None);
        check("A B=c", None);
        check("A='b", None);
        check("A=\"b\" c", None);
    }

    #[test]
    fn lines_that_say_nothing_are_named() {
        let (values, wrong) = parse("\u{feff}A=1\r\n\r\nwhat\r\nB=2\r\n=3");
        assert_eq!(values, [("A", "1"), ("B", "2")].map(|it| (it.0.to_owned(), it.1.to_owned())));
        assert_eq!(wrong, [3, 5]);
    }
}
