//! Line parser: the parts of one line.

use std::borrow::Cow;

/// Returns where a key ends and where its value begins, if a line starts with one.
pub fn key(line: &str) -> Option<(usize, usize)> {
    let first = line.chars().next()?;
    let end = match first {
        '"' | '\'' => 2 + line[1..].find(first)?,
        '[' | '{' | '#' | '|' | '>' | '&' | '!' | '@' | '`' | ',' | ']' | '}' => return None,
        _ => {
            let ends =
                |at: &usize| line[at + 1..].is_empty() || line[at + 1..].starts_with([' ', '\t']);
            let colon = line.match_indices(':').map(|it| it.0).find(ends)?;
            if line[..colon].contains(" #") {
                return None;
            }
            line[..colon].trim_end().len()
        }
    };
    let colon = end + blanks(&line[end..]);
    let rest = line[colon..].strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some((end, colon + 1))
}

/// Returns the part of a line before its comment.
pub fn plain(line: &str) -> &str {
    line.find(" #").map_or(line, |it| &line[..it])
}

/// Returns a key without its quotes.
pub fn clean(key: &str) -> Cow<'_, str> {
    let quote = key.chars().next().filter(|it| matches!(it, '"' | '\''));
    match quote {
        Some(quote) => Cow::Borrowed(key[1..].strip_suffix(quote).unwrap_or(&key[1..])),
        None => Cow::Borrowed(key),
    }
}

/// Tells whether a line has a comment.
pub fn has_comment(line: &str) -> bool {
    line.starts_with('#') || line.contains(" #")
}

/// Tells whether a line goes on with an item of a list.
pub fn is_dash(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|it| it.is_empty() || it.starts_with([' ', '\t']))
}

/// Counts the spaces and tabs at the beginning.
pub fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// Counts the bytes of anchors and tags in front of a value.
pub fn properties(text: &str) -> usize {
    let mut at = 0;
    while text[at..].starts_with(['&', '!']) {
        at += text[at..].find([' ', '\t']).unwrap_or(text.len() - at);
        at += blanks(&text[at..]);
    }
    at
}
