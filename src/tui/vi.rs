//! Commands of vi for saving and leaving files.

use std::path::PathBuf;

/// A command about the file that is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileCommand {
    /// Save it.
    Write,
    /// Write the text into another file; over what is there only where that is wanted.
    WriteTo {
        path: PathBuf,
        over: bool,
    },
    /// Save it where it is not saved, and leave it.
    WriteAndLeave,
    /// Leave it, and give up what is not saved only where that is wanted.
    Leave {
        anyway: bool,
    },
    WriteAll,
    WriteAllAndQuit,
    /// Leave skep.
    Quit {
        anyway: bool,
    },
    /// Read it again, and give up what is not saved.
    Reload,
    /// Go to a line, from 1 on.
    Line(usize),
}

/// What is typed and what it does; completion and help name these.
pub const NAMES: &[(&str, &str)] = &[
    ("w", "save; with a name, write the text into that file"),
    ("wq", "save and leave"),
    ("x", "save and leave, as wq"),
    ("q", "leave this view; in the first view, leave skep"),
    ("q!", "leave it unsaved; the text stays in `:drafts` for a week"),
    ("e!", "read the file again; what is not saved stays in `:drafts`"),
    ("wa", "save all that is open"),
    ("wqa", "save all that is open and leave skep"),
    ("qa", "leave skep"),
    ("qa!", "leave skep, all unsaved; the texts stay in `:drafts` for a week"),
];

/// Understands such a command; `None` for any other, and an error for one that is wrong.
pub fn parse(text: &str) -> Option<Result<FileCommand, String>> {
    let text = text.trim();
    if let Ok(line) = text.parse::<usize>() {
        return Some(Ok(FileCommand::Line(line)));
    }
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let command = match name {
        "$" => FileCommand::Line(usize::MAX),
        "w" | "w!" | "write" | "write!" | "up" | "update" if !rest.is_empty() => {
            let over = name.ends_with('!');
            return Some(Ok(FileCommand::WriteTo { path: PathBuf::from(rest), over }));
        }
        "w" | "w!" | "write" | "write!" | "up" | "update" => FileCommand::Write,
        "wq" | "wq!" | "x" | "x!" | "xit" | "ZZ" => FileCommand::WriteAndLeave,
        "q" | "close" | "clo" => FileCommand::Leave { anyway: false },
        "q!" | "quit!" | "close!" | "ZQ" => FileCommand::Leave { anyway: true },
        "wa" | "wall" | "wa!" => FileCommand::WriteAll,
        "wqa" | "wqall" | "xa" | "xall" | "wqa!" | "xa!" => FileCommand::WriteAllAndQuit,
        "qa" | "qall" => FileCommand::Quit { anyway: false },
        "qa!" | "qall!" => FileCommand::Quit { anyway: true },
        "e!" | "edit!" if rest.is_empty() => FileCommand::Reload,
        _ => return None,
    };
    Some(match rest {
        "" => Ok(command),
        extra => Err(format!("`{extra}` is an extra word for `{name}`")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &FileCommand) {
        assert_eq!(parse(typed).unwrap().as_ref(), Ok(expected), "{typed}");
    }

    #[test]
    fn what_hands_type_is_understood() {
        check("w", &FileCommand::Write);
        check(" wq ", &FileCommand::WriteAndLeave);
        check("x", &FileCommand::WriteAndLeave);
        check("q", &FileCommand::Leave { anyway: false });
        check("q!", &FileCommand::Leave { anyway: true });
        check("qa!", &FileCommand::Quit { anyway: true });
        check("e!", &FileCommand::Reload);
        check("17", &FileCommand::Line(17));
        check("w b.yml", &FileCommand::WriteTo { path: PathBuf::from("b.yml"), over: false });
        check("w! b c.yml", &FileCommand::WriteTo { path: PathBuf::from("b c.yml"), over: true });
    }

    #[test]
    fn what_is_none_of_them_is_left_to_others_or_refused() {
        for typed in ["", "edit a.yml", "e a.yml", "quit", "wx", "nodes"] {
            assert_eq!(parse(typed), None, "{typed}");
        }
        assert!(parse("q now").unwrap().unwrap_err().contains("`now` is an extra word"));
    }
}
