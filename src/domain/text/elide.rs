//! Ellipsis: shortens texts to a width in columns of a terminal.
//!
//! What is left out shows as [`ELLIPSIS`]; a terminal without Unicode can put
//! any one-column character in its place.

use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub const ELLIPSIS: &str = "…";

/// Returns how many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Shortens in the middle, which keeps what tells images, paths and names apart.
pub fn middle(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let Some(room) = width.checked_sub(1) else { return Cow::Borrowed("") };
    // The odd column goes to the end: tags and numbers are there.
    let head = start_within(text, room / 2);
    let tail = end_within(&text[head.len()..], room - head.width());
    Cow::Owned(format!("{head}{ELLIPSIS}{tail}"))
}

/// Shortens at the end.
pub fn end(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let Some(room) = width.checked_sub(1) else { return Cow::Borrowed("") };
    Cow::Owned(format!("{}{ELLIPSIS}", start_within(text, room)))
}

/// Shortens a list of facts, `3 nodes, 2 of them ready`, by whole ones from its end.
pub fn facts(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let ends = text.rmatch_indices(", ").map(|it| it.0);
    let more = ", ".width() + ELLIPSIS.width();
    match ends.map(|it| &text[..it]).find(|it| it.width() + more <= width) {
        Some(head) => Cow::Owned(format!("{head}, {ELLIPSIS}")),
        None => end(text, width),
    }
}

/// Shortens an image reference: first the digest goes where there is a tag, then
/// the registry and path give way, at last the name and tag are cut in the middle.
pub fn image(reference: &str, width: usize) -> Cow<'_, str> {
    let short = without_digest(reference);
    if short.width() <= width {
        return Cow::Borrowed(short);
    }
    let name = short.rsplit_once('/').map_or(short, |it| it.1);
    let path = &short[..short.len() - name.len()];
    match width.checked_sub(name.width() + 1) {
        // Less than that of a path says nothing.
        Some(room) if room >= 5 => {
            Cow::Owned(format!("{}/{name}", middle(path.trim_end_matches('/'), room)))
        }
        Some(1..) => Cow::Owned(format!("{ELLIPSIS}/{name}")),
        _ => middle(name, width),
    }
}

/// Returns an image reference without its digest, which a reference that has no
/// tag keeps in the short form of docker: twelve characters of it.
pub fn without_digest(reference: &str) -> &str {
    let Some((name, digest)) = reference.split_once('@') else { return reference };
    let tagged = name.rsplit('/').next().is_some_and(|last| last.contains(':'));
    if tagged {
        return name;
    }
    let algorithm = digest.find(':').map_or(0, |at| at + 1);
    reference.get(..name.len() + 1 + algorithm + 12).unwrap_or(reference)
}

/// The longest beginning that fits.
fn start_within(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, piece) in text.grapheme_indices(true) {
        used += piece.width();
        if used > width {
            return &text[..at];
        }
    }
    text
}

/// The longest end that fits.
fn end_within(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, piece) in text.grapheme_indices(true).rev() {
        used += piece.width();
        if used > width {
            return &text[at + piece.len()..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_go_as_a_whole() {
        let text = "3 of 12 failed, 2 rolled back, mostly: no image";
        for (width, expected) in [
            (47, text),
            (46, "3 of 12 failed, 2 rolled back, …"),
            (32, "3 of 12 failed, 2 rolled back, …"),
            (31, "3 of 12 failed, …"),
            (10, "3 of 12 f…"),
        ] {
            assert_eq!(facts(text, width), expected, "{width}");
        }
    }

    #[test]
    fn the_middle_gives_way() {
        for (text, width, written) in [
            ("short", 5, "short"),
            ("abcdefghij", 7, "abc…hij"),
            ("abcdefghij", 6, "ab…hij"),
            ("abcdefghij", 1, "…"),
            ("abcdefghij", 0, ""),
            ("日本語日本語", 7, "日…本語"),
            ("ae\u{301}io\u{301}u", 4, "a…o\u{301}u"),
        ] {
            let short = middle(text, width);
            assert_eq!(short, written, "{text} in {width}");
            assert!(short.width() <= width);
        }
    }

    #[test]
    fn the_end_gives_way() {
        assert_eq!(end("abcdef", 4), "abc…");
        assert_eq!(end("日本語", 4), "日…");
        assert_eq!(end("abc", 0), "");
    }

    #[test]
    fn an_image_keeps_name_and_tag_longest() {
        let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let full = format!("registry.example.com/team/shop/api:4.2@{digest}");
        for (width, written) in [
            (40, "registry.example.com/team/shop/api:4.2"),
            (30, "registry.e…m/team/shop/api:4.2"),
            (13, "re…op/api:4.2"),
            (9, "…/api:4.2"),
            (7, "api:4.2"),
            (5, "ap….2"),
        ] {
            let short = image(&full, width);
            assert_eq!(short, written, "{width}");
            assert!(short.width() <= width);
        }
        assert_eq!(image(&format!("api@{digest}"), 80), "api@sha256:0123456789ab");
    }
}
