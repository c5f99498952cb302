//! Path handling as text, for paths on the machine that deploys.

/// Returns `path` as seen from `directory`, in its shortest form.
pub fn absolute(directory: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { clean(&format!("{directory}/{path}")) }
}

/// Resolves the source of a bind mount; `None` where `~` has no meaning.
///
/// Paths that are absolute on Windows are left alone: the engine may run there.
pub fn bind_source(directory: &str, home: Option<&str>, source: &str) -> Option<String> {
    let source = match (source.strip_prefix('~'), home) {
        (Some(rest), Some(home)) => format!("{home}{rest}"),
        (Some(_), None) => return None,
        (None, _) => source.to_owned(),
    };
    Some(if is_absolute_on_windows(&source) { source } else { absolute(directory, &source) })
}

/// Removes `.`, `..` and empty parts, as Go's `path.Clean`.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|it| *it != "..") => drop(parts.pop()),
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Tells `C:\…` and `\\server\share\…`.
fn is_absolute_on_windows(path: &str) -> bool {
    let is_slash = |c: char| matches!(c, '/' | '\\');
    let mut chars = path.chars();
    if chars.next().is_some_and(|it| it.is_ascii_alphabetic()) && chars.next() == Some(':') {
        return chars.next().is_some_and(is_slash);
    }
    let Some(rest) = path.strip_prefix(is_slash).and_then(|it| it.strip_prefix(is_slash)) else {
        return false;
    };
    let mut parts = rest.splitn(3, is_slash);
    let mut named = || parts.next().is_some_and(|it| !it.is_empty() && !it.starts_with('.'));
    named() && named() && parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_of_binds_become_absolute() {
        for (source, expected) in [
            ("./a/../b", "/dir/b"),
            (".", "/dir"),
            ("../../../x", "/x"),
            ("/a/../b", "/a/../b"),
            ("~/x", "/home/me/x"),
            ("~foo", "/home/mefoo"),
            (r"C:\x", r"C:\x"),
            (r"\\server\share\x", r"\\server\share\x"),
            (r"\\.\pipe\docker", r"/dir/\\.\pipe\docker"),
            (r"\\server\share", r"/dir/\\server\share"),
        ] {
            let seen = bind_source("/dir", Some("/home/me"), source);
            assert_eq!(seen.as_deref(), Some(expected), "{source}");
        }
        assert_eq!(bind_source("/dir", None, "~/x"), None);
    }
}
