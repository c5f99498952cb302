//! The template library: built-in templates, and those of the operator.

use crate::{
    domain::compose::template::{Template, builtin},
    files,
};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The templates there are.
#[derive(Debug, Default)]
pub struct Templates {
    /// The operator's first, by name; one of theirs hides one that comes along.
    pub all: Vec<TemplateFile>,
    /// Files that are no templates, and why.
    pub broken: Vec<(PathBuf, String)>,
}

/// A template, and where it is from.
#[derive(Debug)]
pub struct TemplateFile {
    pub template: Template,
    /// `None` where it came along.
    pub path: Option<PathBuf>,
}

impl Templates {
    /// Reads `*.yml` and `*.yaml` of a folder, which need not be there. Blocks.
    pub fn read(folder: Option<&Path>) -> Self {
        let mut templates = Self::default();
        if let Some(folder) = folder {
            templates.add(folder);
        }
        templates.all.sort_by(|a, b| a.template.name.cmp(&b.template.name));
        for template in builtin() {
            if templates.find(&template.name).is_none() {
                templates.all.push(TemplateFile { template, path: None });
            }
        }
        templates
    }

    pub fn find(&self, name: &str) -> Option<&TemplateFile> {
        self.all.iter().find(|it| it.template.name == name)
    }

    fn add(&mut self, folder: &Path) {
        let found = match fs::read_dir(folder) {
            Ok(found) => found,
            Err(err) if err.kind() == ErrorKind::NotFound => return,
            Err(err) => return self.broken.push((folder.to_owned(), err.to_string())),
        };
        let mut paths: Vec<PathBuf> = found.flatten().map(|it| it.path()).collect();
        paths.retain(|it| it.extension().is_some_and(|it| it == "yml" || it == "yaml"));
        paths.sort();
        for path in paths {
            let text = files::read_text(&path, files::SETTINGS).map_err(|err| err.to_string());
            match text.and_then(|it| Template::parse(&it)) {
                Ok(template) => self.all.push(TemplateFile { template, path: Some(path) }),
                Err(why) => self.broken.push((path, why)),
            }
        }
    }
}
