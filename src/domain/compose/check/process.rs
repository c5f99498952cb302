//! Checks of values that a node refuses when it creates a container: folders, users, signals,
//! variables and hosts. The swarm accepts them, but no task starts.

use crate::domain::{
    compose::{
        check::subject::Subject,
        codes,
        finding::{Finding, Findings},
    },
    text::nearest::nearest,
};
use std::net::IpAddr;

/// Signals of Linux, without `SIG` (moby/sys/signal; seen with 20.10).
const SIGNALS: &[&str] = &[
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
    "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
    "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
];

/// Looks at the folder that the program starts in.
pub fn working_dir(subject: &Subject<'_>, findings: &mut Findings) {
    let folder = &subject.service.working_dir;
    // The engine fills no placeholder in here.
    let open = folder.is_empty() || folder.starts_with('/');
    if !open && !subject.may_run_on_windows() {
        let message = format!("the working directory `{}` is not absolute", folder.value);
        findings.say(&codes::WORKING_DIR, folder.place, message);
    }
}

/// Looks at the signal that asks tasks to stop.
pub fn stop_signal(subject: &Subject<'_>, findings: &mut Findings) {
    let signal = &subject.service.stop_signal;
    if signal.is_empty() || is_signal(signal) {
        return;
    }
    let message = format!("there is no signal `{}`", signal.value);
    let finding = Finding::new(&codes::STOP_SIGNAL, signal.place, message);
    let upper = signal.trim().to_ascii_uppercase();
    let bare = upper.strip_prefix("SIG").unwrap_or(&upper);
    findings.push(match nearest(bare, SIGNALS.iter().copied()) {
        Some(meant) => subject.replaced(finding, signal.place, &format!("SIG{meant}")),
        None => finding,
    });
}

fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i32>() {
        return number != 0; // that the engine knows more numbers than kernels is no matter
    }
    let upper = text.to_ascii_uppercase();
    let bare = upper.strip_prefix("SIG").unwrap_or(&upper);
    let real_time = |sign: &str, most: u8| {
        let number = bare.strip_prefix(sign).and_then(|it| it.parse().ok());
        number.is_some_and(|it: u8| (1..=most).contains(&it))
    };
    SIGNALS.contains(&bare) || real_time("RTMIN+", 15) || real_time("RTMAX-", 14)
}

/// Looks for variables without a name, and for what no variable can hold.
pub fn environment(subject: &Subject<'_>, findings: &mut Findings) {
    for (key, value) in &subject.service.environment {
        let why = if key.is_empty() {
            "a variable has no name".to_owned()
        } else if key.contains('\0') || value.as_deref().is_some_and(|it| it.contains('\0')) {
            format!("the variable {key} has a zero byte")
        } else {
            continue;
        };
        findings.say(&codes::ENV_NAME, value.place, why);
    }
}

/// Looks at users and groups that there cannot be.
pub fn user(subject: &Subject<'_>, findings: &mut Findings) {
    let user = &subject.service.user;
    let odd = |it: &&str| {
        let number = it.strip_prefix('-').unwrap_or(it);
        let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
        is_number && it.parse::<u32>().map_or(true, |it| it > i32::MAX.unsigned_abs())
    };
    if user.contains(char::is_whitespace) {
        let message = format!("a space is part of the name in `{}`", user.value);
        let finding = Finding::new(&codes::OWNER, user.place, message);
        findings.push(match user.trim() {
            bare if bare.contains(char::is_whitespace) => finding,
            bare => subject.replaced(finding, user.place, bare),
        });
    } else if let Some(part) = user.splitn(2, ':').find(odd) {
        let message = format!("`{part}` is not the number of a user or group");
        findings.say(&codes::OWNER, user.place, message);
    }
}

/// Looks at the owners of secrets and configs, which the engine wants as numbers.
pub fn owners(subject: &Subject<'_>, findings: &mut Findings) {
    for reference in subject.items("secrets").chain(subject.items("configs")) {
        for key in ["uid", "gid"] {
            let Some(node) = reference.get(key) else { continue };
            let Some(text) = node.text().filter(|it| !it.is_empty()) else { continue };
            if text.parse::<i64>().is_err() {
                let message = format!("the {key} `{text}` is not a number");
                findings.say(&codes::OWNER, node.place, message);
            }
        }
    }
}

/// Looks at how processes are kept apart, which only Windows lets one choose.
pub fn isolation(subject: &Subject<'_>, findings: &mut Findings) {
    let isolation = &subject.service.isolation;
    let of_windows = ["process", "hyperv"].iter().any(|it| isolation.eq_ignore_ascii_case(it));
    if of_windows && !subject.may_run_on_windows() {
        let message = format!("only Windows nodes have the isolation `{}`", isolation.value);
        let finding = Finding::new(&codes::WINDOWS_ONLY, isolation.place, message);
        findings.push(subject.removed(finding, &["isolation"]));
    }
}

/// Looks for accounts of Windows.
pub fn credential_spec(subject: &Subject<'_>, findings: &mut Findings) {
    let spec = &subject.service.credential_spec;
    let given = [&spec.config, &spec.file, &spec.registry];
    let given = given.into_iter().find(|it| !it.is_empty());
    if given.is_some() && !subject.may_run_on_windows() {
        let place = subject.place(&["credential_spec"]);
        let message = "only Windows nodes take a credential_spec";
        let finding = Finding::new(&codes::WINDOWS_ONLY, place, message);
        findings.push(subject.removed(finding, &["credential_spec"]));
    }
}

/// Looks at addresses of hosts that are none.
pub fn addresses(subject: &Subject<'_>, findings: &mut Findings) {
    for pair in &subject.service.extra_hosts {
        let Some((host, address)) = pair.split_once(':') else { continue };
        let odd = address.starts_with("%!s(") || address == "host-gateway" || address.is_empty();
        if !odd && address.parse::<IpAddr>().is_err() {
            let message = format!("`{address}` of {host} is not an address");
            findings.say(&codes::HOST_ADDRESS, pair.place, message);
        }
    }
    for server in subject.service.dns.iter().flatten() {
        if server.parse::<IpAddr>().is_err() {
            let message = format!("`{}` is not an address of a name server", server.value);
            findings.say(&codes::DNS_ADDRESS, server.place, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As engine 20.10 was seen to take them.
    #[test]
    fn signals_are_those_of_the_engine() {
        for it in ["SIGTERM", "sigterm", "TERM", "15", "64", "SIGRTMIN", "RTMIN+3", "RTMAX-1"] {
            assert!(is_signal(it), "{it}");
        }
        for it in ["SIGQUITT", "0", "15 ", "SIGUNUSED", "SIGINFO", "RTMIN+16", "SIG", "RTMAX+1"] {
            assert!(!is_signal(it), "{it}");
        }
    }
}
