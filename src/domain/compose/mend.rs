//! Fixes that need the text of the file, which who finds a thing does not always have.

use crate::domain::compose::{
    codes, edit,
    finding::{Finding, Fix},
    yaml::{Entry, Node},
};

/// Gives findings their fixes; trees and texts are those of the files.
pub fn mend(findings: &mut [Finding], roots: &[Node], texts: &[&str]) {
    for finding in findings {
        let Some(text) = texts.get(finding.place.file) else { continue };
        if let Some((part, other)) = finding.instead.take() {
            finding.fix = edit::replace_part(text, finding.place, &part, &other);
        } else if *finding.code == codes::DEPRECATED_EXTERNAL {
            let root = roots.get(finding.place.file);
            finding.fix = root.and_then(|it| name_beside_external(finding, it, text));
        }
    }
}

/// Writes `external: true` and `name` for `external: { name: … }`.
fn name_beside_external(finding: &Finding, root: &Node, text: &str) -> Option<Fix> {
    let sections = ["networks", "volumes", "secrets", "configs"];
    let objects = sections.iter().filter_map(|it| root.get(it)).flat_map(Node::entries);
    let mut objects = objects.filter_map(|it| Some((&it.value, it.value.entry("external")?)));
    let named = |it: &Entry| it.value.get("name").is_some_and(|it| it.place == finding.place);
    let (object, external) = objects.find(|it| named(it.1))?;
    let name = text.get(finding.place.bytes())?;
    edit::rewrite(text, object, external, &["external: true".to_owned(), format!("name: {name}")])
}
