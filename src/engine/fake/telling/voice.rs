//! When a container writes its lines, and which line is which: any line can be
//! told without telling those before it.

use crate::{
    domain::logs::Stream,
    engine::fake::{
        swarm::{
            image::{Behaviour, Images},
            random::{digest, mix},
            task::TaskRecord,
        },
        telling::chatter::{self, Style},
    },
};
use jiff::Timestamp;
use std::time::Duration;

/// Lines that an engine keeps of a container.
const KEPT: u64 = 2_000;
/// Between the lines of a start.
const HASTE: Duration = Duration::from_millis(40);

/// The lines of one container: those of its start, those of its work, and its
/// last words.
#[derive(Debug)]
pub struct Voice {
    seed: u64,
    style: Style,
    pace: Duration,
    from: Timestamp,
    to: Option<Timestamp>,
    last_words: &'static [&'static str],
}

/// One line of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    pub at: Timestamp,
    pub stream: Stream,
    pub text: String,
}

impl Voice {
    /// Returns the voice of a task whose container was started.
    pub fn of(task: &TaskRecord, images: &Images, seed: u64) -> Option<Self> {
        let from = task.speaks?;
        let behaviour = images.behaviour(&task.template.image);
        let style = Style::of(&task.template.image);
        let seed = mix(seed, digest(task.id.as_str()));
        let base = style.pace();
        let last_words = match (behaviour, task.exit_code) {
            (Behaviour::RunsOutOfMemory, Some(137)) => chatter::OUT_OF_MEMORY,
            (Behaviour::Unhealthy, Some(143)) => chatter::UNHEALTHY,
            (_, Some(1)) => style.stack_trace(),
            (_, Some(0)) => chatter::FAREWELL,
            _ => &[],
        };
        Some(Self {
            seed,
            style,
            pace: base + Duration::from_millis(mix(seed, 1) % 400),
            from,
            to: task.silent,
            last_words,
        })
    }

    /// Returns the numbers of the lines there are at a moment.
    pub fn lines_at(&self, now: Timestamp) -> (u64, u64) {
        let end = match self.to {
            Some(to) if to <= now => self.before_end(to) + self.last_words.len() as u64,
            _ => self.spoken_until(now),
        };
        (end.saturating_sub(KEPT), end)
    }

    /// Returns the first of the lines `from..to` written at `since` or later.
    pub fn first_since(&self, since: Timestamp, from: u64, to: u64) -> u64 {
        let (mut low, mut high) = (from, to);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.time(middle) < since {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Returns when line `number` comes, if it will.
    pub fn due(&self, number: u64) -> Option<Timestamp> {
        self.to.is_none().then(|| self.time(number))
    }

    pub fn line(&self, number: u64) -> Spoken {
        let at = self.time(number);
        let intro = self.style.intro();
        if let Some(text) = usize::try_from(number).ok().and_then(|it| intro.get(it)) {
            return Spoken { at, stream: Stream::Stdout, text: (*text).to_owned() };
        }
        if let Some(words) = self.last_word(number) {
            return Spoken { at, stream: Stream::Stderr, text: words.to_owned() };
        }
        let (stream, text) = self.style.line(mix(self.seed, number), number, at);
        Spoken { at, stream, text }
    }

    fn last_word(&self, number: u64) -> Option<&'static str> {
        let first = self.before_end(self.to?);
        let at = usize::try_from(number.checked_sub(first)?).ok()?;
        self.last_words.get(at).copied()
    }

    fn before_end(&self, to: Timestamp) -> u64 {
        self.spoken_until(to - Duration::from_millis(1))
    }

    fn time(&self, number: u64) -> Timestamp {
        if let Some(to) = self.to {
            let first = self.before_end(to);
            if number >= first {
                let left = (first + self.last_words.len() as u64).saturating_sub(number);
                return to - Duration::from_micros(left);
            }
        }
        let intro = self.style.intro().len() as u64;
        if number < intro {
            return self.from + times(HASTE, number);
        }
        self.work_time(number - intro)
    }

    /// Returns when the work's line `number` is written: at some moment of its
    /// own stretch of time, so that lines never overtake each other.
    fn work_time(&self, number: u64) -> Timestamp {
        let stretch = u64::try_from(self.pace.as_millis()).unwrap_or(1).max(1);
        let moment = Duration::from_millis(mix(self.seed, number ^ 0x5eed) % stretch);
        self.work_start() + times(self.pace, number) + moment
    }

    fn work_start(&self) -> Timestamp {
        self.from + HASTE * u32::try_from(self.style.intro().len()).unwrap_or(1)
    }

    fn spoken_until(&self, now: Timestamp) -> u64 {
        let since = |start: Timestamp| Duration::try_from(now.duration_since(start)).ok();
        let Some(awake) = since(self.from) else { return 0 };
        let intro = self.style.intro().len() as u64;
        let Some(working) = since(self.work_start()) else {
            return (whole(awake, HASTE) + 1).min(intro);
        };
        let stretches = whole(working, self.pace);
        intro + stretches + u64::from(self.work_time(stretches) <= now)
    }
}

fn times(stretch: Duration, number: u64) -> Duration {
    let nanos = u64::try_from(stretch.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(nanos.saturating_mul(number))
}

fn whole(time: Duration, stretch: Duration) -> u64 {
    u64::try_from(time.as_nanos() / stretch.as_nanos().max(1)).unwrap_or(u64::MAX)
}
