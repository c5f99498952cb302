//! Why what is seen is old, and what to do about it.

use crate::{domain::text::age, jobs::watch::Link, tui::world::World};

impl World {
    /// Says why the view is old, what is wrong and what to do.
    pub fn trouble(&self) -> Option<String> {
        if let Link::Lost { since, why, attempts } = &self.view.link {
            let hint = why.hint().map(|it| format!("; {it}")).unwrap_or_default();
            let seen = self.view.read_at.map(|it| age::age(it, self.now));
            let seen = seen.map(|it| format!("what you see is {it} old; ")).unwrap_or_default();
            let lost = age::age(*since, self.now);
            let tries = if *attempts == 1 { "try" } else { "tries" };
            return Some(format!(
                "{why}{hint} ({seen}lost for {lost}, {attempts} {tries}, trying on)"
            ));
        }
        if let Some(stale) = self.stale() {
            let stale = age::coarse(stale);
            return Some(format!("the engine is slow to answer: what you see is {stale} old"));
        }
        let left_out = self.view.left_out;
        (!left_out.is_none()).then(|| format!("the lists are not complete: {left_out}"))
    }
}
