//! Recovery: what an interrupted deployment must still do or undo, read from its journal.
//!
//! A step is written down before it is taken, and again when its answer is known. So
//! whatever may have reached the cluster stands there as [`StepStage::Intended`], with
//! all it takes to restore it; and what comes after the interruption looks at the
//! cluster before it writes.

use crate::domain::{
    deployment::{
        deploy::{Act, Aim, Before, DeployLimits, ObjectName, Stage, Write},
        release::{JournalEntry, JournalStep, StepStage},
    },
    swarm::cluster::ObjectKind,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the journal of a deployment keeps beside the words of a step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// The step is one of the rollback.
    pub back: bool,
    /// What there was before: the spec of a service, the labels of a secret or config.
    pub before: Option<Value>,
    /// The service was not well then.
    #[serde(skip_serializing_if = "is_no")]
    pub ailing: bool,
    /// The engine did not take the step.
    #[serde(skip_serializing_if = "is_no")]
    pub refused: bool,
    /// The step is one of an interrupted release with this revision; its debts go with
    /// this release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
}

/// A write that may have reached the cluster, and what takes it back.
#[derive(Debug, Clone, PartialEq)]
pub struct Debt {
    pub object: ObjectName,
    pub undo: Act,
    /// See [`Detail::before`]; nothing where the object was not there.
    pub before: Option<Value>,
    pub ailing: bool,
}

/// Returns what is owed after a journal; the oldest entry comes first.
///
/// An object that was written twice gets back what it was at the very beginning. What
/// the rollback has taken back already is owed still: nobody has seen it settle.
pub fn debts(journal: &[JournalEntry]) -> Vec<Debt> {
    let mut debts: Vec<(Debt, usize)> = Vec::new();
    for entry in journal {
        let detail = Detail::of(entry);
        let Some(write) = entry.step.write().filter(|_| !detail.back) else { continue };
        let known = debts.iter_mut().find(|it| it.0.object == write.object);
        match (entry.stage, known) {
            (StepStage::Intended, Some((_, times))) => *times += 1,
            (StepStage::Intended, None) => {
                let Detail { before, ailing, .. } = detail;
                let undo = write.act.inverse();
                let object = write.object.clone();
                debts.push((Debt { object, undo, before, ailing }, 1));
            }
            (StepStage::Failed, Some((_, times))) if detail.refused => *times -= 1,
            _ => {}
        }
        debts.retain(|it| it.1 > 0);
    }
    debts.into_iter().map(|it| it.0).collect()
}

/// Says where a deployment stood when its journal ended: at or after a step.
pub fn stood(journal: &[JournalEntry]) -> String {
    let own = journal.iter().map(|it| (it, Detail::of(it))).filter(|it| it.1.of.is_none());
    let mut open: Vec<&JournalStep> = Vec::new();
    let mut last = None;
    for (entry, detail) in own {
        match entry.stage {
            StepStage::Intended if !open.contains(&&entry.step) => open.push(&entry.step),
            StepStage::Intended => {}
            _ => open.retain(|it| **it != entry.step),
        }
        last = Some((entry, detail.back));
    }
    let Some((entry, back)) = last else { return "before it wrote anything".to_owned() };
    let way = if back { " of its rollback" } else { "" };
    match open.as_slice() {
        [] => format!("after `{}`{way}", entry.step),
        steps => {
            let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
            format!("at `{}`{way}", steps.join(", "))
        }
    }
}

/// Has a deployment answer for debts, whether it writes those objects itself or not.
pub fn inherit(aims: &mut Vec<Aim>, debts: &[Debt]) {
    for debt in debts {
        let (before, limits) = (debt.was(), debt.limits());
        let known = aims.iter_mut().find(|it| it.object == debt.object);
        if let Some(aim) = known {
            aim.owed = Some(debt.undo);
            (aim.before, aim.limits_back) = (before, limits);
            continue;
        }
        aims.push(Aim {
            object: debt.object.clone(),
            act: None,
            owed: Some(debt.undo),
            stage: Stage::Removals,
            before,
            limits,
            limits_back: limits,
        });
    }
}

impl Detail {
    /// Reads that of an entry; an older skep may have kept less.
    fn of(entry: &JournalEntry) -> Self {
        serde_json::from_value(entry.detail.clone()).unwrap_or_default()
    }
}

impl Debt {
    /// Returns the entry that makes it a debt of another release as well.
    pub fn entry(&self, at: Timestamp, revision: u32) -> JournalEntry {
        let Self { object, undo, before, ailing } = self.clone();
        let detail = Detail { before, ailing, of: Some(revision), ..Detail::default() };
        let step = Write { object, act: undo.inverse() }.into();
        JournalEntry { at, step, stage: StepStage::Intended, detail: detail.into() }
    }

    /// Returns how the object was.
    pub fn was(&self) -> Before {
        match self.undo {
            Act::Remove => Before::Absent,
            _ if self.ailing => Before::Ailing,
            _ => Before::Healthy,
        }
    }

    /// Labels of long ago that make no sense are no reason to leave it as it is.
    fn limits(&self) -> DeployLimits {
        let spec = self.before.as_ref().filter(|_| self.object.kind == ObjectKind::Services);
        spec.and_then(|it| DeployLimits::of(it).ok()).unwrap_or_default()
    }
}

