//! Documents of the editor: what is edited, requests for it, and their results.

use crate::{
    domain::{
        compose::{ClusterFacts, Fix, Severity, assist::ClusterNames},
        project::{ManagedStack, SourcePlace, StackPath, draft::Draft},
        swarm::names::StackName,
        text::path::ShownPath,
    },
    jobs::deploy::DeployOrder,
    projects::Sources,
};
use jiff::Timestamp;
use std::{
    path::{self, Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// More than this is not a stack file, and nobody would want to edit it here.
pub const LARGEST: usize = 4 << 20;

/// A text that can be opened, and where it lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    File(PathBuf),
    /// A compose file of a stack of a project, kept or linked, by the name it has there.
    Stack {
        stack: StackPath,
        file: String,
    },
}

/// A text, and what its bytes hold beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    pub text: String,
    /// The bytes begin with a mark that says they are UTF-8.
    pub mark: bool,
}

/// Why bytes are no text that can be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error(
        "{bytes} bytes are more than skep edits ({} MiB); split the file, or use another editor",
        LARGEST >> 20
    )]
    TooLarge { bytes: usize },
    #[error(
        "no UTF-8 text: line {line} holds other bytes, from byte {byte} of the file on; convert it with `iconv -f latin1 -t utf-8`"
    )]
    NoText { line: usize, byte: usize },
}

/// Tells one state of what is kept outside from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Fingerprint of the bytes; empty where there are none.
    pub print: String,
    /// When they were written, as far as anybody knows.
    pub modified: Option<SystemTime>,
}

/// A document as it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub content: Content,
    pub stamp: Stamp,
    /// What was written before and not saved.
    pub draft: Option<Draft>,
}

/// What to do outside for a document.
#[derive(Debug, Clone)]
pub enum Errand {
    /// Read it; answered by [`Reply::Loaded`].
    Load,
    /// Write it, where what is there is still what was read; answered by [`Reply::Saved`],
    /// [`Reply::NotSaved`] or [`Reply::Differs`].
    Save { content: Arc<Content>, over: Option<Stamp> },
    /// See whether it is still what was read; answered by [`Reply::Differs`] where not.
    Look(Stamp),
    /// Read what checks and completion can use of the cluster; answered by
    /// [`Reply::Facts`] where it can be read.
    Facts,
    /// Read what else the stack is made of; answered by [`Reply::Beside`].
    Beside,
    /// Keep what is not saved once nobody types, or forget it at once.
    Keep(Option<Draft>),
    /// Keep a text that was given up for a week, in the place of what is not saved.
    Discard(Draft),
    /// Forget what was given up at a moment.
    Forget(Timestamp),
    /// Write a text into another file, over what is there only where that is wanted.
    WriteTo { path: PathBuf, content: Arc<Content>, over: bool },
    /// Find what the last release of a stack was deployed from; answered by
    /// [`Reply::Deployed`].
    Deployed(StackName),
    /// Have the checker look at a text once nobody types; answered by
    /// [`Reply::Checked`].
    Check(Check),
}

/// A text to check.
#[derive(Debug, Clone)]
pub struct Check {
    pub number: u64,
    pub text: Arc<str>,
    /// The name of the stack.
    pub stack: Option<StackName>,
    pub facts: Option<Arc<Facts>>,
    /// What else the stack is made of.
    pub beside: Option<Arc<Sources>>,
}

/// What is known of a cluster, as it was when somebody looked.
#[derive(Debug, Default)]
pub struct Facts {
    /// What texts are checked against.
    pub cluster: ClusterFacts,
    /// What completion offers of it.
    pub known: ClusterNames,
}

/// What came of an errand.
#[derive(Debug, Clone)]
pub enum Reply {
    Loaded(Result<Opened, String>),
    /// What was written is there now.
    Saved(Arc<Content>, Stamp),
    /// Nothing was written; why is said already.
    NotSaved,
    /// Something else is there than what was read: its text, or why that cannot be
    /// read. Nothing was written.
    Differs(Result<Opened, String>, Why),
    Facts(Arc<Facts>),
    Beside(Result<Arc<Sources>, String>),
    /// The revision of the last release and its text, or why there is none.
    Deployed(Result<(u32, String), String>),
    /// The text as the operator's own editor left it, or why it is as it was.
    HandedBack(Result<String, String>),
    /// What the checker says; the number is the one it was given.
    Checked(u64, Vec<Remark>),
}

/// What somebody wanted who found another text than expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Saving,
    Looking,
}

/// What somebody decided about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Take what is outside in the place of what is written here.
    Reload,
    /// Write over what somebody else wrote, as far as it was seen here.
    Overwrite,
    /// Show what differs from another text.
    Compare(Against),
    /// Ask what becomes of the unsaved text of before.
    Offer(Draft),
    /// Go on with the unsaved text of before.
    TakeDraft,
    /// Put that away; it can be restored for a week.
    DropDraft,
    /// The same with what was put away already: it is gone.
    ForgetDraft,
    /// It becomes this stack, and what it says is checked against it.
    Stack(StackName),
    /// It is the file that this stack was last deployed from, and was opened as that.
    FileOf(StackName),
    /// A line was typed.
    Typed(Ask, String),
}

/// What became of a text that is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    Stays,
    Cut,
}

/// What a text can be checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// What was read or saved last.
    Saved,
    /// What somebody else wrote meanwhile.
    Other,
    /// What was written before and not saved.
    Draft,
    /// What the last release was deployed from.
    Release,
    /// What runs.
    Live,
}

/// What the editor asks a line of text for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// What is to be replaced.
    Replace,
    /// What comes in its place.
    With(String),
    /// The service to go to.
    Service,
}

