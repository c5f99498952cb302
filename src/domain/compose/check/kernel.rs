//! Checks of values that the kernel of a node refuses: hostnames, ulimits, sysctls,
//! capabilities. The engine accepts them, but no task starts.

use crate::domain::{
    compose::{
        check::subject::Subject,
        codes,
        finding::{Finding, Findings},
        model::{Text, Ulimit},
        place::{At, Place},
    },
    text::nearest::nearest,
};

/// Characters of the name of a host at most (Linux: `sethostname`; seen with 20.10).
const HOSTNAME: usize = 64;

/// Files that a process opens: the most that Linux lets anybody ask for, and what it takes
/// to start a container (runc; seen with 20.10).
const MOST_FILES: i64 = 1_073_741_816;
const LEAST_FILES: i64 = 11;

/// Soft limits below which no program starts: of the memory of the runtime before it, in
/// bytes, of its stack, and of seconds (runc and busybox; engine 20.10 was seen to need
/// more, and others may need less).
const LEAST: &[(&str, i64)] = &[("as", 64 << 20), ("cpu", 1), ("data", 16 << 20), ("stack", 8192)];

/// Characters of the ids that the swarm gives.
const ID: usize = 25;

/// Limits of processes (Linux, and the names that runc knows).
const ULIMITS: &[&str] = &[
    "as",
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// Sysctls beside `net.` and `fs.mqueue.` that a container has for itself (runc).
const OWN_SYSCTLS: &[&str] = &[
    "kernel.domainname",
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shm_rmid_forced",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
];

/// Sysctls under `net.` that belong to the node all the same, on most kernels.
const OF_NODES: &[&str] = &[
    "net.core.bpf_jit_enable",
    "net.core.bpf_jit_harden",
    "net.core.bpf_jit_kallsyms",
    "net.core.bpf_jit_limit",
    "net.core.busy_poll",
    "net.core.busy_read",
    "net.core.default_qdisc",
    "net.core.dev_weight",
    "net.core.dev_weight_rx_bias",
    "net.core.dev_weight_tx_bias",
    "net.core.flow_limit_cpu_bitmap",
    "net.core.flow_limit_table_len",
    "net.core.gro_normal_batch",
    "net.core.high_order_alloc_disable",
    "net.core.max_skb_frags",
    "net.core.message_burst",
    "net.core.message_cost",
    "net.core.netdev_budget",
    "net.core.netdev_budget_usecs",
    "net.core.netdev_max_backlog",
    "net.core.netdev_tstamp_prequeue",
    "net.core.rmem_default",
    "net.core.rmem_max",
    "net.core.rps_sock_flow_entries",
    "net.core.warnings",
    "net.core.wmem_default",
    "net.core.wmem_max",
    "net.ipv4.inet_peer_maxttl",
    "net.ipv4.inet_peer_minttl",
    "net.ipv4.inet_peer_threshold",
    "net.ipv4.neigh.default.gc_interval",
    "net.ipv4.neigh.default.gc_thresh1",
    "net.ipv4.neigh.default.gc_thresh2",
    "net.ipv4.neigh.default.gc_thresh3",
    "net.ipv4.tcp_allowed_congestion_control",
    "net.ipv4.tcp_low_latency",
    "net.ipv4.tcp_max_orphans",
    "net.ipv4.tcp_mem",
    "net.ipv4.udp_mem",
    "net.ipv6.neigh.default.gc_interval",
    "net.ipv6.neigh.default.gc_thresh1",
    "net.ipv6.neigh.default.gc_thresh2",
    "net.ipv6.neigh.default.gc_thresh3",
    "net.netfilter.nf_conntrack_buckets",
    "net.netfilter.nf_conntrack_expect_max",
    "net.netfilter.nf_conntrack_max",
    "net.nf_conntrack_max",
];

/// Capabilities of the newest kernel (6.x); older engines know fewer.
pub const CAPABILITIES: &[&str] = &[
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

/// Counts the characters of the name of the host, where the engine has filled in what
/// it fills in.
pub fn hostname(subject: &Subject<'_>, findings: &mut Findings) {
    let hostname = &subject.service.hostname;
    let length = least_length(subject, hostname);
    if length > HOSTNAME {
        let least = if hostname.contains("{{") { "at least " } else { "" };
        let message = format!("the hostname has {least}{length} characters, {HOSTNAME} at most");
        findings.say(&codes::HOSTNAME, hostname.place, message);
    }
}

/// Returns how long a text is at least when its placeholders are filled in.
fn least_length(subject: &Subject<'_>, text: &str) -> usize {
    let mut rest = text;
    let mut length = 0;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((action, next)) = after.split_once("}}") else { break };
        length += before.len() + least_value(subject, action.trim());
        rest = next;
    }
    length + rest.len()
}

fn least_value(subject: &Subject<'_>, action: &str) -> usize {
    let service = subject.scene.scoped("", subject.key).len();
    let slot = if subject.is_global() { ID } else { 1 };
    match action {
        ".Service.ID" | ".Task.ID" | ".Node.ID" => ID,
        ".Service.Name" => service,
        ".Task.Name" => service + slot + ID + 2,
        ".Node.Hostname" => {
            let nodes = subject.scene.cluster.iter().flat_map(|it| it.nodes.iter());
            nodes.map(|it| it.hostname.len()).min().unwrap_or(1)
        }
        ".Node.Platform.OS" => "linux".len(),
        ".Task.Slot" => 1,
        _ => 0,
    }
}

/// Looks at limits of processes.
pub fn ulimits(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.may_run_on_windows() {
        return;
    }
    for (name, limit) in &subject.service.ulimits {
        if !ULIMITS.contains(&name.to_ascii_lowercase().as_str()) {
            let message = format!("there is no ulimit `{name}`");
            let finding = Finding::new(&codes::ULIMIT, limit.place, message);
            let meant = nearest(name, ULIMITS.iter().copied());
            let files = subject
                .nodes
                .iter()
                .filter(|it| it.get("ulimits").is_some_and(|it| it.get(name).is_some()));
            let once = files.count() == 1;
            let free = |it: &&str| once && !subject.service.ulimits.contains_key(*it);
            findings.push(match meant.filter(free) {
                Some(meant) => subject.replaced(finding, limit.place, meant),
                None => finding,
            });
        } else if let Some(why) = bad_limit(name, limit) {
            let soft = subject.node(&["ulimits", name, "soft"]).map(|it| it.place);
            let own = subject.node(&["ulimits", name]).map(|it| it.place);
            let place = soft.or(own).unwrap_or(limit.place);
            findings.push(Finding::new(&codes::ULIMIT, place, format!("ulimit {name}: {why}")));
        }
    }
}

/// Says what the kernel refuses of a limit; -1 is not a limit.
fn bad_limit(name: &str, limit: &At<Ulimit>) -> Option<String> {
    let Ulimit { soft, hard } = limit.value;
    if let Some(odd) = [soft, hard].into_iter().find(|it| *it < -1) {
        return Some(format!("{odd} is not a limit"));
    }
    let above = match (soft, hard) {
        (_, -1) => false,
        (-1, _) => true,
        (soft, hard) => soft > hard,
    };
    if above {
        return Some(format!("the soft limit {soft} is above the hard limit {hard}"));
    }
    let least = LEAST.iter().find(|it| name.eq_ignore_ascii_case(it.0));
    if let Some((_, least)) = least.filter(|it| (0..it.1).contains(&soft)) {
        let what = if *least > 1 { "bytes, without a unit" } else { "seconds" };
        return Some(format!("no program starts with a limit of {soft}; the unit is {what}"));
    }
    if !name.eq_ignore_ascii_case("nofile") {
        return None;
    }
    if [soft, hard].contains(&-1) {
        return Some("the number of open files cannot be unlimited".to_owned());
    }
    if hard > MOST_FILES {
        return Some(format!("{hard} open files are too many, {MOST_FILES} at most"));
    }
    (soft < LEAST_FILES).then(|| format!("no program starts with a limit of {soft} open files"))
}

/// Looks at the names of sysctls.
pub fn sysctls(subject: &Subject<'_>, findings: &mut Findings) {
    for (written, value) in &subject.service.sysctls {
        let name = written.replace('/', ".");
        let place = subject.key_place("sysctls", written, value.place);
        let under = |it: &str| name.strip_prefix(it).is_some_and(|it| !it.is_empty());
        let own = under("net.") || under("fs.mqueue.") || OWN_SYSCTLS.contains(&&*name);
        if name.trim().is_empty() {
            findings.say(&codes::SYSCTL, place, "a sysctl without a name");
        } else if name.contains(char::is_whitespace) {
            let message = format!("a space is part of the name of the sysctl `{}`", name.trim());
            let finding = Finding::new(&codes::SYSCTL, place, message);
            findings.push(without_blanks(subject, finding, value.place));
        } else if name == "kernel.hostname" {
            let message = "kernel.hostname is the engine's";
            findings.push(Finding::new(&codes::SYSCTL, place, message).hint("use `hostname`"));
        } else if !own {
            let message = format!("{written} is a sysctl of the node, not of a container");
            let finding = Finding::new(&codes::SYSCTL, place, message);
            findings.push(finding.hint(format!("set it on the nodes: sysctl -w {name}=…")));
        } else if let Some(why) =
            bad_number(&name, value).map(str::to_owned).or_else(|| out_of_range(&name, value))
        {
            findings.say(
                &codes::SYSCTL,
                value.place,
                format!("{written} is `{}`: {why}", value.value),
            );
        } else if OF_NODES.contains(&&*name) {
            let message = format!("on most kernels, {written} exists only for the whole node");
            let finding = Finding::new(&codes::SYSCTL_OF_NODE, place, message);
            findings.push(finding.hint(format!("set it on the nodes: sysctl -w {name}=…")));
        }
    }
}

/// Sysctls below these are numbers, but for those.
const NUMBERS: &[&str] = &["net.core.", "net.ipv4.tcp_", "net.ipv4.ip_", "kernel.", "fs.mqueue."];
const TEXTS: &[&str] = &[
    "kernel.domainname",
    "net.core.default_qdisc",
    "net.core.flow_limit_cpu_bitmap",
    "net.core.rps_default_mask",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_allowed_congestion_control",
    "net.ipv4.tcp_congestion_control",
    "net.ipv4.tcp_fastopen_key",
];

/// Says what the kernel refuses of a value that has to be a number, or several.
fn bad_number(name: &str, value: &str) -> Option<&'static str> {
    let numbers = NUMBERS.iter().any(|it| name.starts_with(it)) && !TEXTS.contains(&name);
    let hex =
        |it: &str| it.strip_prefix("0x").is_some_and(|it| u64::from_str_radix(it, 16).is_ok());
    let number = |it: &str| it.parse::<i64>().is_ok() || it.parse::<u64>().is_ok() || hex(it);
    (numbers && !value.split_whitespace().all(number)).then_some("the kernel needs a number")
}

