//! SSH transport: the operator's own `ssh`, with keys, agent and
//! `~/.ssh/config`, runs `docker system dial-stdio` over there.

use crate::{domain::text::escape, engine::EngineError};
use std::{
    collections::VecDeque,
    io,
    pin::{Pin, pin},
    process::Stdio,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    select,
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;

/// How many of its last lines say why ssh gave up.
const LAST_WORDS: usize = 3;
/// How many bytes of each.
const LONGEST: usize = 1024;

/// How long they may take to arrive.
const GRACE: Duration = Duration::from_millis(250);

/// A running ssh as a connection; it ends with it.
#[derive(Debug)]
pub struct SshPipe {
    stdin: ChildStdin,
    stdout: ChildStdout,
    /// What ssh says until it ends, and that it ended.
    end: AbortOnDropHandle<String>,
    address: Arc<str>,
    heard: bool,
}

/// Builds the command; nothing of it is read by a local shell.
pub fn command(user: Option<&str>, host: &str, port: Option<u16>, socket: Option<&str>) -> Command {
    let mut ssh = Command::new("ssh");
    if let Some(user) = user {
        ssh.args(["-l", user]);
    }
    if let Some(port) = port {
        ssh.args(["-p", &port.to_string()]);
    }
    // A question on the terminal would tear the screen, and nobody would see it.
    ssh.args(["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"]);
    ssh.args(["-o", "ServerAliveInterval=15", "--", host, "docker"]);
    if let Some(socket) = socket {
        // The shell over there reads this word.
        let host = format!("unix://{socket}");
        ssh.args(["--host", &format!("'{}'", host.replace('\'', r"'\''"))]);
    }
    ssh.args(["system", "dial-stdio"]);
    ssh
}

impl SshPipe {
    /// Starts `command`, apart from the terminal's signals: ctrl-c asks skep,
    /// which may still need the connection to leave things in order.
    pub fn spawn(mut command: Command, address: &Arc<str>) -> Result<Self, EngineError> {
        let failed = |why: String| EngineError::Ssh { host: host_of(address), why };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|err| failed(format!("cannot start `ssh`: {err}")))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(failed("its pipes are missing".to_owned()));
        };
        let end = AbortOnDropHandle::new(tokio::spawn(last_words(child, stderr)));
        Ok(Self { stdin, stdout, end, address: Arc::clone(address), heard: false })
    }

    /// Waits for ssh to end, and makes an error of what it said.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let why = ready!(Pin::new(&mut self.end).poll(cx))
            .unwrap_or_else(|_| "it ended without a message".to_owned());
        Poll::Ready(io::Error::other(EngineError::Ssh { host: host_of(&self.address), why }))
    }
}

impl AsyncRead for SshPipe {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let pipe = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut pipe.stdout).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            pipe.heard = true;
        } else if !pipe.heard {
            return pipe.poll_end(cx).map(Err);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for SshPipe {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let pipe = self.get_mut();
        match ready!(Pin::new(&mut pipe.stdin).poll_write(cx, bytes)) {
            Err(err) if err.kind() == io::ErrorKind::BrokenPipe && !pipe.heard => {
                pipe.poll_end(cx).map(Err)
            }
            written => Poll::Ready(written),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stdin).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stdin).poll_shutdown(cx)
    }
}

/// Reads what ssh complains about, all along so that it never blocks on it.
async fn last_words(mut child: Child, stderr: ChildStderr) -> String {
    let mut last = VecDeque::new();
    let status = {
        let mut listening = pin!(listen(stderr, &mut last));
        select! {
            () = &mut listening => child.wait().await,
            status = child.wait() => {
                // A shared master connection may outlive this ssh and keep the
                // pipe open: what is not said by now is not about us.
                let _ = timeout(GRACE, listening).await;
                status
            }
        }
    };
    match status {
        _ if !last.is_empty() => Vec::from(last).join("; "),
        Ok(status) => format!("ssh ended: {status}"),
        Err(err) => err.to_string(),
    }
}

