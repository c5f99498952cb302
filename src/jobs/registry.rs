//! Credentials for registries, as the docker CLI keeps them.

use crate::domain::{change::RegistryAuth, image::ImageRef};
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use docker_credential::{DockerCredential, get_credential};
use serde_json::json;
use tokio::task::spawn_blocking;

/// Docker's name for the credentials of Docker Hub.
const HUB: &str = "https://index.docker.io/v1/";

/// Looks up what docker would send for an image. May start a credential helper;
/// without credentials it is the empty object, as docker sends it.
pub async fn credentials(image: &str) -> RegistryAuth {
    let server = server(image);
    let found = spawn_blocking(move || get_credential(&server).ok().map(|it| (server, it))).await;
    let header = match found.ok().flatten() {
        Some((server, DockerCredential::UsernamePassword(username, password))) => {
            json!({ "username": username, "password": password, "serveraddress": server })
        }
        Some((server, DockerCredential::IdentityToken(token))) => {
            json!({ "identitytoken": token, "serveraddress": server })
        }
        None => json!({}),
    };
    RegistryAuth(URL_SAFE.encode(header.to_string()))
}

fn server(image: &str) -> String {
    match ImageRef::parse(image) {
        Ok(image) if image.domain != "docker.io" => image.domain,
        _ => HUB.to_owned(),
    }
}