/// What kernels take of some: from, to. Only bounds that all of them have.
const RANGES: &[(&str, i128, i128)] = &[
    ("fs.mqueue.msg_default", 1, 65_536),
    ("fs.mqueue.msg_max", 1, 65_536),
    ("fs.mqueue.msgsize_default", 128, 16_777_216),
    ("fs.mqueue.msgsize_max", 128, 16_777_216),
    ("kernel.msgmax", 0, 2_147_483_647),
    ("kernel.msgmni", 0, 32_768),
    ("kernel.shm_rmid_forced", 0, 1),
    ("kernel.shmmax", 0, u64::MAX as i128),
    ("kernel.shmmni", 0, 32_768),
    ("net.core.somaxconn", 0, 2_147_483_647),
    ("net.ipv4.ip_default_ttl", 1, 255),
    ("net.ipv4.ip_unprivileged_port_start", 0, 65_535),
    ("net.ipv4.tcp_fin_timeout", -2_147_483_648, 2_147_483_647),
    ("net.ipv4.tcp_syn_retries", 1, 127),
    ("net.ipv4.tcp_tw_reuse", 0, 2),
];

/// Says what the kernel refuses of a number that it wants within bounds.
fn out_of_range(name: &str, value: &str) -> Option<String> {
    let number = |it: &str| match it.strip_prefix("0x") {
        Some(hex) => i128::from_str_radix(hex, 16).ok(),
        None => it.parse::<i128>().ok(),
    };
    let numbers: Vec<i128> = value.split_whitespace().filter_map(number).collect();
    if name == "net.ipv4.ip_local_port_range" {
        let [from, to] = numbers[..] else { return None };
        let fine = 1 <= from && from <= to && to <= 65_535;
        return (!fine).then(|| "write two ports from 1 to 65535, the lower one first".to_owned());
    }
    let (_, least, most) = RANGES.iter().find(|it| it.0 == name)?;
    let [number] = numbers[..] else { return None };
    let fine = (*least..=*most).contains(&number);
    (!fine).then(|| format!("the kernel takes {least} to {most}"))
}

