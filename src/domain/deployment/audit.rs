//! The audit log: one line for every change of a cluster.

use crate::domain::deployment::verdict::Verdict;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A person at a terminal, or a script in their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    pub user: String,
    /// Where they come from: the client's address of an SSH session; none for who is
    /// at this machine.
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
    /// `SSH_CONNECTION` (address, port, and the same of the server). The `account` is
    /// that of the process, for where the environment says nothing.
    pub fn seen(variable: impl Fn(&str) -> Option<String>, account: &str, host: String) -> Self {
        let given = |name| variable(name).filter(|it| !it.is_empty());
        let login =
            given("USER").or_else(|| given("LOGNAME")).unwrap_or_else(|| account.to_owned());
        let user = match given("SUDO_USER") {
            Some(person) if person != login => format!("{person} as {login}"),
            _ => login,
        };
        let client = given("SSH_CONNECTION")
            .and_then(|it| it.split_whitespace().next().map(ToOwned::to_owned));
        Self { user, from: client, host }
    }
}

/// Returns the name of an account from the text of `/etc/passwd`, or its number.
pub fn account(uid: u32, passwd: &str) -> String {
    let number = uid.to_string();
    let of = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(&number) && !name.is_empty()).then(|| name.to_owned())
    };
    passwd.lines().find_map(of).unwrap_or(number)
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

    fn check(variables: &[(&str, &str)], expected: &str) {
        let lookup =
            |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        let who = Operator::seen(lookup, "bea", "m1".to_owned());
        assert_eq!(who.to_string(), expected);
    }

    #[test]
    fn an_ssh_session_names_where_somebody_comes_from() {
        let variables = [("USER", "ann"), ("SSH_CONNECTION", "10.0.0.7 50312 10.0.0.1 22")];
        check(&variables, "ann@m1 from 10.0.0.7");
    }

    #[test]
    fn who_is_at_this_machine_comes_from_nowhere() {
        check(&[("USER", "ann"), ("SSH_CONNECTION", "")], "ann@m1");
    }

    #[test]
    fn sudo_does_not_hide_who_it_was() {
        check(&[("USER", "root"), ("SUDO_USER", "ann")], "ann as root@m1");
        check(&[("USER", "root"), ("SUDO_USER", "root")], "root@m1");
    }

    #[test]
    fn an_empty_environment_still_has_an_account() {
        check(&[], "bea@m1");
        check(&[("LOGNAME", "ci")], "ci@m1");
    }

    #[test]
    fn an_account_has_a_name_or_at_least_a_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nci:x:1000:1000::/home/ci:/bin/sh\n";
        assert_eq!([account(0, passwd), account(1000, passwd)], ["root", "ci"]);
        assert_eq!([account(7, passwd), account(7, "")], ["7", "7"]);
    }
}
