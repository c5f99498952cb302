//! API version negotiation.

use crate::engine::{
    Answer, EngineError,
    docker::{call::Call, refusal::garbage, transport::Transport},
};
use std::{fmt, str::FromStr};

/// The newest API whose answers were read with this code (engine 29).
const NEWEST: Version = Version(1, 53);

/// Service lists bring their counts since then (engine 20.10).
const OLDEST: Version = Version(1, 41);

/// What both sides speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// As `1.41`.
    pub api: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

impl FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (major, minor) = text.trim().split_once('.').ok_or(())?;
        Ok(Self(major.parse().map_err(|_| ())?, minor.parse().map_err(|_| ())?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Asks for the newest version the engine speaks and takes the older of its
/// and ours.
pub async fn agree(transport: &Transport) -> Answer<Agreed> {
    let ping = Call::get("/_ping", "the engine");
    let (headers, body) = transport.unversioned(&ping).await.map_err(|err| match err {
        EngineError::NotFound { .. }
        | EngineError::Invalid { .. }
        | EngineError::Conflict { .. } => EngineError::Unreachable {
            address: transport.address().to_owned(),
            why: "what answers there is not a docker engine: it does not know GET /_ping"
                .to_owned(),
        },
        other => other,
    })?;
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let Ok(newest) = header("Api-Version").parse::<Version>() else {
        return Err(garbage(&ping, "it sent no Api-Version: is this a docker engine?", &body));
    };
    if newest < OLDEST {
        let version = engine_version(header("Server"));
        return Err(EngineError::TooOld { version, api: newest.to_string() });
    }
    if newest > NEWEST {
        check_oldest(transport).await?;
    }
    Ok(Agreed { api: newest.min(NEWEST).to_string() })
}

/// A newer engine may have given up what we speak.
async fn check_oldest(transport: &Transport) -> Answer<()> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    #[derive(Default)]
    struct Answered {
        version: String,
        #[serde(rename = "MinAPIVersion")]
        minimum: String,
    }
    let call = Call::get("/version", "the engine");
    let (_, body) = transport.unversioned(&call).await?;
    let answered: Answered =
        serde_json::from_slice(&body).map_err(|err| garbage(&call, &err.to_string(), &body))?;
    match answered.minimum.parse::<Version>() {
        Ok(minimum) if minimum > NEWEST => Err(EngineError::TooNew {
            version: answered.version,
            minimum: minimum.to_string(),
            ours: NEWEST.to_string(),
        }),
        _ => Ok(()),
    }
}

/// Takes `20.10.24` out of `Docker/20.10.24 (linux)`.
fn engine_version(server: &str) -> String {
    let version = server.split_once('/').map_or("", |it| it.1);
    version.split_whitespace().next().unwrap_or("of unknown version").to_owned()
}
