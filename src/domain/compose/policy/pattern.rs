//! Patterns with placeholders, such as `{service}-{project}.example.com`.

use crate::domain::swarm::names::StackName;
use std::collections::BTreeSet;

/// The words that patterns are filled with, and what each stands for.
pub const WORDS: &[(&str, &str)] = &[
    ("project", "the project"),
    ("environment", "the environment"),
    ("stack", "the stack, as its project calls it"),
    ("swarm", "the stack, as the swarm calls it"),
    ("service", "the service, as the file calls it"),
];

/// What the words of a pattern stand for.
#[derive(Debug, Clone, Copy)]
pub struct Naming<'a> {
    pub project: &'a str,
    pub environment: &'a str,
    pub stack: &'a str,
    pub swarm: &'a StackName,
}

/// Fills a pattern; `service` is `None` for what belongs to no service.
///
/// Two braces stay as they are, with all that is between them: they are templates of
/// the engine, as `{{.Name}}`.
pub fn pattern(text: &str, naming: &Naming<'_>, service: Option<&str>) -> Result<String, String> {
    let word = |word: &str| match word {
        "project" => Some(naming.project),
        "environment" => Some(naming.environment),
        "stack" => Some(naming.stack),
        "swarm" => Some(naming.swarm.as_str()),
        "service" => service,
        _ => None,
    };
    let filled = pieces(text)?.into_iter().map(|it| match it {
        Piece::Text(text) => Ok(text),
        Piece::Word(name) => word(name).ok_or_else(|| format!("{{{name}}} is not known here")),
    });
    filled.collect()
}

/// Says what is wrong with a pattern that may use these words.
pub(in crate::domain::compose::policy) fn check(
    text: &str,
    allowed: &[&str],
) -> Result<(), String> {
    for piece in pieces(text)? {
        if let Piece::Word(word) = piece
            && !allowed.contains(&word)
        {
            return Err(format!("{{{word}}} is not known here; use {}", list(allowed)));
        }
    }
    Ok(())
}

/// Returns the words of a pattern.
pub(in crate::domain::compose::policy) fn words(text: &str) -> BTreeSet<&str> {
    let word = |it| if let Piece::Word(word) = it { Some(word) } else { None };
    pieces(text).unwrap_or_default().into_iter().filter_map(word).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Word(&'a str),
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, braces) = rest.split_at(at);
        pieces.push(Piece::Text(before));
        let (opening, closing) = if braces.starts_with("{{") { ("{{", "}}") } else { ("{", "}") };
        let inner = braces.strip_prefix(opening).and_then(|it| it.split_once(closing));
        let Some((inner, after)) = inner else {
            return Err(format!(
                "a brace in `{text}` is not closed: write placeholders as {{ and }}"
            ));
        };
        rest = after;
        if opening == "{{" {
            pieces.push(Piece::Text(&braces[..braces.len() - after.len()]));
        } else if WORDS.iter().any(|it| it.0 == inner) {
            pieces.push(Piece::Word(inner));
        } else {
            let known: Vec<&str> = WORDS.iter().map(|it| it.0).collect();
            return Err(format!("{{{inner}}} is unknown; use {}", list(&known)));
        }
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

fn list(words: &[&str]) -> String {
    words.iter().map(|it| format!("{{{it}}}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, service: Option<&str>, expected: Result<&str, &str>) {
        let swarm = "shop-production-web".parse().unwrap();
        let naming =
            Naming { project: "shop", environment: "production", stack: "web", swarm: &swarm };
        let filled = pattern(text, &naming, service);
        assert_eq!(filled.as_deref().map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn words_in_braces_are_filled_in() {
        check("{project}-{environment}", None, Ok("shop-production"));
        check(
            "{service}-{project}-{environment}.example.com",
            Some("api"),
            Ok("api-shop-production.example.com"),
        );
        check("{swarm}/{stack}", None, Ok("shop-production-web/web"));
        check("plain", None, Ok("plain"));
        check("", None, Ok(""));
    }

    #[test]
    fn templates_of_the_engine_stay() {
        check("{{.Name}}/{project}/{{.ID}}", None, Ok("{{.Name}}/shop/{{.ID}}"));
        check("{{ {project} }}", None, Ok("{{ {project} }}"));
    }

    #[test]
    fn what_cannot_be_filled_in_is_said() {
        check(
            "{servce}",
            Some("api"),
            Err("{servce} is unknown; use {project}, {environment}, {stack}, {swarm}, {service}"),
        );
        check("{service}", None, Err("{service} is not known here"));
        for open in ["{project", "project}", "a}b", "{", "{{.Name}"] {
            let why = format!("a brace in `{open}` is not closed: write placeholders as {{ and }}");
            check(open, None, Err(&why));
        }
    }
}
