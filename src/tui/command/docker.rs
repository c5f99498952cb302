//! Docker command aliases: translates docker's commands into those of skep.

/// What docker deploys from here is a file.
const DEPLOY: &str =
    "`e` opens the file of a stack, `:edit FILE` any; f5 there shows the plan and deploys it";

/// Returns what a command of docker is called here; nothing where it is none, or skep has
/// no word for it.
pub fn translated(text: &str) -> Result<Option<String>, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.strip_prefix(&["docker"]).unwrap_or(&words);
    Ok(Some(match words {
        ["stack", "deploy" | "up", ..] => return Err(DEPLOY.to_owned()),
        ["service", "scale", rest @ ..] if !rest.is_empty() => format!("scale {}", rest.join(" ")),
        ["service", "rm" | "remove", name] | ["stack", "rm" | "remove" | "down", name] => {
            format!("rm {name}")
        }
        ["service", "update", "--force", name] | ["service", "update", name, "--force"] => {
            format!("restart {name}")
        }
        ["service", "rollback", name] => format!("rollback {name}"),
        ["service", "logs", .., name] => format!("logs {name}"),
        ["service" | "stack", "ps", .., name] => format!("tasks {name}"),
        ["service", "inspect", .., name] => format!("describe {name}"),
        ["service", "ls" | "list"] => "services".to_owned(),
        ["stack", "services", name] => format!("services {name}"),
        ["stack", "ls" | "list"] => "stacks".to_owned(),
        ["node", "ls" | "list"] => "nodes".to_owned(),
        ["node", "update", "--availability", how, name] => format!("availability {name} {how}"),
        ["node", "update", how, name] if how.starts_with("--availability=") => {
            format!("availability {name} {}", how.trim_start_matches("--availability="))
        }
        _ => return Ok(None),
    }))
}