/// Writes `a=b` for an item `a = b` of a list.
fn without_blanks(subject: &Subject<'_>, finding: Finding, place: Place) -> Finding {
    let raw = subject.scene.text(place).trim_matches(['"', '\'']);
    match raw.split_once('=') {
        Some((name, value)) if !name.trim().contains(char::is_whitespace) => {
            let item = format!("{}={}", name.trim(), value.trim());
            subject.replaced(finding, place, &item)
        }
        _ => finding,
    }
}

/// Looks for capabilities that no kernel has.
pub fn capabilities(subject: &Subject<'_>, findings: &mut Findings) {
    let service = subject.service;
    let lists = [("cap_add", &service.cap_add), ("cap_drop", &service.cap_drop)];
    // Docker forgets what stands beside ALL.
    let plain = |it: &Text| it.trim().to_ascii_uppercase();
    let open = lists.into_iter().filter(|it| !it.1.iter().any(|it| plain(it) == "ALL"));
    for (key, name) in open.flat_map(|(key, list)| list.iter().map(move |it| (key, it))) {
        let upper = plain(name);
        let bare = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if upper == "RESET" || CAPABILITIES.contains(&bare) {
            continue;
        }
        let message = format!("{key}: there is no capability `{}`", name.value);
        let finding = Finding::new(&codes::CAPABILITY, name.place, message);
        let meant = if bare == "ALL" { Some("ALL") } else { None };
        let meant = meant.or_else(|| nearest(bare, CAPABILITIES.iter().copied()));
        findings.push(match meant {
            Some(meant) => subject.replaced(finding, name.place, meant),
            None => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, soft: i64, hard: i64, fine: bool) {
        let limit = At::new(Ulimit { soft, hard }, Place::default());
        assert_eq!(bad_limit(name, &limit).is_none(), fine, "{name} {soft} {hard}");
    }

    /// As engine 20.10 on Linux 6.18 was seen to take them.
    #[test]
    fn limits_are_those_that_a_kernel_takes() {
        check("nofile", 1024, 65_536, true);
        check("nofile", 65_536, 1024, false);
        check("core", -1, -1, true);
        check("core", 0, -1, true);
        check("memlock", -1, 10, false);
        check("nofile", 10, -1, false);
        check("nofile", -5, -5, false);
        check("nproc", 0, 0, true);
        check("nofile", 1024, MOST_FILES, true);
        check("nofile", 1024, MOST_FILES + 1, false);
        check("nofile", 1, 1024, false);
        check("data", 8_000_000, 8_000_000, false);
        check("data", 90_000_000, -1, true);
        check("as", 1_000_000, 1_000_000, false);
        check("as", 2_048_000_000, -1, true);
        check("as", -1, -1, true);
        check("stack", 4096, 4096, false);
        check("stack", 8192, 8192, true);
        check("cpu", 0, 0, false);
        check("cpu", 1, 1, true);
        check("fsize", 0, 0, true);
        check("rss", 1, 1, true);
    }

    /// As Linux 6.18 was seen to take them.
    #[test]
    fn sysctls_that_are_numbers_get_numbers() {
        for (name, value, fine) in [
            ("net.core.somaxconn", "1024", true),
            ("net.core.somaxconn", " 5 ", true),
            ("net.core.somaxconn", "0x10", true),
            ("net.core.somaxconn", "abc", false),
            ("net.core.somaxconn", "5k", false),
            ("net.ipv4.ip_local_port_range", "1024 65000", true),
            ("net.ipv4.ip_local_port_range", "1024-65000", false),
            ("net.ipv4.ip_local_reserved_ports", "80,443", true),
            ("net.ipv4.tcp_congestion_control", "cubic", true),
            ("kernel.sem", "250\t32000 100 128", true),
            ("kernel.shmmax", "64M", false),
            ("kernel.shmall", "18446744073692774399", true),
            ("net.ipv6.conf.all.stable_secret", "fe80::1", true),
        ] {
            assert_eq!(bad_number(name, value).is_none(), fine, "{name}: {value}");
        }
    }

    /// As Linux 6.18 was seen to take them.
    #[test]
    fn sysctls_are_within_the_bounds_of_the_kernel() {
        for (name, value, fine) in [
            ("net.core.somaxconn", "-1", false),
            ("net.core.somaxconn", "65536", true),
            ("net.core.somaxconn", "2147483648", false),
            ("net.ipv4.ip_unprivileged_port_start", "0", true),
            ("net.ipv4.ip_unprivileged_port_start", "65536", false),
            ("net.ipv4.ip_local_port_range", "1024 65535", true),
            ("net.ipv4.ip_local_port_range", "1024 65536", false),
            ("net.ipv4.ip_local_port_range", "60000\t1024", false),
            ("net.ipv4.ip_local_port_range", "0 100", false),
            ("net.ipv4.ip_local_port_range", "1024", true),
            ("net.ipv4.ip_default_ttl", "0", false),
            ("net.ipv4.ip_default_ttl", "0xff", true),
            ("net.ipv4.tcp_tw_reuse", "3", false),
            ("net.ipv4.tcp_syn_retries", "0", false),
            ("net.ipv4.tcp_fin_timeout", "999999999999", false),
            ("net.ipv4.tcp_fin_timeout", "-1", true),
            ("net.ipv4.tcp_syncookies", "9", true),
            ("kernel.shmmni", "32768", true),
            ("kernel.shmmni", "32769", false),
            ("kernel.shmmax", "18446744073692774399", true),
            ("kernel.shm_rmid_forced", "2", false),
            ("fs.mqueue.msg_max", "65537", false),
            ("fs.mqueue.msgsize_max", "127", false),
        ] {
            assert_eq!(out_of_range(name, value).is_none(), fine, "{name}: {value}");
        }
    }
}
