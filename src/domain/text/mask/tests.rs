//! What is hidden, and what is not.

use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn names_tell_what_is_secret() {
    for name in [
        "DB_PASSWORD",
        "MYSQL_ROOT_PASSWORD",
        "api-key",
        "apiKey",
        "API_KEY",
        "AUTH_TOKEN",
        "secretValue",
        "AWS_SECRET_ACCESS_KEY",
        "PGPASSWORD",
        "DB_PASS",
        "SENTRY_DSN",
        "CREDENTIALS",
        "smtp.pwd",
        "traefik.http.middlewares.a.basicauth.users",
        "--password",
        "SigningCAKey",
        "JoinTokens",
        "UnlockKey",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in [
        "PATH",
        "KEYBOARD",
        "MONKEY",
        "AUTHOR",
        "PASSENGERS",
        "COMPASS",
        "DB_PASSWORD_FILE",
        "TLS_KEY_PATH",
        "DB_HOST",
        "CertIssuerPublicKey",
        "SSH_PUBLIC_KEYS",
        "CredentialSpec",
        "",
        "-",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn values_hide_and_what_is_harmless_stays() {
    for (pair, shown) in [
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=••••••"),
        ("DB_PASSWORD=", "DB_PASSWORD="),
        ("DB_PASSWORD", "DB_PASSWORD"),
        ("DB_HOST=db", "DB_HOST=db"),
        ("DB_PASSWORD_FILE=/run/secrets/x", "DB_PASSWORD_FILE=/run/secrets/x"),
        ("DB_URL=postgres://me:hunter2@db:5432/shop", "DB_URL=postgres://me:••••••@db:5432/shop"),
        ("DB_URL=postgres://me:p@ss@db/shop", "DB_URL=postgres://me:••••••@db/shop"),
        ("REDIS=redis://:hunter2@cache", "REDIS=redis://:••••••@cache"),
        ("PROXY=http://proxy:3128", "PROXY=http://proxy:3128"),
        ("HOOK=https://x/y?a=1&token=abc&b=2", "HOOK=https://x/y?a=1&token=••••••&b=2"),
        ("DSNS=Server=db;Password=hunter2;Port=1", "DSNS=Server=db;Password=••••••;Port=1"),
        ("X=eyJhbGciOi.eyJzdWIiOi.c2ln", "X=••••••"),
        ("X=-----BEGIN RSA PRIVATE KEY-----\nMII", "X=••••••"),
    ] {
        assert_eq!(Secrecy::Mask.pair(pair), shown, "{pair}");
        assert_eq!(Secrecy::Reveal.pair(pair), pair);
    }
}

#[test]
fn the_word_after_a_secret_option_hides() {
    let words = ["run", "--password", "hunter2", "--token=abc", "--auth", "--verbose", "file"];
    let expected = ["run", "--password", "••••••", "--token=••••••", "--auth", "--verbose", "file"];
    assert_eq!(Secrecy::Mask.words(&words), expected);
    assert_eq!(Secrecy::Reveal.words(&words), words);
}

#[test]
fn what_opens_a_swarm_is_hidden_and_what_everybody_may_know_is_not() {
    let swarm = json!({
        "JoinTokens": { "Worker": "SWMTKN-1-a-b", "Manager": "any form" },
        "Spec": { "CAConfig": { "SigningCACert": "-----BEGIN CERTIFICATE-----", "SigningCAKey": "x" } },
        "TLSInfo": { "CertIssuerPublicKey": "MFkw", "TrustRoot": "-----BEGIN CERTIFICATE-----" },
        "UnlockKey": "SWMKEY-1-x", "Note": "join with SWMTKN-1-5k2-9x or SWMKEY-1-7/a+b=",
    });
    let hidden = Secrecy::Mask.json("", &swarm);
    assert_eq!(hidden["JoinTokens"], json!({ "Worker": HIDDEN, "Manager": HIDDEN }));
    assert_eq!(hidden["Spec"]["CAConfig"]["SigningCAKey"], HIDDEN);
    assert_eq!(hidden["UnlockKey"], HIDDEN);
    assert_eq!(hidden["Note"], "join with •••••• or ••••••");
    assert_eq!(hidden["TLSInfo"], swarm["TLSInfo"]);
    assert_eq!(hidden["Spec"]["CAConfig"]["SigningCACert"], "-----BEGIN CERTIFICATE-----");
}

#[test]
fn documents_hide_at_any_depth() {
    let document = json!({ "Env": ["A=1", "API_KEY=x"], "Args": ["--token", "x"], "SecretName": "y", "Labels": { "auth": "x", "b": "c" }, "N": 1 });
    let expected = json!({ "Env": ["A=1", "API_KEY=••••••"], "Args": ["--token", "••••••"], "SecretName": "y", "Labels": { "auth": "••••••", "b": "c" }, "N": 1 });
    assert_eq!(Secrecy::Mask.json("", &document), expected);
    assert_eq!(Secrecy::Reveal.json("", &document), document);
}

#[test]
fn values_behind_names_hide_in_every_language() {
    for (text, shown) in [
        (r#"{"password":"hunter2","user":"me"}"#, r#"{"password":"••••••","user":"me"}"#),
        (
            r#"{"a":{"tokens":["x","y"],"pin":1234}}"#,
            r#"{"a":{"tokens":["••••••","••••••"],"pin":"••••••"}}"#,
        ),
        (
            r#"--config={"password": "hun\"ter2", "user": "me"} -v"#,
            r#"--config={"password": "••••••", "user": "me"} -v"#,
        ),
        (r#"x '{"pin": 1234, "a": 1}'"#, r#"x '{"pin": ••••••, "a": 1}'"#),
        (r#"x "{\"password\":\"hunter2\",\"a\":1}""#, r#"x "{\"password\":\"••••••\",\"a\":1}""#),
        (r#"x {"tokens": ["a", "b"]}"#, r#"x {"tokens": ••••••"#),
        ("user: me\npassword: hunter2 x\nport: 1", "user: me\npassword: ••••••\nport: 1"),
        ("password: 'two words'\na: b", "password: '••••••'\na: b"),
        ("password: |\n  hunter2\n", "password: ••••••"),
        ("Authorization: Bearer x", "Authorization: ••••••"),
        (
            "curl -H 'Authorization: Basic eDp5' http://a",
            "curl -H 'Authorization: ••••••' http://a",
        ),
        ("curl -H \"X-Api-Key: abc\" http://a", "curl -H \"X-Api-Key: ••••••\" http://a"),
        ("with bearer abcdef123456 it is", "with bearer •••••• it is"),
        ("Password=hun&ter2", "Password=••••••"),
        ("Password=hun;ter2,3 -v", "Password=•••••• -v"),
        ("Server=db;Password=two words", "Server=db;Password=••••••"),
        ("Password=two words;Server=db", "Password=••••••;Server=db"),
        ("Password=\"two words\";Server=db", "Password=\"••••••\";Server=db"),
        ("Password='it''s';Server=db", "Password='••••••';Server=db"),
        ("password = hunter2\nport = 1", "password = ••••••\nport = 1"),
        ("'password' => 'x', 'a' => 'b'", "'password' => '••••••', 'a' => 'b'"),
        ("<password>hunter2</password><a>1</a>", "<password>••••••</password><a>1</a>"),
        ("PASSWORD=x; A=b run", "PASSWORD=••••••; A=b run"),
    ] {
        assert_eq!(Secrecy::Mask.text(text), shown, "{text}");
        assert_eq!(Secrecy::Mask.text(shown), shown, "{text} once more");
        assert_eq!(Secrecy::Reveal.text(text), text);
    }
    assert_eq!(Secrecy::Mask.text("Password=\"a\"b c"), "Password=\"•••••• c");
}

#[test]
fn what_only_looks_like_a_name_stays() {
    for text in [
        "registry/shop/auth:1.2",
        "http://auth:8080/x",
        "host=auth:8080",
        "Host(`a.b`) && PathPrefix(`/token`)",
        "the key",
        "a -> b: c",
        r#"{"user":"me","file":"/x"}"#,
        "DB_PASSWORD_FILE: /run/secrets/x",
        "<key>",
    ] {
        assert_eq!(Secrecy::Mask.text(text), text);
    }
}

proptest! {
    #[test]
    fn no_part_of_a_value_is_left(value in "[a-z&;,= :{}<>]{1,12}", more in "[a-z]{0,3}") {
        prop_assume!(!value.trim().is_empty());
        for (text, tail) in [
            (format!("Server=db;Password=\"{value}\";A={more}"), format!("\";A={more}")),
            (format!("{{\"password\":\"{value}\",\"z\":\"{more}\"}}"), format!("\",\"z\":\"{more}\"}}")),
            (format!("x {{\"password\": \"{value}\"}}"), "\"}".to_owned()),
            (format!("password: {value}"), String::new()),
        ] {
            let hidden = Secrecy::Mask.text(&text).into_owned();
            let rest = hidden.split_once(HIDDEN).map(|it| it.1);
            prop_assert_eq!(rest, Some(tail.as_str()), "{} -> {}", text, hidden);
        }
    }
}
