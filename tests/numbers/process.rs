//! What the kernel knows about a process.

use std::{fs, time::Duration};

/// Processor time of all its threads so far, those that ended included; exact to
/// 10 ms.
pub fn cpu(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The second field, the name, may hold anything, blanks and brackets too.
    let fields = stat.rsplit(") ").next().unwrap();
    let ticks = fields.split(' ').skip(11).take(2).filter_map(|it| it.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// A line of `/proc/PID/status` in KiB, as `VmRSS`.
pub fn memory(pid: u32, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let found = status.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(':'));
    let number = found.and_then(|it| it.split_whitespace().next());
    number.and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// The load of the machine, because it is part of every figure.
pub fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("?").to_owned()
}
