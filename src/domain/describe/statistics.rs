//! The page of figures about releases.

use crate::domain::{
    deployment::statistics::{Statistics, Times},
    describe::{
        length,
        page::{FactTone, ObjectPage, Section},
    },
    text::count::plural,
};
use jiff::SignedDuration;

/// Describes how deployments went.
pub fn statistics(figures: &Statistics) -> ObjectPage {
    let Statistics { releases, ended, cancelled, failed, restored, not_restored, .. } = figures;
    let rate = figures.failure_rate().map(|it| format!("{failed} of {ended} ({it}%)"));
    let backs = restored + not_restored;
    let back = (backs > 0).then(|| format!("{restored} of {backs}"));
    let broken = figures.broken.then(|| "the last failure is not fixed yet".to_owned());
    let about = Section::new("Releases")
        .row("releases", releases.to_string())
        .row("failed", rate)
        .row("cancelled", (*cancelled > 0).then(|| cancelled.to_string()))
        .row("rolled back", back)
        .row("took", figures.verdict.map(times))
        .row("healthy again", figures.recovery.map(times))
        .toned("now", broken, FactTone::Danger);
    let causes = figures.causes.iter().fold(Section::new("Causes"), |section, it| {
        section.row(&it.count.to_string(), it.cause.clone())
    });
    ObjectPage::new([about, causes])
}

/// Says the same in one line; nothing where no deployment came to an end.
pub fn figures(figures: &Statistics) -> Option<String> {
    let Statistics { ended, cancelled, failed, restored, not_restored, .. } = figures;
    let rate = figures.failure_rate()?;
    let mut parts = vec![match failed {
        0 => format!("{ended}, none failed"),
        _ => format!("{ended}, {failed} of them failed ({rate}%)"),
    }];
    if *restored > 0 {
        parts.push(format!("{restored} rolled back"));
    }
    if *not_restored > 0 {
        parts.push(plural(*not_restored as u64, "rollback") + " failed");
    }
    if *cancelled > 0 {
        parts.push(format!("{cancelled} cancelled"));
    }
    if let Some(Times { median, .. }) = figures.recovery {
        parts.push(format!("healthy again in {}", length(SignedDuration::from_secs(median))));
    }
    Some(parts.join(", "))
}

fn times(times: Times) -> String {
    let [median, longest] =
        [times.median, times.longest].map(|it| length(SignedDuration::from_secs(it)));
    format!("median {median}, longest {longest}")
}
