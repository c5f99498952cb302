//! File access for stacks of projects. All of it blocks.

use crate::{
    domain::project::{self, SourcePlace, StackPath},
    projects::{Trouble, bytes, see},
    store::{Store, Texts},
    tui::{
        document::{Content, Opened, Stamp},
        run::files::{self, Unsaved, print},
    },
};
use std::path::Path;

/// A file of a stack.
pub struct Shelf<'a> {
    pub store: &'a Store,
    pub stack: &'a StackPath,
    pub file: &'a str,
}

impl Shelf<'_> {
    /// Reads it, from wherever the stack has it.
    pub fn open(&self) -> Result<Opened, String> {
        let Some((id, texts)) = self.kept()? else { return files::open(Path::new(self.file)) };
        let found = texts.get(self.file);
        let found = found.ok_or_else(|| format!("{} has no file {} ({id})", self.stack, self.file));
        let bytes = bytes(self.store, self.stack, self.file, found?)
            .map_err(|it| Trouble::from(it).line())?
            .0;
        let stamp = Stamp { print: print(&bytes), modified: None };
        let content = Content::decode(bytes).map_err(|why| format!("{}: {why}", self.file))?;
        Ok(Opened { content, stamp, draft: None })
    }

    /// Writes it where it still is what is expected, or whatever it is.
    pub fn save(&self, content: &Content, over: Option<&Stamp>) -> Result<Stamp, Unsaved> {
        let Some((id, texts)) = self.kept().map_err(Unsaved::Refused)? else {
            if !Path::new(self.file).is_absolute() {
                let why = format!("{} is linked to files by now; open it again", self.stack);
                return Err(Unsaved::Refused(why));
            }
            let stamp = files::save(Path::new(self.file), content, over)?;
            // It was nobody else.
            if let Err(trouble) = see(self.store, self.stack) {
                tracing::warn!(%trouble, "a linked file that was saved seems changed outside");
            }
            return Ok(stamp);
        };
        let differs = || Unsaved::Differs(Box::new(self.open()));
        if !texts.contains_key(self.file) {
            let why = format!("{} has no file {} any more", self.stack, self.file);
            return Err(Unsaved::Refused(why));
        }
        if let Some(expected) = over
            && !self.open().is_ok_and(|it| it.stamp.print == expected.print)
        {
            return Err(differs());
        }
        let bytes = content.encode();
        let stamp = Stamp { print: print(&bytes), modified: None };
        let after = String::from_utf8(bytes).map_err(|err| Unsaved::Refused(err.to_string()))?;
        let after = project::Content::Text(after);
        let written = self.store.replace_text(id, self.file, texts.get(self.file), &after);
        match written.map_err(|err| Unsaved::Refused(format!("{err}; {}", err.hint())))? {
            Ok(()) => Ok(stamp),
            Err(_) => Err(differs()),
        }
    }

    /// Returns the kept files and whose they are; nothing where they are on disk.
    fn kept(&self) -> Result<Option<(u64, Texts)>, String> {
        let found = self.store.managed(self.stack);
        let found = found.map_err(|err| format!("{err}; {}", err.hint()))?;
        let (stack, texts) = found.ok_or_else(|| format!("there is no stack {}", self.stack))?;
        Ok((stack.source.place == SourcePlace::Kept).then_some((stack.id, texts)))
    }
}
