//! Who changed what: the lines that every change of a cluster leaves behind.

use crate::domain::verdict::Verdict;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A person at a terminal, or a script in their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    pub user: String,
    /// Where they sit: the client's address of an SSH session, else a terminal
    /// as `/dev/pts/3`; none for a script.
    pub from: Option<String>,
    /// The machine skep ran on.
    pub host: String,
}

/// One change of a cluster. Holds words and names, never the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    pub at: Timestamp,
    pub who: Operator,
    /// Name of the context, where the engine was reached by one.
    pub context: Option<String>,
    pub address: String,
    /// In words, as `scale to 5`.
    pub action: String,
    /// What it was done to, as `service shop_web`.
    pub object: String,
    /// The docker command that does the same, where there is one.
    pub command: Option<String>,
    pub outcome: Verdict,
}

impl Operator {
    /// Reads from the environment of a process who works with it.
    ///
    /// `sudo` names the person behind it in `SUDO_USER`, sshd the client in
    /// `SSH_CONNECTION` (address, port, and the same of the server).
    pub fn seen(
        variable: impl Fn(&str) -> Option<String>,
        terminal: Option<String>,
        host: String,
    ) -> Self {
        let given = |name| variable(name).filter(|it| !it.is_empty());
        let login = given("USER").or_else(|| given("LOGNAME")).unwrap_or_else(|| "?".to_owned());
        let user = match given("SUDO_USER") {
            Some(person) if person != login => format!("{person} as {login}"),
            _ => login,
        };
        let client = given("SSH_CONNECTION")
            .and_then(|it| it.split_whitespace().next().map(ToOwned::to_owned));
        Self { user, from: client.or(terminal), host }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.from {
            Some(from) => write!(f, "{}@{} from {from}", self.user, self.host),
            None => write!(f, "{}@{}", self.user, self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], terminal: Option<&str>, expected: &str) {
        let lookup =
            |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        let who = Operator::seen(lookup, terminal.map(ToOwned::to_owned), "m1".to_owned());
        assert_eq!(who.to_string(), expected);
    }

    #[test]
    fn an_ssh_session_names_the_client_and_not_the_terminal() {
        let variables = [("USER", "ann"), ("SSH_CONNECTION", "10.0.0.7 50312 10.0.0.1 22")];
        check(&variables, Some("/dev/pts/3"), "ann@m1 from 10.0.0.7");
    }

    #[test]
    fn a_local_session_names_the_terminal() {
        check(
            &[("USER", "ann"), ("SSH_CONNECTION", "")],
            Some("/dev/tty1"),
            "ann@m1 from /dev/tty1",
        );
    }

    #[test]
    fn sudo_does_not_hide_who_it_was() {
        check(&[("USER", "root"), ("SUDO_USER", "ann")], None, "ann as root@m1");
        check(&[("USER", "root"), ("SUDO_USER", "root")], None, "root@m1");
    }

    #[test]
    fn an_empty_environment_still_has_somebody() {
        check(&[], None, "?@m1");
        check(&[("LOGNAME", "ci")], None, "ci@m1");
    }
}
