//! What was measured beside what it should be.

use std::time::Duration;

/// One figure.
pub struct Figure {
    pub what: String,
    pub measured: String,
    pub bound: &'static str,
}

pub fn figure(what: &str, measured: String, bound: &'static str) -> Figure {
    eprintln!("  {what}: {measured}");
    Figure { what: what.to_owned(), measured, bound }
}

pub fn print(title: &str, figures: &[Figure]) {
    let width = |of: fn(&Figure) -> &str| {
        figures.iter().map(|it| of(it).chars().count()).max().unwrap_or(0)
    };
    let (what, measured) = (width(|it| &it.what), width(|it| &it.measured));
    println!("\n{title}\n");
    println!("{:what$}  {:measured$}  bound", "what", "measured");
    for it in figures {
        println!("{:what$}  {:measured$}  {}", it.what, it.measured, it.bound);
    }
}

/// The middle of many runs, and how far they are apart.
pub fn spread(took: &mut [Duration]) -> String {
    let [least, middle, most] = [0, 50, 100].map(|it| percentile(took, it));
    format!("{middle:.1?} ({least:.1?} to {most:.1?}, {} runs)", took.len())
}

/// The value below which this share of them lies.
pub fn percentile<T: Ord + Copy>(values: &mut [T], percent: usize) -> T {
    values.sort_unstable();
    values[(values.len() * percent / 100).min(values.len() - 1)]
}
