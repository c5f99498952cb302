//! Names of images, as docker understands them.

use std::fmt;

/// A parsed image name.
///
/// The grammar is that of `distribution/reference`: `[domain/]path[:tag][@digest]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageRef {
    /// `docker.io` where none is given.
    pub domain: String,
    /// `library/…` for the official images.
    pub path: String,
    pub tag: Option<String>,
    pub digest: Option<String>,
}

/// Why a text names no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadImage {
    #[error("invalid reference format")]
    Format,
    #[error("invalid reference format: repository name ({0}) must be lowercase")]
    Uppercase(String),
    #[error("repository name must not be more than 255 characters")]
    Long,
    #[error("invalid repository name ({0}), cannot specify 64-byte hexadecimal strings")]
    Identifier(String),
    #[error("unsupported digest algorithm")]
    Algorithm,
    #[error("invalid checksum digest length")]
    DigestLength,
    #[error("invalid checksum digest format")]
    DigestFormat,
}

const DOCKER: &str = "docker.io";

impl ImageRef {
    /// Reads a name and fills in docker's defaults, except for the tag.
    pub fn parse(text: &str) -> Result<Self, BadImage> {
        if is_identifier(text) {
            return Err(BadImage::Identifier(text.to_owned()));
        }
        let (domain, rest) = split_domain(text);
        let rest =
            if domain == DOCKER && !rest.contains('/') { format!("library/{rest}") } else { rest };
        let name = rest.split(':').next().unwrap_or_default();
        if name.to_lowercase() != name {
            return Err(BadImage::Uppercase(name.to_owned()));
        }
        let (named, digest) = match rest.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (rest.as_str(), None),
        };
        let (path, tag) = match named.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (named, None),
        };
        let shaped = is_domain(domain)
            && path.split('/').all(is_component)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(looks_like_digest);
        if !shaped {
            return Err(BadImage::Format);
        }
        if domain.len() + 1 + path.len() > 255 {
            return Err(BadImage::Long);
        }
        digest.map_or(Ok(()), check_digest)?;
        Ok(Self {
            domain: domain.to_owned(),
            path: path.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// Tells whether docker takes the text as an image of a service: a name, or
    /// the id of an image.
    pub fn check(text: &str) -> Result<(), BadImage> {
        if is_identifier(text) || check_digest(text).is_ok() {
            return Ok(());
        }
        Self::parse(text).map(|_| ())
    }

    /// Adds `:latest` where there is neither tag nor digest.
    #[must_use]
    pub fn with_tag(mut self) -> Self {
        if self.tag.is_none() && self.digest.is_none() {
            self.tag = Some("latest".to_owned());
        }
        self
    }

    /// Returns the name without tag and digest, as people write it.
    pub fn familiar_name(&self) -> String {
        if self.domain != DOCKER {
            return format!("{}/{}", self.domain, self.path);
        }
        let official = self.path.strip_prefix("library/").filter(|it| !it.contains('/'));
        official.unwrap_or(&self.path).to_owned()
    }
}

impl fmt::Display for ImageRef {
    /// Writes the name as people do: `nginx:1`, not `docker.io/library/nginx:1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.familiar_name())?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |it| write!(f, "@{it}"))
    }
}

/// Splits off what looks like a host: it has a dot, a port or a capital letter,
/// or is `localhost`.
fn split_domain(text: &str) -> (&str, String) {
    let is_host =
        |it: &str| it.contains(['.', ':']) || it == "localhost" || it.to_lowercase() != it;
    match text.split_once('/') {
        Some(("index.docker.io", rest)) => (DOCKER, rest.to_owned()),
        Some((host, rest)) if is_host(host) => (host, rest.to_owned()),
        _ => (DOCKER, text.to_owned()),
    }
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    if port.is_some_and(|it| it.is_empty() || !it.bytes().all(|c| c.is_ascii_digit())) {
        return false;
    }
    if let Some(address) = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        return !address.is_empty()
            && address.bytes().all(|it| it.is_ascii_hexdigit() || it == b':');
    }
    host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    })
}

/// Lower-case letters and digits, joined by `.`, `_`, `__` or any number of `-`.
fn is_component(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separators = text.split(is_word).filter(|it| !it.is_empty());
    let joined =
        separators.all(|it| matches!(it, "." | "_" | "__") || it.bytes().all(|c| c == b'-'));
    joined && text.starts_with(is_word) && text.ends_with(is_word)
}

fn is_tag(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128
        && text.starts_with(is_word)
        && text.chars().all(|it| is_word(it) || matches!(it, '.' | '-'))
}

fn is_identifier(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(is_lower_hex)
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn looks_like_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let parts = algorithm.split(['-', '_', '+', '.']);
    let named = parts.into_iter().all(|it| {
        it.starts_with(|c: char| c.is_ascii_alphabetic())
            && it.bytes().all(|c| c.is_ascii_alphanumeric())
    });
    named && hex.len() >= 32 && hex.bytes().all(|it| it.is_ascii_hexdigit())
}

fn check_digest(text: &str) -> Result<(), BadImage> {
    let (algorithm, hex) = text.split_once(':').ok_or(BadImage::DigestFormat)?;
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Err(BadImage::Algorithm),
    };
    if hex.len() != length {
        return Err(BadImage::DigestLength);
    }
    if hex.bytes().all(is_lower_hex) { Ok(()) } else { Err(BadImage::DigestFormat) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn names_are_completed_and_shortened_as_docker_does() {
        for (text, expected) in [
            ("nginx", "nginx:latest"),
            ("nginx:1.27", "nginx:1.27"),
            ("docker.io/library/nginx", "nginx:latest"),
            ("index.docker.io/nginx", "nginx:latest"),
            ("docker.io/acme/app", "acme/app:latest"),
            ("acme/app:1", "acme/app:1"),
            ("localhost/app", "localhost/app:latest"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
            ("registry.example.com/a/b_c/d__e/f--g:v1", "registry.example.com/a/b_c/d__e/f--g:v1"),
            ("[::1]:5000/app", "[::1]:5000/app:latest"),
            ("Acme/app", "Acme/app:latest"),
        ] {
            assert_eq!(ImageRef::parse(text).unwrap().with_tag().to_string(), expected, "{text}");
        }
        let digest = format!("nginx:1@{SHA}");
        assert_eq!(ImageRef::parse(&digest).unwrap().with_tag().to_string(), digest);
    }

    #[test]
    fn what_docker_refuses_is_refused() {
        for (text, expected) in [
            ("", BadImage::Format),
            ("a b", BadImage::Format),
            ("-a", BadImage::Format),
            ("a:", BadImage::Format),
            ("a@sha256:abc", BadImage::Format),
            ("a/b:c:d", BadImage::Format),
            ("a___b", BadImage::Format),
            ("http://a/b", BadImage::Format),
            ("acme/App", BadImage::Uppercase("acme/App".to_owned())),
            ("Nginx", BadImage::Uppercase("library/Nginx".to_owned())),
            (&SHA[7..], BadImage::Identifier(SHA[7..].to_owned())),
        ] {
            assert_eq!(ImageRef::parse(text), Err(expected), "{text}");
        }
        assert_eq!(ImageRef::check(SHA), Ok(()));
        assert_eq!(ImageRef::check(&SHA[7..]), Ok(()));
    }
}
