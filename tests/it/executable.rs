//! Executable files that a test makes and runs. Another process writes them: were they open
//! to write here, a test that forks at that moment would hold them open, and running them
//! would fail with "Text file busy" (`execve(2)`, ETXTBSY).

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Writes a shell script, without its first line, and makes it executable.
pub fn script(path: &Path, lines: &str) {
    let mut writer = Command::new("sh");
    writer.args([
        "-c",
        "umask 022; cat > \"$0.new\" && chmod 755 \"$0.new\" && mv \"$0.new\" \"$0\"",
    ]);
    let mut writer = writer.arg(path).stdin(Stdio::piped()).spawn().unwrap();
    writer.stdin.take().unwrap().write_all(format!("#!/bin/sh\n{lines}\n").as_bytes()).unwrap();
    assert!(writer.wait().unwrap().success(), "{}", path.display());
}

/// Copies skep into a folder, for users who may not look into the folder of the build.
pub fn skep_in(folder: &Path) -> PathBuf {
    let path = folder.join("skep");
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_skep")).arg(&path).status();
    assert!(copied.unwrap().success(), "{}", path.display());
    path
}