/// Listens to the end, however much is said, and keeps the last lines, as far as anybody
/// would read them.
async fn listen(mut stderr: ChildStderr, last: &mut VecDeque<String>) {
    let (mut line, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stderr.read(&mut piece).await {
        for byte in &piece[..count] {
            match byte {
                b'\n' => note(&mut line, last),
                _ if line.len() < LONGEST => line.push(*byte),
                _ => {}
            }
        }
    }
    note(&mut line, last);
}

fn note(line: &mut Vec<u8>, last: &mut VecDeque<String>) {
    let words = escape::shown(&String::from_utf8_lossy(line)).trim().to_owned();
    line.clear();
    if !words.is_empty() {
        last.push_back(words);
    }
    if last.len() > LAST_WORDS {
        last.pop_front();
    }
}

fn host_of(address: &str) -> String {
    address.strip_prefix("ssh://").unwrap_or(address).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    fn check(command: &Command, expected: &str) {
        let std = command.as_std();
        let words: Vec<_> = std.get_args().map(|it| it.to_str().unwrap()).collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn the_command_keeps_user_port_and_socket_apart() {
        check(
            &command(Some("ops"), "swarm1", Some(2222), None),
            "-l ops -p 2222 -T -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 \
             -- swarm1 docker system dial-stdio",
        );
        check(
            &command(None, "swarm1", None, Some("/run/a b.sock")),
            "-T -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 \
             -- swarm1 docker --host 'unix:///run/a b.sock' system dial-stdio",
        );
    }

    fn shell(script: &str) -> SshPipe {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        SshPipe::spawn(command, &"ssh://swarm1".into()).unwrap()
    }

    async fn error_of(mut pipe: SshPipe) -> String {
        let err = pipe.read_to_end(&mut Vec::new()).await.unwrap_err();
        err.get_ref().unwrap().to_string()
    }

    #[tokio::test]
    async fn what_ssh_says_last_is_why() {
        let pipe =
            shell("echo banner >&2; echo; for i in 1 2 3; do echo no $i >&2; done; exit 255");
        let mut bytes = Vec::new();
        let mut pipe = pipe;
        pipe.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes, b"\n", "after the first answer the end is just the end");

        let pipe = shell("echo banner >&2; for i in 1 2 3; do echo no $i >&2; done; exit 255");
        assert_eq!(error_of(pipe).await, "cannot reach swarm1 over ssh: no 1; no 2; no 3");
        assert_eq!(
            error_of(shell("exit 3")).await,
            "cannot reach swarm1 over ssh: ssh ended: exit status: 3"
        );
    }

    /// Some 40 MB, of which nobody wants to hear.
    const FLOOD: &str = "head -c 40000000 /dev/zero | tr '\\0' x >&2";

    #[tokio::test]
    async fn of_a_flood_of_words_only_the_end_is_kept() {
        let lines = "head -c 40000000 /dev/zero | tr '\\0' '\\n' >&2; echo '' no way >&2; exit 255";
        assert_eq!(error_of(shell(lines)).await, "cannot reach swarm1 over ssh: no way");
        let why = error_of(shell(&format!("{FLOOD}; exit 255"))).await;
        assert!(why.ends_with("xxx") && why.len() < 2 * LONGEST, "{} bytes", why.len());
        let many = "i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i+1)); done; exit 255";
        let why = error_of(shell(many)).await;
        assert_eq!(why, "cannot reach swarm1 over ssh: line 19997; line 19998; line 19999");
    }

    #[tokio::test]
    async fn a_flood_of_words_holds_no_answer_up() {
        let mut pipe = shell(&format!("{FLOOD}; read line; echo \"got $line\"; {FLOOD}; echo end"));
        pipe.write_all(b"ping\n").await.unwrap();
        let mut answer = String::new();
        pipe.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "got ping\nend\n");
    }

    #[tokio::test]
    async fn bytes_go_both_ways() {
        let mut pipe = shell("read line; echo \"got $line\"");
        pipe.write_all(b"ping\n").await.unwrap();
        let mut answer = String::new();
        pipe.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "got ping\n");
    }
}
