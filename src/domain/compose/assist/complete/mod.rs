//! Completion: what may be typed next at a place.

mod candidate;
mod scene;
mod rank;
mod variables;
mod names;
mod placement;
mod keys;
mod values;
mod lines;

use crate::domain::compose::assist::{
    complete::scene::Scene,
    known::ClusterNames,
    offer::Offer,
    outline::{CursorContext, YamlOutline, boundary},
};

/// Returns what may stand at a byte, best first; nothing where nobody knows.
pub fn complete(text: &str, at: usize, known: &ClusterNames) -> Vec<Offer> {
    let at = boundary(text, at);
    let before = YamlOutline::of(&text[..at]);
    let scene = Scene { before, whole: YamlOutline::of(text), known, at };
    let (candidates, replaces) = match scene.before.end.spot {
        CursorContext::Key(parent) => lines::offers(&scene, parent),
        CursorContext::Value(entry) => match variables::offers(&scene) {
            Some(offers) => offers,
            None => (values::of(&scene, entry), scene.value_range()),
        },
        CursorContext::Block(_) => variables::offers(&scene).unwrap_or_default(),
        CursorContext::Nowhere => return Vec::new(),
    };
    let typed = text.get(replaces.start..at).unwrap_or_default();
    let fit = rank::ranked(candidates, typed.trim_start());
    let offers = fit.into_iter().map(|it| scene.offer(it, &replaces));
    offers.filter(|it| text.get(it.replaces.clone()) != Some(&it.text)).collect()
}
