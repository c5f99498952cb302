//! Command lines, split as docker does it (Go's `google/shlex`): quotes,
//! escapes and comments, but no variables and no operators.

/// Splits a command line into words, or says what is open at its end.
pub fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut rest = line.chars();
    loop {
        match rest.clone().next() {
            None => return Ok(words),
            Some(' ' | '\t' | '\r' | '\n') => drop(rest.next()),
            Some('#') => drop(rest.by_ref().find(|it| *it == '\n')),
            Some(_) => words.push(word(&mut rest)?),
        }
    }
}

/// Reads up to the next space outside of quotes.
fn word(rest: &mut std::str::Chars<'_>) -> Result<String, &'static str> {
    const ESCAPE: &str = "EOF found after escape character";
    const QUOTE: &str = "EOF found when expecting closing quote";
    let mut word = String::new();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => break,
            '\\' => word.push(rest.next().ok_or(ESCAPE)?),
            '\'' | '"' => loop {
                match rest.next().ok_or(QUOTE)? {
                    end if end == c => break,
                    '\\' if c == '"' => word.push(rest.next().ok_or(ESCAPE)?),
                    inner => word.push(inner),
                }
            },
            _ => word.push(c),
        }
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_docker_splits_them() {
        for (line, expected) in [
            ("a  b\tc\n", vec!["a", "b", "c"]),
            ("", vec![]),
            (r#"a "b c" 'd "e'"#, vec!["a", "b c", "d \"e"]),
            (r#"a"b"'c'\ d"#, vec!["abc d"]),
            (r#""" ''"#, vec!["", ""]),
            (r#""\n\"" '\n'"#, vec!["n\"", "\\n"]),
            ("a #b\nc#d", vec!["a", "c#d"]),
            ("a|b && c > $d", vec!["a|b", "&&", "c", ">", "$d"]),
        ] {
            assert_eq!(
                split(line),
                Ok(expected.into_iter().map(str::to_owned).collect()),
                "{line}"
            );
        }
        assert_eq!(split("a 'b"), Err("EOF found when expecting closing quote"));
        assert_eq!(split("a\\"), Err("EOF found after escape character"));
    }
}
