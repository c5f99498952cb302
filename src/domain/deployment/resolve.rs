//! Spec resolution: what an update keeps of the live service, and images pinned to digests, as
//! `docker stack deploy` does it (28.2).

use crate::domain::swarm::{
    objects::{Distribution, ServiceObject, ServiceSpec},
    raw,
};
use serde_json::{Map, Value, json};

/// When registries are asked for the digest of an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Resolve {
    #[default]
    Always,
    /// Only where the file names another image than last time.
    Changed,
    Never,
}

/// Where the image of a service comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// As the file has it.
    File,
    /// As the live service has it, digest included.
    Live,
    /// The registry is asked for the digest of this image.
    Registry(String),
}

/// The label that keeps an image as the file had it.
pub const IMAGE_LABEL: &str = "com.docker.stack.image";

impl Resolve {
    /// Decides for one service; `live` is the service as it is, if it is there.
    pub fn source(self, desired: &Value, live: Option<&Value>) -> ImageSource {
        let desired = ServiceSpec(desired);
        let image = desired.image().unwrap_or_default().to_owned();
        let named = |spec: ServiceSpec<'_>| spec.labels().get(IMAGE_LABEL).map(str::to_owned);
        let same = live.is_some_and(|it| named(ServiceObject(it).spec()) == named(desired));
        match self {
            Self::Always => ImageSource::Registry(image),
            Self::Changed if same => ImageSource::Live,
            Self::Changed => ImageSource::Registry(image),
            Self::Never if same => ImageSource::Live,
            Self::Never => ImageSource::File,
        }
    }
}

/// Where a spec has its image.
const IMAGE: &[&str] = &["TaskTemplate", "ContainerSpec", "Image"];

/// Keeps what an update must not lose: the count of forced restarts, and the
/// image where it is that of the live service.
pub fn keep(desired: &mut Value, live: &Value, source: &ImageSource) {
    let live = ServiceObject(live).spec();
    let count = live.template().force_update();
    if count > 0 {
        raw::set(desired, &["TaskTemplate", "ForceUpdate"], json!(count));
    }
    if *source == ImageSource::Live {
        raw::set(desired, IMAGE, json!(live.image()));
    }
}

/// Pins a spec to what the registry says of its image
/// (`GET /distribution/{image}/json`); returns whether it said a digest.
pub fn pin(desired: &mut Value, image: &str, distribution: &Value) -> bool {
    let distribution = Distribution(distribution);
    let Some(digest) = distribution.digest() else { return false };
    if image.contains('@') {
        return true;
    }
    raw::set(desired, IMAGE, json!(format!("{image}@{digest}")));
    let platforms = distribution.platforms().map(platform);
    raw::set(desired, &["TaskTemplate", "Placement", "Platforms"], platforms.collect());
    true
}

/// `arm` matches no node: engines call themselves `armv7l` and the like.
fn platform(raw: &Value) -> Value {
    let architecture = raw["architecture"].as_str().filter(|it| *it != "arm");
    let mut platform = Map::new();
    for (field, value) in [("Architecture", architecture), ("OS", raw["os"].as_str())] {
        if let Some(value) = value {
            platform.insert(field.to_owned(), json!(value));
        }
    }
    Value::Object(platform)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(image: &str) -> Value {
        json!({ "Labels": { IMAGE_LABEL: image }, "TaskTemplate": { "ContainerSpec": { "Image": image }, "Placement": {} } })
    }

    #[test]
    fn the_mode_decides_whom_to_ask() {
        let live = json!({ "Spec": spec("web:1") });
        let registry = |image: &str| ImageSource::Registry(image.to_owned());
        for (mode, image, expected) in [
            (Resolve::Always, "web:1", registry("web:1")),
            (Resolve::Changed, "web:1", ImageSource::Live),
            (Resolve::Changed, "web:2", registry("web:2")),
            (Resolve::Never, "web:1", ImageSource::Live),
            (Resolve::Never, "web:2", ImageSource::File),
        ] {
            assert_eq!(mode.source(&spec(image), Some(&live)), expected, "{mode:?} {image}");
        }
        assert_eq!(Resolve::Never.source(&spec("web:1"), None), ImageSource::File);
    }

    #[test]
    fn forced_restarts_and_the_live_image_are_kept() {
        let mut live = json!({ "Spec": spec("web:1@sha256:a") });
        live["Spec"]["TaskTemplate"]["ForceUpdate"] = json!(4);
        let mut desired = spec("web:1");
        keep(&mut desired, &live, &ImageSource::Live);
        assert_eq!(desired["TaskTemplate"]["ForceUpdate"], json!(4));
        assert_eq!(desired["TaskTemplate"]["ContainerSpec"]["Image"], json!("web:1@sha256:a"));
    }

    #[test]
    fn a_digest_pins_the_image_and_its_platforms() {
        let mut desired = spec("web:1");
        let said = json!({ "Descriptor": { "digest": "sha256:b" },
            "Platforms": [{ "architecture": "amd64", "os": "linux" }, { "architecture": "arm", "os": "linux" }] });
        assert!(pin(&mut desired, "web:1", &said));
        assert_eq!(desired["TaskTemplate"]["ContainerSpec"]["Image"], json!("web:1@sha256:b"));
        let platforms = json!([{ "Architecture": "amd64", "OS": "linux" }, { "OS": "linux" }]);
        assert_eq!(desired["TaskTemplate"]["Placement"]["Platforms"], platforms);
    }
}
