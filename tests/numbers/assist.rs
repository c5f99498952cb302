//! What it costs to know what may come next in a compose file of 2 000 lines.

use crate::{
    check,
    table::{Figure, figure, spread},
};
use skep::domain::compose::{
    assist::{ClusterNames, complete, hover, path_at, sections},
    difference::hunks,
};
use std::{
    hint,
    time::{Duration, Instant},
};

const RUNS: usize = 200;

pub fn figures() -> Vec<Figure> {
    let text = check::file();
    let middle = text[..text.len() / 2].rfind("    deploy:\n").unwrap();
    let typed = format!("{}    dep\n{}", &text[..middle], &text[middle..]);
    let known = ClusterNames::default();
    let new = text.replace("parallelism: 1", "parallelism: 2");
    let measured = |what: &str, bound, work: &dyn Fn()| {
        let mut took: Vec<Duration> = (0..RUNS).map(|_| timed(work)).collect();
        figure(what, spread(&mut took), bound)
    };
    vec![
        measured("complete in the middle of it", "2 ms", &|| {
            hint::black_box(complete(&typed, middle + 7, &known));
        }),
        measured("hover", "", &|| drop(hint::black_box(hover(&text, middle + 7)))),
        measured("path of a place", "", &|| drop(hint::black_box(path_at(&text, middle + 7)))),
        measured("all sections", "", &|| drop(hint::black_box(sections(&text)))),
        measured("differences, a line in each service", "", &|| {
            hint::black_box(hunks(&text, &new));
        }),
    ]
}

fn timed(work: &dyn Fn()) -> Duration {
    let since = Instant::now();
    work();
    since.elapsed()
}
