//! The process that builds a lab and takes it down when we are gone.

use crate::lab::{CACHE, Lab, Node, SCRIPT};
use std::{
    io::{BufRead, BufReader},
    process::{self, Child, Command, Stdio},
};

/// It reads a pipe whose other end this process holds: the kernel closes that end
/// whenever and however we die, and the keeper, in a session of its own, is not hit
/// by what hit us.
pub struct Keeper(Child);

impl Keeper {
    pub fn build(nodes: usize, managers: usize) -> Lab {
        let (nodes, managers) = (nodes.to_string(), managers.to_string());
        let owner = process::id().to_string();
        let mut command = Command::new("setsid");
        command.args([SCRIPT, "keep", "--nodes", &nodes, "--managers", &managers]).envs([CACHE]);
        command.args(["--owner", &owner]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        read(told, Keeper(child))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // It never fails in a way that we could mend; sweeping comes with the next lab.
        let _ = self.0.wait();
    }
}

/// Reads the keeper's words up to `ready`.
fn read(told: impl BufRead, keeper: Keeper) -> Lab {
    let mut lab =
        Lab { id: String::new(), folder: String::new().into(), nodes: Vec::new(), _keeper: keeper };
    let mut all = Vec::new();
    for line in told.lines() {
        let line = line.unwrap();
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["ready", ..] => return lab,
            ["lab", id, folder] => {
                lab.id = (*id).into();
                lab.folder = (*folder).into();
            }
            [name, role @ ("manager" | "worker"), socket] => lab.nodes.push(Node {
                name: (*name).to_owned(),
                is_manager: *role == "manager",
                socket: (*socket).to_owned(),
            }),
            _ => all.push(line),
        }
    }
    panic!("no lab: {}", all.join("\n"))
}
