//! Relative paths of a file that moves to another folder.

use crate::domain::compose::{
    edit,
    finding::{Findings, Fix},
    place::Place,
    yaml::{self, YamlNode},
};

/// What became of a file that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub text: String,
    /// What was written, and what is written now.
    pub paths: Vec<(String, String)>,
    /// Paths that could not be written otherwise.
    pub left: Vec<String>,
}

/// Writes the relative paths of a stack file as they are from another folder, from which
/// the old one is `back`, as `../shop`.
pub fn moved(text: &str, back: &str) -> Moved {
    let mut result = Moved { text: text.to_owned(), paths: Vec::new(), left: Vec::new() };
    let Some(root) = yaml::parse(0, text.as_bytes(), &mut Findings::default()) else {
        return result;
    };
    let mut fixes: Vec<Fix> = Vec::new();
    for (place, path) in paths(&root) {
        if path.starts_with(['/', '~', '$']) || path.is_empty() {
            continue;
        }
        let inner = path.strip_prefix("./").unwrap_or(path);
        let new = if path == "." { back.to_owned() } else { format!("{back}/{inner}") };
        match fix(text, place, path, &new) {
            Some(fix) => {
                if !fixes.iter().any(|it| it.place == fix.place) {
                    result.paths.push((path.to_owned(), new));
                    fixes.push(fix);
                }
            }
            None => result.left.push(path.to_owned()),
        }
    }
    fixes.sort_by_key(|it| it.place.start);
    for fix in fixes.iter().rev() {
        result.text = edit::apply(&result.text, fix).unwrap_or(result.text);
    }
    result
}

/// Returns the paths that count from the folder of the file, each with the value it is in.
fn paths(root: &YamlNode) -> Vec<(Place, &str)> {
    let mut all = Vec::new();
    for service in root.get("services").map(YamlNode::entries).unwrap_or_default() {
        if let Some(files) = service.value.get("env_file") {
            let listed = files.items().iter().filter_map(|it| Some((it.place, it.text()?)));
            all.extend(files.text().map(|it| (files.place, it)).into_iter().chain(listed));
        }
        let mounts = service.value.get("volumes").map(YamlNode::items).unwrap_or_default();
        all.extend(mounts.iter().filter_map(source));
    }
    for section in ["secrets", "configs"] {
        for object in root.get(section).map(YamlNode::entries).unwrap_or_default() {
            let file = object.value.get("file");
            all.extend(file.and_then(|it| Some((it.place, it.text()?))));
        }
    }
    all
}

/// Returns the source of a mount that is a path of this machine.
fn source(mount: &YamlNode) -> Option<(Place, &str)> {
    if let Some(text) = mount.text() {
        let source = text.split_once(':')?.0;
        return source.starts_with('.').then_some((mount.place, source));
    }
    let source = mount.get("source")?;
    let is_bind = mount.get("type")?.text() == Some("bind");
    is_bind.then_some((source.place, source.text()?))
}

/// Writes a path for the one that a value begins with.
fn fix(text: &str, place: Place, old: &str, new: &str) -> Option<Fix> {
    let raw = text.get(place.bytes())?;
    let quotes = usize::from(raw.starts_with(['"', '\'']));
    let plain = |it: char| it.is_ascii_alphanumeric() || "._-/@+".contains(it);
    let fits = raw.get(quotes..)?.starts_with(old) && new.chars().all(plain);
    let start = place.start + quotes;
    let place = Place { start, end: start + old.len(), column: place.column + quotes, ..place };
    fits.then(|| Fix { place, text: new.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_they_are_from_the_other_folder() {
        let text = "services:\n  a:\n    image: x:1\n    env_file: [web.env, './b.env', /c.env]\n    volumes:\n      - ./proxy/nginx.conf:/etc/nginx.conf:ro # why\n      - data:/data\n      - { type: bind, source: ../up, target: /up }\n      - .:/here\nsecrets:\n  s: { file: db/password.txt }\n";
        let expected = "services:\n  a:\n    image: x:1\n    env_file: [../shop/web.env, '../shop/b.env', /c.env]\n    volumes:\n      - ../shop/proxy/nginx.conf:/etc/nginx.conf:ro # why\n      - data:/data\n      - { type: bind, source: ../shop/../up, target: /up }\n      - ../shop:/here\nsecrets:\n  s: { file: ../shop/db/password.txt }\n";
        let result = moved(text, "../shop");
        assert_eq!(result.text, expected);
        assert_eq!((result.paths.len(), result.left), (6, Vec::new()));
        let odd = moved(text, "../my shop");
        assert_eq!((odd.text.as_str(), odd.left.len()), (text, 6));
    }
}