/// What the checker says about a compose file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// First byte and the one behind the last; `None` for the file as a whole.
    pub place: Option<(usize, usize)>,
    pub severity: Severity,
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
    /// A second place that matters, and what it is.
    pub also: Option<(usize, &'static str)>,
    pub fix: Option<Fix>,
}

impl Document {
    /// Returns the first compose file of a stack.
    pub fn first_of(stack: &ManagedStack) -> Option<Self> {
        let name = stack.source.compose.first()?;
        let file = match stack.source.place {
            SourcePlace::Kept => name.clone(),
            SourcePlace::Linked => Path::new(&stack.source.dir).join(name).display().to_string(),
        };
        Some(Self::Stack { stack: stack.path.clone(), file })
    }

    /// Returns what messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stack { stack, file } => format!("{stack} · {file}"),
        }
    }

    /// Returns what a line with little room calls it.
    pub fn short_name(&self) -> String {
        let path = self.path();
        path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Returns what opens it.
    pub fn how_to_open(&self) -> String {
        match self {
            Self::File(path) => format!("`:edit {}` opens it", path.shown()),
            Self::Stack { stack, .. } => format!("`:edit {stack}` opens it"),
        }
    }

    /// Returns what tells it from all others, also tomorrow.
    pub fn key(&self) -> String {
        match self {
            Self::File(path) => {
                let full = path::absolute(path).unwrap_or_else(|_| path.clone());
                full.to_string_lossy().into_owned()
            }
            // No path begins so.
            Self::Stack { stack, file } => format!("stack {stack} {file}"),
        }
    }

    /// Returns it as it is now, with what else its stack is made of.
    pub fn sources(&self, text: String, beside: Option<&Sources>) -> Sources {
        match (self, beside) {
            (Self::Stack { file, .. }, Some(beside)) => beside.with_text(file, text),
            _ => Sources::one(self.path(), text),
        }
    }

    /// Returns the document that a key tells from all others.
    pub fn of_key(key: &str) -> Self {
        let of_stack = key.strip_prefix("stack ").and_then(|it| {
            let (stack, file) = it.split_once(' ')?;
            Some(Self::Stack { stack: stack.parse().ok()?, file: file.to_owned() })
        });
        of_stack.unwrap_or_else(|| Self::File(PathBuf::from(key)))
    }

    /// Returns the order to deploy it, as the text is now.
    pub fn order(&self, stack: StackName, text: String, beside: Option<&Sources>) -> DeployOrder {
        DeployOrder::of(stack, self.sources(text, beside))
    }

    /// Returns what a stack of it is called that was never deployed: it is named after the
    /// folder or the file, as people do it.
    pub fn stack_name(&self) -> Option<StackName> {
        let path = self.path();
        let stem = path.file_stem()?.to_str()?;
        let generic = ["compose", "docker-compose", "stack", "docker-stack"].contains(&stem);
        let folder = path.parent().and_then(|it| it.file_name()).and_then(|it| it.to_str());
        let name = if generic { folder.unwrap_or(stem) } else { stem };
        let name: String = name
            .chars()
            .map(|it| if it.is_ascii_alphanumeric() || it == '-' || it == '_' { it } else { '-' })
            .collect();
        name.trim_matches(['-', '_']).parse().ok()
    }

    /// Returns the path that relative paths in it start beside.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Stack { file, .. } => Path::new(file),
        }
    }
}

impl Content {
    /// Reads bytes without changing any of them.
    pub fn decode(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        if bytes.len() > LARGEST {
            return Err(Unreadable::TooLarge { bytes: bytes.len() });
        }
        let text = String::from_utf8(bytes).map_err(|err| {
            let byte = err.utf8_error().valid_up_to();
            let line = err.as_bytes()[..byte].iter().filter(|it| **it == b'\n').count() + 1;
            Unreadable::NoText { line, byte: byte + 1 }
        })?;
        Ok(match text.strip_prefix(MARK) {
            Some(rest) => Self { text: rest.to_owned(), mark: true },
            None => Self { text, mark: false },
        })
    }

    /// Returns the bytes to write.
    pub fn encode(&self) -> Vec<u8> {
        let mark = if self.mark { MARK } else { "" };
        [mark, &self.text].concat().into_bytes()
    }
}

/// U+FEFF in front of a text: what some editors of Windows write.
const MARK: &str = "\u{feff}";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let err = Content::decode(b"a: 1\nb: \xff\n".to_vec()).unwrap_err();
        assert_eq!(err, Unreadable::NoText { line: 2, byte: 9 });
        assert!(err.to_string().contains("iconv"), "{err}");
        let err = Content::decode(vec![b' '; LARGEST + 1]).unwrap_err();
        assert!(err.to_string().contains("4194305 bytes") && err.to_string().contains("4 MiB"));
        assert!(Content::decode(vec![b' '; LARGEST]).is_ok());
    }

    #[test]
    fn a_document_is_found_by_its_key() {
        let file = Document::File(PathBuf::from("/srv/stack b.yml"));
        let stack = "shop/production/web".parse().unwrap();
        let kept = Document::Stack { stack, file: "compose file.yml".to_owned() };
        for document in [file, kept] {
            assert_eq!(Document::of_key(&document.key()), document);
        }
    }

    proptest! {
        #[test]
        fn bytes_are_written_as_they_were_read(bytes in "\u{feff}?[a\\r\\n\\tü\u{feff}]{0,40}") {
            let bytes = bytes.into_bytes();
            let content = Content::decode(bytes.clone()).unwrap();
            prop_assert_eq!(content.encode(), bytes);
        }
    }
}
