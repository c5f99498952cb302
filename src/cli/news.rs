//! News of a job that take several lines.

use crate::{domain::deployment::plan::Preview, jobs::Tail};

/// Returns the last lines of a task, as one reads them below its name.
pub fn tail(tail: &Tail) -> Vec<String> {
    let head = format!("  last lines of {}, task {}:", tail.service, tail.task.short());
    let lines = match &tail.lines {
        Ok(lines) if lines.is_empty() => vec!["it wrote nothing".to_owned()],
        Ok(lines) => lines.clone(),
        Err(why) => vec![why.clone()],
    };
    [head].into_iter().chain(lines.into_iter().map(|it| format!("    {it}"))).collect()
}

/// Returns the plan that there is instead of the one that was confirmed.
pub fn replanned(preview: &Preview) -> Vec<String> {
    let entries = [&preview.outline.sum].into_iter().chain(&preview.outline.entries);
    let lines = entries.flat_map(|it| {
        let details = it.details.iter().map(|it| format!("    {}", it.text));
        [format!("  {}", it.head.text)].into_iter().chain(details)
    });
    ["the plan has changed:".to_owned()].into_iter().chain(lines).collect()
}
