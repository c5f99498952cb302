//! Credentials for registries, as the docker CLI keeps them.

use crate::domain::{change::RegistryAuth, image::ImageRef};
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use docker_credential::{DockerCredential, get_credential};
use serde_json::json;
use std::{thread, time::Duration};
use tokio::{sync::oneshot, time::timeout};

/// Docker's name for the credentials of Docker Hub.
const HUB: &str = "https://index.docker.io/v1/";

/// How long a credential helper may take: one that asks a person at a screen nobody
/// looks at answers never, and a stack is kept locked for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks up what docker would send for an image. May start a credential helper;
/// without credentials it is the empty object, as docker sends it. Beside it says why
/// there are none, where that is no choice of the user.
pub async fn credentials(image: &str) -> (RegistryAuth, Option<String>) {
    let server = server(image);
    let asked = server.clone();
    let found = within(PATIENCE, move || get_credential(&asked).ok().map(|it| (asked, it))).await;
    let note = found.is_none().then(|| {
        format!(
            "no credentials for {server}: the credential helper gave no answer within {} s",
            PATIENCE.as_secs()
        )
    });
    (header(found.flatten()), note)
}

fn header(found: Option<(String, DockerCredential)>) -> RegistryAuth {
    let header = match found {
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

/// Returns what some work comes to, if it does so in time. The thread is nobody's: a
/// runtime that ends would wait for one of its own.
async fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let tell = move || _ = tell.send(work());
    thread::Builder::new().spawn(tell).ok()?;
    timeout(limit, told).await.ok()?.ok()
}

fn server(image: &str) -> String {
    match ImageRef::parse(image) {
        Ok(image) if image.domain != "docker.io" => image.domain,
        _ => HUB.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use tokio::runtime::Builder;

    #[test]
    fn a_helper_that_never_answers_holds_up_neither_a_job_nor_the_end() {
        let (never, answer) = mpsc::channel::<u8>();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let found = runtime.block_on(within(Duration::from_millis(10), move || answer.recv()));
        assert_eq!(found, None);
        drop(runtime);
        drop(never);
    }

    #[tokio::test]
    async fn a_helper_that_answers_is_heard() {
        assert_eq!(within(PATIENCE, || "token").await, Some("token"));
    }
}
