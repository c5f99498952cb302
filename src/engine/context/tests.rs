//! The rules by which an engine is found, on a folder as docker 28.2 writes it.

use super::*;
use sha2::{Digest, Sha256};
use std::fs;
use tempfile::TempDir;

/// `printf %s prod | sha256sum`
const PROD: &str = "6754af9632a2745e85c293e5aac0863370d9bd3330b9938c00cadfd215227d77";

struct Place {
    folder: TempDir,
    around: Surroundings,
}

impl Place {
    fn new(env: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let around = Surroundings { env, home: Some(folder.path().to_path_buf()) };
        Self { folder, around }
    }

    fn with(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(".docker").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn with_context(self, name: &str, host: &str) -> Self {
        let folder = format!("{:x}", Sha256::digest(name));
        self.with(
            &format!("contexts/meta/{folder}/meta.json"),
            &format!(
                r#"{{"Name":"{name}","Metadata":{{"Description":"about {name}"}},
                     "Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
            ),
        )
    }

    fn find(&self, host: Option<&str>, context: Option<&str>) -> Result<FoundEngine, ContextError> {
        let wish = Wish { host: host.map(str::to_owned), context: context.map(str::to_owned) };
        find(&wish, &self.around)
    }
}

fn check(place: &Place, host: Option<&str>, context: Option<&str>, expected: &str) {
    let found = place.find(host, context).unwrap();
    assert_eq!(format!("{} {} {}", found.context(), found.endpoint, found.origin), expected);
}

fn full(env: &[(&str, &str)]) -> Place {
    Place::new(env)
        .with("config.json", r#"{"auths":{},"currentContext":"lab"}"#)
        .with_context("prod", "ssh://ops@prod")
        .with_context("lab", "tcp://lab:1")
}

#[test]
fn the_first_who_speaks_chooses() {
    let all = [("DOCKER_HOST", "tcp://env:1"), ("DOCKER_CONTEXT", "prod")];
    check(&full(&all), Some("tcp://flag:1"), Some("prod"), "default tcp://flag:1 from --host");
    check(&full(&all), None, Some("prod"), "prod ssh://ops@prod from --context");
    check(&full(&all), None, None, "default tcp://env:1 from DOCKER_HOST");
    check(&full(&all[1..]), None, None, "prod ssh://ops@prod from DOCKER_CONTEXT");
    check(&full(&[]), None, None, "lab tcp://lab:1 chosen by `docker context use`");
    check(&Place::new(&[]), None, None, "default unix:///var/run/docker.sock docker's default");
    let homeless = Place { around: Surroundings::default(), ..Place::new(&[]) };
    check(&homeless, None, None, "default unix:///var/run/docker.sock docker's default");
}

#[test]
fn the_default_context_is_the_one_of_docker_host() {
    let env = [("DOCKER_HOST", "tcp://env:1")];
    check(&full(&env), None, Some("default"), "default tcp://env:1 from --context");
    check(&full(&[]), None, Some("default"), "default unix:///var/run/docker.sock from --context");
}

#[test]
fn a_variable_set_to_nothing_is_not_set() {
    let env = [("DOCKER_HOST", ""), ("DOCKER_CONTEXT", "")];
    check(&full(&env), None, None, "lab tcp://lab:1 chosen by `docker context use`");
}

#[test]
fn docker_config_moves_the_folder() {
    let place = full(&[]);
    let moved = place.folder.path().join("elsewhere");
    fs::rename(place.folder.path().join(".docker"), &moved).unwrap();
    let mut around = place.around.clone();
    around.env.insert("DOCKER_CONFIG".to_owned(), moved.display().to_string());
    let found = find(&Wish::default(), &around).unwrap();
    assert_eq!(found.context(), "lab");
}

#[test]
fn an_unknown_context_is_answered_with_the_known_ones() {
    let err = full(&[]).find(None, Some("prdo")).unwrap_err();
    assert_eq!(err.to_string(), "there is no docker context `prdo` (from --context)");
    assert_eq!(err.hint().unwrap(), "known contexts: default, lab, prod");
}

#[test]
fn a_bad_address_names_who_gave_it() {
    let err = full(&[("DOCKER_HOST", "/run/docker.sock")]).find(None, None).unwrap_err();
    assert_eq!(
        err.to_string(),
        "`/run/docker.sock` is not an engine address: write a socket as unix:///run/docker.sock (from DOCKER_HOST)"
    );
    let place = Place::new(&[]).with_context("odd", "fd://3");
    let err = place.find(None, Some("odd")).unwrap_err();
    assert_eq!(
        err.to_string(),
        "`fd://3` is not an engine address: `fd` is not one of unix, tcp, http, https and ssh (docker context `odd`)"
    );
}

#[test]
fn broken_configuration_is_named_and_not_passed_over() {
    let err = Place::new(&[]).with("config.json", "{").find(None, None).unwrap_err();
    assert!(err.to_string().contains(".docker/config.json: EOF"), "{err}");
}

#[test]
fn contexts_bring_their_tls_files() {
    let place = Place::new(&[])
        .with_context("prod", "tcp://prod")
        .with(&format!("contexts/tls/{PROD}/docker/ca.pem"), "")
        .with(&format!("contexts/tls/{PROD}/docker/cert.pem"), "")
        .with(&format!("contexts/tls/{PROD}/docker/key.pem"), "");
    let endpoint = place.find(None, Some("prod")).unwrap().endpoint;
    assert_eq!(endpoint.to_string(), "tcp://prod:2376");
    let Endpoint::Tcp { tls: Some(tls), .. } = endpoint else { panic!("no TLS") };
    assert!(tls.verify && tls.identity.is_some());
    let ca = tls.ca.unwrap();
    assert!(ca.ends_with(format!("contexts/tls/{PROD}/docker/ca.pem")), "{}", ca.display());
}

#[test]
fn a_context_may_skip_verification() {
    let meta = format!("contexts/meta/{PROD}/meta.json");
    let place = Place::new(&[]).with(
        &meta,
        r#"{"Name":"prod","Endpoints":{"docker":{"Host":"tcp://prod:9","SkipTLSVerify":true}}}"#,
    );
    let Endpoint::Tcp { tls: Some(tls), .. } = place.find(None, Some("prod")).unwrap().endpoint
    else {
        panic!("no TLS")
    };
    assert_eq!(tls, Tls { ca: None, identity: None, verify: false });
}

#[test]
fn variables_bring_tls_to_hosts_without_a_context() {
    let env =
        [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_HOST", "tcp://env"), ("DOCKER_CERT_PATH", "/c")];
    let endpoint = Place::new(&env).find(None, None).unwrap().endpoint;
    assert_eq!(endpoint.to_string(), "tcp://env:2376");
    let Endpoint::Tcp { tls: Some(tls), .. } = endpoint else { panic!("no TLS") };
    assert_eq!(tls, Tls { ca: Some("/c/ca.pem".into()), identity: None, verify: true });

    let endpoint = Place::new(&[("DOCKER_TLS", "1")]).with("cert.pem", "");
    let endpoint = endpoint.find(Some("tcp://flag"), None).unwrap().endpoint;
    let Endpoint::Tcp { tls: Some(tls), .. } = endpoint else { panic!("no TLS") };
    assert!(!tls.verify && tls.ca.is_none() && tls.identity.is_some());
}

#[test]
fn all_contexts_are_listed_also_odd_ones() {
    let place = full(&[]).with_context("odd", "fd://3").with("contexts/meta/junk/meta.json", "{");
    let listed: Vec<String> = list(&place.around)
        .into_iter()
        .map(|it| {
            let place = it.endpoint.map_or_else(|bad| bad.why, |it| it.to_string());
            format!("{}{} {place}", it.name, if it.current { "*" } else { "" })
        })
        .collect();
    assert_eq!(
        listed,
        [
            "default unix:///var/run/docker.sock",
            "lab* tcp://lab:1",
            "odd `fd` is not one of unix, tcp, http, https and ssh",
            "prod ssh://ops@prod",
        ]
    );
}
