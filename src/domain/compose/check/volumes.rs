//! Checks of `driver_opts` of volumes of the driver `local`.

use crate::domain::{
    compose::{
        check::scene::Scene,
        codes,
        finding::{Finding, Findings},
        model::{Labels, Volume},
        place::Place,
        quantity::bytes,
    },
    text::nearest::nearest,
};

/// What the driver knows (moby, volume/local).
const OPTIONS: &[&str] = &["type", "o", "device", "size"];

/// Looks at the options of volumes that services use.
pub fn options(scene: &Scene<'_>, findings: &mut Findings) {
    for (key, volume) in &scene.stack.volumes {
        let is_local = matches!(volume.driver.as_str(), "" | "local") && !volume.external;
        let options = volume.driver_opts.as_ref().filter(|it| !it.is_empty());
        let Some(options) = options.filter(|_| is_local && scene.uses("volumes", key)) else {
            continue;
        };
        unknown(scene, key, options, findings);
        size(key, options, findings);
        if let Some((place, why)) = blank(options).or_else(|| incomplete(volume, options)) {
            findings.say(&codes::VOLUME_OPTION, place, format!("volume {key}: {why}"));
        }
    }
}

fn unknown(scene: &Scene<'_>, key: &str, options: &Labels, findings: &mut Findings) {
    for (option, value) in options.iter().filter(|it| !OPTIONS.contains(&it.0.as_str())) {
        let path = ["volumes", key, "driver_opts", option];
        let place = scene.key_place(&path).unwrap_or(value.place);
        let message = format!("volume {key}: the driver local knows no option {option}");
        let finding = Finding::new(&codes::VOLUME_OPTION, place, message);
        let free = OPTIONS.iter().copied().filter(|it| !options.contains_key(*it));
        findings.push(match nearest(option, free) {
            Some(meant) if scene.text(place) == option.as_str() => finding.fix(place, meant),
            _ => finding.hint(format!("it knows {}", OPTIONS.join(", "))),
        });
    }
}

/// Looks at the size, which only some disks can keep.
fn size(key: &str, options: &Labels, findings: &mut Findings) {
    let Some(size) = options.get("size") else { return };
    match bytes(size) {
        Ok(0) => {}
        Err(_) => {
            let message = format!("volume {key}: `{}` is not a size", size.value);
            findings.say(&codes::VOLUME_OPTION, size.place, message);
        }
        Ok(_) => {
            let message = format!("volume {key}: most nodes refuse a volume with a size");
            let finding = Finding::new(&codes::VOLUME_SIZE, size.place, message);
            let tmpfs = options.get("type").is_some_and(|it| it.as_str() == "tmpfs");
            findings.push(match tmpfs && !options.contains_key("o") {
                true => finding.hint(format!("for a tmpfs write it as `o: size={}`", size.value)),
                false => finding,
            });
        }
    }
}

fn is_bind(word: &str) -> bool {
    matches!(word, "bind" | "rbind")
}

/// Says where a blank becomes part of what the kernel is asked for.
fn blank(options: &Labels) -> Option<(Place, String)> {
    let odd = |it: &str| it != it.trim();
    let whole = |key: &'static str| options.get(key).filter(|it| odd(it)).map(|it| (it, key));
    // Of a mount of a folder, the kernel passes over words that it does not know.
    let binds = options.get("o").is_some_and(|it| it.split(',').any(is_bind));
    let listed = || options.get("o").filter(|it| !binds && it.split(',').any(odd));
    let found = whole("type").or_else(|| whole("device"));
    let (text, key) = found.or_else(|| Some((listed()?, "o")))?;
    Some((text.place, format!("a space is part of the option {key}: `{}`", text.value)))
}

/// Says what is missing beside what is there.
fn incomplete(volume: &Volume, options: &Labels) -> Option<(Place, String)> {
    let given = |key: &str| options.get(key);
    let first = ["type", "device", "o"].into_iter().find_map(given)?;
    let unknown = options.keys().any(|it| !OPTIONS.contains(&it.as_str()));
    let missing = ["type", "device"].into_iter().find(|it| given(it).is_none());
    if let Some(missing) = missing.filter(|_| !unknown) {
        let why = format!("the driver local also requires the option {missing}");
        return Some((if volume.place.line > 0 { volume.place } else { first.place }, why));
    }
    let device = given("device")?;
    if device.starts_with("~/") {
        return Some((device.place, "nodes do not expand `~`: write the full path".to_owned()));
    }
    if !device.starts_with('/') {
        return None;
    }
    let binds = given("o").is_some_and(|it| it.split(',').any(is_bind));
    let plain = given("type").is_some_and(|it| matches!(it.as_str(), "none" | "bind" | ""));
    (plain && !binds).then(|| (device.place, "a folder of the node requires `o: bind`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compose::place::At;

    /// As engine 20.10 was seen to take them.
    #[test]
    fn options_are_held_against_those_that_the_driver_wants() {
        for (options, fine) in [
            (&[("type", "tmpfs"), ("o", "size=1m")][..], false),
            (&[("type", "tmpfs"), ("device", "tmpfs")], true),
            (&[("o", "bind"), ("device", "/srv")], false),
            (&[("type", "none"), ("o", "bind"), ("device", "/srv")], true),
            (&[("type", "none"), ("o", "rbind,ro"), ("device", "/srv")], true),
            (&[("type", "none"), ("device", "/srv")], false),
            (&[("device", "/srv")], false),
            (&[("o", "bind")], false),
            (&[("size", "1m")], true),
            (&[("type", "none"), ("o", "bind"), ("device", "~/srv")], false),
            (&[("type", "nfs"), ("o", "addr=10.0.0.1"), ("device", ":/x")], true),
        ] {
            let text = |it: &&str| At::new((*it).to_owned(), Place::default());
            let labels: Labels = options.iter().map(|it| (it.0.to_owned(), text(&it.1))).collect();
            assert_eq!(incomplete(&Volume::default(), &labels).is_none(), fine, "{options:?}");
        }
    }

    /// As engine 20.10 was seen to take them.
    #[test]
    fn blanks_count_where_the_kernel_reads_them() {
        for (options, fine) in [
            (&[("type", "tmpfs"), ("device", "tmpfs"), ("o", " size=1m")][..], false),
            (&[("type", "tmpfs"), ("device", "tmpfs"), ("o", "size=1m, uid=1")], false),
            (&[("type", "tmpfs"), ("device", "tmpfs"), ("o", "size=1m,")], true),
            (&[("type", " tmpfs"), ("device", "tmpfs")], false),
            (&[("type", "none"), ("device", " /tmp"), ("o", "bind")], false),
            (&[("type", "none"), ("device", "/tmp"), ("o", "bind, ro")], true),
            (&[("type", "none"), ("device", "/tmp"), ("o", " bind")], false),
        ] {
            let text = |it: &&str| At::new((*it).to_owned(), Place::default());
            let labels: Labels = options.iter().map(|it| (it.0.to_owned(), text(&it.1))).collect();
            assert_eq!(blank(&labels).is_none(), fine, "{options:?}");
        }
    }
}
