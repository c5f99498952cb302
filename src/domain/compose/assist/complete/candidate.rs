//! Something to offer, before it is known whether it fits what is typed.

/// Something to offer, before it is known whether it fits what is typed.
#[derive(Debug)]
pub struct Candidate {
    pub label: String,
    pub detail: String,
    pub text: String,
    /// How much of `label` must be there letter for letter.
    pub fixed: usize,
    /// How much of `text` is behind the cursor.
    pub behind: usize,
    /// It is only the beginning of a value.
    pub goes_on: bool,
    /// It is not a scalar, and takes no quotes.
    pub is_key: bool,
}

impl Candidate {
    pub fn of(text: &str, detail: impl Into<String>) -> Self {
        Self {
            label: text.to_owned(),
            detail: detail.into(),
            text: text.to_owned(),
            fixed: 0,
            behind: 0,
            goes_on: false,
            is_key: matches!(text, "true" | "false"),
        }
    }

    /// Puts a text in front that is not part of its name.
    pub fn behind(self, front: &str) -> Self {
        Self { text: format!("{front}{}", self.text), is_key: true, ..self }
    }
}