impl From<Detail> for Value {
    fn from(detail: Detail) -> Self {
        // Nothing in it can fail to be JSON.
        serde_json::to_value(detail).unwrap_or_default()
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_no(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A journal in lines: `to` intends, `ok` is done, `no` refused, `??` lost; `<`
    /// marks the rollback.
    fn journal(lines: &[&str]) -> Vec<JournalEntry> {
        let entry = |(number, line): (usize, &&str)| {
            let (mark, step) = line.split_at(3);
            let (back, step) = match step.strip_prefix("< ") {
                Some(step) => (true, step),
                None => (false, step),
            };
            let stage = match mark.trim() {
                "to" => StepStage::Intended,
                "ok" if back => StepStage::Undone,
                "ok" => StepStage::Done,
                _ => StepStage::Failed,
            };
            let before = Some(Value::from(number)).filter(|_| stage == StepStage::Intended);
            let refused = mark.trim() == "no";
            let detail = Detail { back, before, refused, ..Detail::default() }.into();
            let step = Write::parse(step).unwrap().into();
            JournalEntry { at: Timestamp::UNIX_EPOCH, step, stage, detail }
        };
        lines.iter().enumerate().map(entry).collect()
    }

    #[track_caller]
    fn check(lines: &[&str], expected: &[&str]) {
        let words = |it: &Debt| {
            let write = Write { object: it.object.clone(), act: it.undo };
            format!("{write} to {}", it.before.clone().unwrap_or_default())
        };
        let found: Vec<String> = debts(&journal(lines)).iter().map(words).collect();
        assert_eq!(found, expected, "{lines:?}");
    }

    #[test]
    fn whatever_may_have_reached_the_cluster_is_owed() {
        check(&[], &[]);
        check(&["to create network front"], &["remove network front to 0"]);
        check(&["to update service web", "ok update service web"], &["update service web to 0"]);
        check(&["to remove service old", "?? remove service old"], &["create service old to 0"]);
        check(&["to update service web", "no update service web"], &[]);
    }

    #[test]
    fn every_prefix_of_a_journal_owes_what_was_intended_in_it() {
        let lines = [
            "to create config theme",
            "ok create config theme",
            "to update service web",
            "to create service cache",
            "ok update service web",
            "ok create service cache",
            "to < update service web",
            "ok < update service web",
        ];
        for end in 0..=lines.len() {
            let intended = |it: &&&str| it.starts_with("to ") && !it.contains('<');
            let wanted = lines[..end].iter().filter(intended).count();
            assert_eq!(debts(&journal(&lines[..end])).len(), wanted, "{end}");
        }
    }

    #[test]
    fn what_is_written_twice_becomes_what_it_was_at_the_beginning() {
        let twice = ["to create service web", "ok create service web", "to update service web"];
        check(&twice, &["remove service web to 0"]);
        let refused = [&twice[..], &["no update service web"]].concat();
        check(&refused, &["remove service web to 0"]);
    }

    #[test]
    fn debts_that_another_release_takes_over_stay_what_they_are() {
        let first = debts(&journal(&["to update service web", "to remove service old"]));
        let entries: Vec<_> = first.iter().map(|it| it.entry(Timestamp::UNIX_EPOCH, 7)).collect();
        assert_eq!(debts(&entries), first);
        assert_eq!(stood(&entries), "before it wrote anything");
    }

    /// What `journal` makes, as a skep kept it that wrote steps in words.
    #[test]
    fn a_journal_of_an_older_skep_owes_the_same() {
        let lines = ["to update service web", "ok update service web", "to create config theme"];
        let now = journal(&lines);
        let then = now.iter().map(|it| {
            let mut kept = serde_json::to_value(it).unwrap();
            assert_eq!(kept["step"]["act"], it.step.write().unwrap().act.word());
            kept["step"] = it.step.to_string().into();
            kept
        });
        let read: Vec<JournalEntry> = then.map(|it| serde_json::from_value(it).unwrap()).collect();
        assert_eq!(read, now);
        assert_eq!((debts(&read), stood(&read)), (debts(&now), stood(&now)));
    }

    #[test]
    fn words_of_no_write_are_shown_and_owe_nothing() {
        let kept = r#"{"at":"2026-11-20T12:00:00Z","step":"scale web to 3","stage":"intended","detail":null}"#;
        let entry: JournalEntry = serde_json::from_str(kept).unwrap();
        assert_eq!(serde_json::to_string(&entry).unwrap(), kept);
        assert_eq!(stood(std::slice::from_ref(&entry)), "at `scale web to 3`");
        assert_eq!(debts(&[entry]), []);
    }

    #[test]
    fn a_journal_says_where_it_stood() {
        let lines = [
            "to create config theme",
            "ok create config theme",
            "to update service web",
            "to create service cache",
            "ok update service web",
        ];
        let at = |end: usize| stood(&journal(&lines[..end]));
        assert_eq!(at(0), "before it wrote anything");
        assert_eq!(at(1), "at `create config theme`");
        assert_eq!(at(2), "after `create config theme`");
        assert_eq!(at(4), "at `update service web, create service cache`");
        assert_eq!(at(5), "at `create service cache`");
        let back = journal(&["to update service web", "to < update service web"]);
        assert_eq!(stood(&back), "at `update service web` of its rollback");
    }
}
