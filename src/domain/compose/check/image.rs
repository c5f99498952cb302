//! Checks of images and their tags.

use crate::domain::{
    compose::{
        check::subject::Subject,
        codes,
        finding::{Finding, Findings},
    },
    swarm::image::ImageRef,
};

/// Says which images are another one tomorrow.
pub fn tag(subject: &Subject<'_>, findings: &mut Findings) {
    let text = &subject.service.image;
    let Ok(image) = ImageRef::parse(text) else { return };
    let name = image.familiar_name();
    let (code, message) = match (image.tag.as_deref(), &image.digest) {
        (None, None) => (&codes::NO_TAG, format!("the image {name} has no tag: `latest` is used")),
        (Some("latest"), None) => {
            (&codes::LATEST, format!("the image {name} has the tag `latest`"))
        }
        (Some(tag), Some(_)) => {
            (&codes::TAG_AND_DIGEST, format!("the tag `{tag}` has no effect beside the digest"))
        }
        _ => return,
    };
    findings.push(Finding::new(code, text.place, message));
}

/// Says where capitals stand in the first part of a name that is not an address of a registry.
/// Clients since 2023 take it for one; the engine does not know it, and refuses the image.
pub fn capitals(subject: &Subject<'_>, findings: &mut Findings) {
    let text = &subject.service.image;
    let Some((first, rest)) = text.split_once('/') else { return };
    let lower = first.to_lowercase();
    if first.contains(['.', ':']) || lower == first || ImageRef::parse(text).is_err() {
        return;
    }
    let message = format!("`{}` is not an image name: names are lowercase", text.value);
    let finding = Finding::new(&codes::IMAGE, text.place, message);
    findings.push(subject.replaced(finding, text.place, &format!("{lower}/{rest}")));
}
