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
    known::Known,
    offer::Offer,
    outline::{Outline, Spot, boundary},
};

/// Returns what may stand at a byte, best first; nothing where nobody knows.
pub fn complete(text: &str, at: usize, known: &Known) -> Vec<Offer> {
    let at = boundary(text, at);
    let before = Outline::of(&text[..at]);
    let scene = Scene { before, whole: Outline::of(text), known, at };
    let (candidates, replaces) = match scene.before.end.spot {
        Spot::Key(parent) => lines::offers(&scene, parent),
        Spot::Value(entry) => match variables::offers(&scene) {
            Some(offers) => offers,
            None => (values::of(&scene, entry), scene.value_range()),
        },
        Spot::Block(_) => variables::offers(&scene).unwrap_or_default(),
        Spot::Nowhere => return Vec::new(),
    };
    let typed = text.get(replaces.start..at).unwrap_or_default();
    let fit = rank::ranked(candidates, typed.trim_start());
    let offers = fit.into_iter().map(|it| scene.offer(it, &replaces));
    offers.filter(|it| text.get(it.replaces.clone()) != Some(&it.text)).collect()
}
