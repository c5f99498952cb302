//! Credentials for registries, as the docker CLI keeps them (`config.json`, CLI 28).

use crate::{
    domain::text::path::ShownPath,
    domain::{
        swarm::{change::RegistryAuth, image::ImageRef},
        text::{elide, escape},
    },
    files,
};
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE},
};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap, env, ffi::OsString, io, path::PathBuf, process::Stdio, time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    process::Command,
    time::timeout,
};

/// Docker's name for the credentials of Docker Hub.
const HUB: &str = "https://index.docker.io/v1/";

/// How long a credential helper may take: one that asks a person at a screen nobody
/// looks at answers never, and a stack is kept locked for it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes that a helper may answer; tokens have some thousand.
const ANSWER: usize = 64 << 10;
/// Columns of what a helper says of its failure.
const REASON: usize = 200;

/// What a helper says where it has nothing, which is no failure.
const NOTHING: &str = "credentials not found";

/// Looks up what docker would send for an image. May start a credential helper;
/// without credentials it is the empty object, as docker sends it. Beside it says why
/// there are none, where that is not a choice of the user.
pub async fn credentials(image: &str) -> (RegistryAuth, Option<String>) {
    let server = server(image);
    match found(&server, folder(), PATIENCE).await {
        Ok(found) => (header(&server, found), None),
        Err(why) => (header(&server, None), Some(format!("no credentials for {server}: {why}"))),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Credential {
    Login { username: String, password: String },
    Token(String),
}

/// What is used of docker's `config.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: BTreeMap<String, Entry>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

/// What a helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    username: String,
    secret: String,
}

fn folder() -> Option<PathBuf> {
    let home = || env::var_os("HOME").map(|it| PathBuf::from(it).join(".docker"));
    env::var_os("DOCKER_CONFIG").filter(|it| !it.is_empty()).map(PathBuf::from).or_else(home)
}

async fn found(
    server: &str,
    folder: Option<PathBuf>,
    patience: Duration,
) -> Result<Option<Credential>, String> {
    let Some(path) = folder.map(|it| it.join("config.json")) else { return Ok(None) };
    let bytes = match files::read(&path, files::SETTINGS) {
        Ok(bytes) => bytes,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(format!("cannot read {}: {err}", path.shown())),
    };
    // The words of this error do not quote the file.
    let config: Config = serde_json::from_slice(&bytes)
        .map_err(|err| format!("{} is not valid at line {}", path.shown(), err.line()))?;
    let own = config.cred_helpers.get(server).filter(|it| !it.is_empty());
    let helper = own.or(Some(&config.creds_store)).filter(|it| !it.is_empty());
    match helper {
        Some(helper) => {
            let program = format!("docker-credential-{helper}");
            // Anything else than a name would be a path to docker, too.
            if helper.contains('/') {
                return Err(format!("{program} is not a name of a credential helper"));
            }
            ask(&program.clone().into(), server, patience)
                .await
                .map_err(|why| format!("{program} {why}"))
        }
        None => config.credential(server),
    }
}

/// Asks a helper, and ends it where it takes too long or says too much.
async fn ask(
    program: &OsString,
    server: &str,
    patience: Duration,
) -> Result<Option<Credential>, String> {
    let asked = timeout(patience, answer(program, server)).await;
    let late = || format!("gave no answer within {}s", patience.as_secs());
    let (answer, well) =
        asked.map_err(|_| late())?.map_err(|err| format!("cannot be asked: {err}"))?;
    if answer.len() > ANSWER {
        return Err(format!("answers more than {ANSWER} bytes"));
    }
    if well {
        let told: Told =
            serde_json::from_slice(&answer).map_err(|_| "gives an answer that is not valid")?;
        return Ok(Some(match told.username.as_str() {
            "<token>" => Credential::Token(told.secret),
            _ => Credential::Login { username: told.username, password: told.secret },
        }));
    }
    // Helpers say on standard output what is wrong.
    let said = String::from_utf8_lossy(&answer);
    if said.contains(NOTHING) {
        return Ok(None);
    }
    let said = said.trim();
    let said = if said.is_empty() { "it said nothing" } else { said };
    Err(format!("failed: {}", elide::end(&escape::shown(said), REASON)))
}

async fn answer(program: &OsString, server: &str) -> io::Result<(Vec<u8>, bool)> {
    let mut helper = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = helper.stdin.take() {
        // One that does not ask for which server answers all the same.
        let _ = stdin.write_all(server.as_bytes()).await;
    }
    let mut bytes = Vec::new();
    if let Some(stdout) = helper.stdout.take() {
        copy(&mut stdout.take(ANSWER as u64 + 1), &mut bytes).await?;
    }
    if bytes.len() > ANSWER {
        return Ok((bytes, false));
    }
    let status = helper.wait().await?;
    Ok((bytes, status.success()))
}

impl Config {
    /// Returns what stands in the file itself, under the address or its host.
    fn credential(&self, server: &str) -> Result<Option<Credential>, String> {
        let of_host = || {
            let host = host(server);
            self.auths.iter().find(|it| host == self::host(it.0)).map(|it| it.1)
        };
        let Some(entry) = self.auths.get(server).or_else(of_host) else { return Ok(None) };
        if !entry.identitytoken.is_empty() {
            return Ok(Some(Credential::Token(entry.identitytoken.clone())));
        }
        if entry.auth.is_empty() {
            let (username, password) = (entry.username.clone(), entry.password.clone());
            return Ok((!username.is_empty()).then_some(Credential::Login { username, password }));
        }
        let padding =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let decoded = GeneralPurpose::new(&STANDARD, padding).decode(&entry.auth).ok();
        let text = decoded.and_then(|it| String::from_utf8(it).ok());
        let pair = text.as_deref().and_then(|it| it.split_once(':'));
        let (username, password) = pair.ok_or("its entry in config.json is not valid")?;
        // Docker cuts what fills the field up.
        let password = password.trim_matches('\0').to_owned();
        Ok(Some(Credential::Login { username: username.to_owned(), password }))
    }
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |it| it.1);
    rest.split('/').next().unwrap_or_default()
}

