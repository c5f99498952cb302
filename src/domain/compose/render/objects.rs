//! Networks, volumes, secrets and configs.

use crate::domain::compose::{
    convert::body::{Body, list},
    model::{FileObject, Network, Text, Volume},
    render::fields::{labels, options, put_pairs},
};
use serde_json::{Value, json};

pub fn network(key: &str, network: &Network) -> Value {
    if network.external {
        return external(key, &network.name);
    }
    let pools = list(&network.pools).into_iter().map(|it| json!({ "subnet": it }));
    let mut ipam = Body::default();
    ipam.put("driver", network.ipam_driver.as_str());
    ipam.put("config", pools.collect::<Vec<_>>());
    let mut body = Body::default();
    body.put("name", network.name.as_str());
    body.put("driver", network.driver.as_str());
    body.give("driver_opts", options(network.driver_opts.as_ref()));
    body.nest("ipam", ipam);
    body.put("internal", network.internal);
    body.put("attachable", network.attachable);
    put_pairs(&mut body, "labels", labels(&network.labels));
    body.into()
}

pub fn volume(key: &str, volume: &Volume) -> Value {
    if volume.external {
        return external(key, &volume.name);
    }
    let mut body = Body::default();
    body.put("name", volume.name.as_str());
    body.put("driver", volume.driver.as_str());
    body.give("driver_opts", options(volume.driver_opts.as_ref()));
    put_pairs(&mut body, "labels", labels(&volume.labels));
    body.into()
}

/// Renders a secret or a config.
pub fn file_object(key: &str, object: &FileObject) -> Value {
    if object.external {
        return external(key, &object.name);
    }
    let mut body = Body::default();
    body.put("name", object.name.as_str());
    body.put("file", object.file.as_str());
    body.put("driver", object.driver.as_str());
    body.give("driver_opts", options(object.driver_opts.as_ref()));
    body.put("template_driver", object.template_driver.as_str());
    put_pairs(&mut body, "labels", labels(&object.labels));
    body.into()
}

/// Of what others made, only the name counts.
fn external(key: &str, name: &Text) -> Value {
    let mut body = Body::default();
    body.set("external", true);
    if name.as_str() != key {
        body.put("name", name.as_str());
    }
    body.into()
}