fn header(server: &str, found: Option<Credential>) -> RegistryAuth {
    let header = match found {
        Some(Credential::Login { username, password }) => {
            json!({ "username": username, "password": password, "serveraddress": server })
        }
        Some(Credential::Token(token)) => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose;
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
        path::Path,
    };

    async fn look(config: &str, server: &str) -> Result<Option<Credential>, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.json"), config).unwrap();
        found(server, Some(folder.path().into()), PATIENCE).await
    }

    fn login(username: &str, password: &str) -> Credential {
        Credential::Login { username: username.to_owned(), password: password.to_owned() }
    }

    #[tokio::test]
    async fn what_docker_keeps_in_its_file_is_found() {
        let auth = general_purpose::STANDARD.encode("ann:a:b");
        let bare = auth.trim_end_matches('=');
        let config = format!(
            r#"{{"auths":{{"reg:5000":{{"auth":"{bare}"}},"https://index.docker.io/v1/":{{"identitytoken":"t"}},"https://other.org/v1/":{{"username":"u","password":"p"}},"empty":{{}},"bad":{{"auth":"!"}}}},"HttpHeaders":{{"a":"b"}}}}"#
        );
        assert_eq!(look(&config, "reg:5000").await, Ok(Some(login("ann", "a:b"))));
        assert_eq!(look(&config, HUB).await, Ok(Some(Credential::Token("t".to_owned()))));
        assert_eq!(look(&config, "other.org").await, Ok(Some(login("u", "p"))));
        assert_eq!(look(&config, "empty").await, Ok(None));
        assert_eq!(look(&config, "nobody").await, Ok(None));
        assert!(look(&config, "bad").await.unwrap_err().contains("is not valid"));
        assert!(look("{\"auths\": secret", "x").await.unwrap_err().ends_with("at line 1"));
        assert!(look("{\"credsStore\":\"../x\"}", "x").await.unwrap_err().contains("not a name"));
        assert_eq!(found("x", None, PATIENCE).await, Ok(None));
    }

    async fn asked(
        folder: &Path,
        script: &str,
        patience: Duration,
    ) -> Result<Option<Credential>, String> {
        let path = folder.join("helper");
        fs::write(&path, format!("#!/bin/sh\nread -r server\n{script}\n")).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        // Another test that forks at this moment may hold the script open to write.
        for _ in 0..50 {
            match ask(&path.clone().into(), "reg:5000", patience).await {
                Err(why) if why.contains("Text file busy") => tokio::task::yield_now().await,
                answer => return answer,
            }
        }
        Err("busy".to_owned())
    }

    #[tokio::test]
    async fn a_helper_is_heard_and_one_that_fails_or_says_too_much_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let answer = r#"echo "{\"ServerURL\":\"$server\",\"Username\":\"ann\",\"Secret\":\"s\"}""#;
        assert_eq!(asked(at, answer, PATIENCE).await, Ok(Some(login("ann", "s"))));
        let none = "echo 'credentials not found in native keychain'; exit 1";
        assert_eq!(asked(at, none, PATIENCE).await, Ok(None));
        for (script, why) in [
            ("printf 'no \\033[2Jkeyring\\n'; exit 1", "failed: no keyring"),
            ("exit 1", "failed: it said nothing"),
            ("echo no", "is not valid"),
            ("yes", "answers more than 65536 bytes"),
        ] {
            let told = asked(at, script, PATIENCE).await.unwrap_err();
            assert!(told.contains(why), "{script}: {told}");
        }
        let told = asked(at, "sleep 600", Duration::from_millis(50)).await.unwrap_err();
        assert!(told.contains("no answer within"), "{told}");
    }
}
