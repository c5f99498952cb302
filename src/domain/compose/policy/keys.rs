//! The keys of a policy, by which commands set it and documents explain it.

use crate::domain::{
    compose::{
        policy::{Policy, pattern},
        quantity::{self, LEAST_CPU_LIMIT, LEAST_CPUS, LEAST_MEMORY, LEAST_MEMORY_LIMIT},
    },
    text::{duration, nearest::nearest, size},
};
use serde_json::{Map, Value};

/// A thing that a policy can say.
#[derive(Debug)]
pub struct PolicyKey {
    /// As `update.order`; a `NAME` at its end stands for any name.
    pub name: &'static str,
    pub help: &'static str,
    /// A value that it may have.
    pub example: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A text with words in braces, of which these have a meaning.
    Pattern(&'static [&'static str]),
    Word,
    Choice(&'static [&'static str]),
    Count,
    Duration,
    /// An amount, and the least of it that makes sense.
    Cpus(i64),
    Memory(i64),
}

/// The words of all that belongs to a service.
const OF_SERVICES: &[&str] = &["project", "environment", "stack", "swarm", "service"];
const OF_STACKS: &[&str] = &["project", "environment", "stack"];

/// What stands at the end of a key that is followed by a name.
const OPEN: &str = "NAME";

const fn key(
    name: &'static str,
    kind: Kind,
    example: &'static str,
    help: &'static str,
) -> PolicyKey {
    PolicyKey { name, help, example, kind }
}

/// All keys, in the order in which they are shown.
#[rustfmt::skip]
pub const KEYS: &[PolicyKey] = &[
    key("name", Kind::Pattern(OF_STACKS), "{project}-{environment}-{stack}",
        "The name of a new stack in the swarm; by default `{project}-{environment}-{stack}`."),
    key("network", Kind::Pattern(OF_STACKS), "{project}-{environment}",
        "A network that all stacks share: each service without networks of its own joins it."),
    key("domain", Kind::Pattern(OF_SERVICES), "{service}-{project}.example.com",
        "The domain of services with the label skep.expose=true, unless they set one."),
    key("replicas", Kind::Count, "2",
        "How many replicas a service has by default."),
    key("update.parallelism", Kind::Count, "1",
        "How many tasks are replaced at a time."),
    key("update.delay", Kind::Duration, "5s",
        "How long an update waits between tasks."),
    key("update.order", Kind::Choice(&["start-first", "stop-first"]), "start-first",
        "Whether the new task starts before the old one stops (start-first) or after it (stop-first). Services that are global, or have host ports or volumes, always get stop-first."),
    key("update.failure-action", Kind::Choice(&["rollback", "pause", "continue"]), "rollback",
        "What a failed update does."),
    key("update.monitor", Kind::Duration, "30s",
        "How long an update watches a new task for failure."),
    key("restart.condition", Kind::Choice(&["any", "on-failure", "none"]), "any",
        "When an ended task is started again."),
    key("restart.delay", Kind::Duration, "5s",
        "How long a task stays down before it starts again."),
    key("restart.max-attempts", Kind::Count, "5",
        "How many times a task is started again within the window."),
    key("restart.window", Kind::Duration, "2m",
        "The time within which attempts are counted."),
    key("logging.driver", Kind::Word, "json-file",
        "The log driver; services that set another one are not changed."),
    key("logging.options.NAME", Kind::Pattern(OF_SERVICES), "{project}/{service}",
        "An option of the log driver, for example max-size or tag."),
    key("limits.cpus", Kind::Cpus(LEAST_CPU_LIMIT), "0.5",
        "The default limit of processors for each task."),
    key("limits.memory", Kind::Memory(LEAST_MEMORY_LIMIT), "512M",
        "The default limit of memory for each task."),
    key("reservations.cpus", Kind::Cpus(LEAST_CPUS), "0.1",
        "The default reservation of processors for each task."),
    key("reservations.memory", Kind::Memory(LEAST_MEMORY), "64M",
        "The default reservation of memory for each task."),
    key("maximum.cpus", Kind::Cpus(LEAST_CPU_LIMIT), "2",
        "The highest limit of processors that a service may set; a service without a limit is refused."),
    key("maximum.memory", Kind::Memory(LEAST_MEMORY_LIMIT), "2G",
        "The highest limit of memory that a service may set; a service without a limit is refused."),
    key("maximum.replicas", Kind::Count, "10",
        "The highest number of replicas that a service may set."),
    key("strict.build", Kind::Choice(&["warn", "refuse"]), "refuse",
        "Whether a file with `build`, which swarms ignore, gives a warning or is refused."),
    key("labels.NAME", Kind::Pattern(OF_SERVICES), "{project}",
        "A label that is added to services, networks and volumes without it; with {service} in it, only to services."),
];

impl Policy {
    /// Returns everything that a policy can say.
    pub fn keys() -> &'static [PolicyKey] {
        KEYS
    }

    /// Says one thing, as `update.order`, `start-first`.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let (known, name) = find(key)?;
        let value = known.kind.read(value).map_err(|why| format!("{key}: {why}"))?;
        let mut changed = self.tree();
        put(&mut changed, &known.path(name), value);
        let changed = Self::of_tree(changed)?;
        changed.check()?;
        *self = changed;
        Ok(())
    }

    /// Says a thing no more; tells whether it was said.
    pub fn unset(&mut self, key: &str) -> Result<bool, String> {
        let (known, name) = find(key)?;
        let mut changed = self.tree();
        let was = take(&mut changed, &known.path(name));
        *self = Self::of_tree(changed)?;
        Ok(was)
    }

    /// Returns what is said, in the order of [`KEYS`].
    pub fn entries(&self) -> Vec<(String, String)> {
        let tree = Value::Object(self.tree());
        KEYS.iter().flat_map(|it| it.said_in(&tree)).collect()
    }

    /// Says the first thing that is wrong, with its key.
    pub fn check(&self) -> Result<(), String> {
        for (key, value) in self.entries() {
            let (known, _) = find(&key)?;
            known.kind.read(&value).map_err(|why| format!("{key}: {why}"))?;
        }
        let default = |key: &str| self.amount(&format!("limits.{key}"));
        let kept = |key: &str| self.amount(&format!("reservations.{key}"));
        let most = |key: &str| self.amount(&format!("maximum.{key}"));
        for key in ["cpus", "memory"] {
            in_order(("limits", key, default(key)), ("maximum", key, most(key)))?;
            in_order(("reservations", key, kept(key)), ("limits", key, default(key)))?;
            in_order(("reservations", key, kept(key)), ("maximum", key, most(key)))?;
        }
        match (self.replicas, self.maximum.as_ref().and_then(|it| it.replicas)) {
            (Some(given), Some(most)) if given > most => {
                Err(format!("replicas are {given}, but maximum.replicas {most}"))
            }
            _ => Ok(()),
        }
    }

    /// Returns an amount in billionths of a processor, or bytes.
    fn amount(&self, key: &str) -> Option<(String, i64)> {
        let (_, text) = self.entries().into_iter().find(|it| it.0 == key)?;
        let read = if key.ends_with("cpus") { quantity::nano_cpus } else { quantity::bytes };
        let amount = read(&text).ok()?;
        Some((text, amount))
    }

    fn tree(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(tree)) => tree,
            _ => Map::new(),
        }
    }

    fn of_tree(tree: Map<String, Value>) -> Result<Self, String> {
        serde_json::from_value(Value::Object(tree)).map_err(|err| err.to_string())
    }
}

impl PolicyKey {
    /// Returns the steps to the value from the top of a policy.
    fn path<'a>(&self, name: &'a str) -> Vec<&'a str>
    where
        Self: 'static,
    {
        let name_of: &'static str = self.name;
        name_of.split('.').map(|it| if it == OPEN { name } else { it }).collect()
    }

    /// Returns what a policy says of this, with the full key.
    fn said_in(&self, tree: &Value) -> Vec<(String, String)> {
        let at = |path: &str| path.split('.').try_fold(tree, |it, step| it.get(step));
        match self.name.strip_suffix(OPEN).map(|it| it.trim_end_matches('.')) {
            None => at(self.name).map(|it| (self.name.to_owned(), shown(it))).into_iter().collect(),
            Some(section) => {
                let named = at(section).and_then(Value::as_object).into_iter().flatten();
                named.map(|(name, it)| (format!("{section}.{name}"), shown(it))).collect()
            }
        }
    }
}

impl Kind {
    /// Reads a value, or says what is wrong with it.
    fn read(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Pattern(words) => pattern::check(text, words)?,
            Self::Word if text.is_empty() => return Err("it is empty".to_owned()),
            Self::Word => {}
            Self::Choice(words) if words.contains(&text) => {}
            Self::Choice(words) => {
                return Err(format!("`{text}` is not one of {}", words.join(", ")));
            }
            Self::Count => {
                let count: Result<u32, _> = text.parse();
                return count
                    .map(Value::from)
                    .map_err(|_| format!("`{text}` is not a whole number"));
            }
            Self::Duration => {
                duration::parse(text)
                    .filter(|it| *it >= 0)
                    .ok_or_else(|| format!("`{text}` is not a duration: write 30s, 5m or 1h30m"))?;
            }
            Self::Cpus(least) => {
                let why = || format!("`{text}` is too little: {} at least", size::cpus(least));
                at_least(quantity::nano_cpus(text)?, least).ok_or_else(why)?;
            }
            Self::Memory(least) => {
                let bare = text.bytes().all(|it| it.is_ascii_digit());
                let unit = if bare { "; write its unit, for example 512M" } else { "" };
                let why =
                    || format!("`{text}` is too little: {} at least{unit}", size::memory(least));
                at_least(quantity::bytes(text)?, least).ok_or_else(why)?;
            }
        }
        Ok(Value::from(text))
    }
}

/// Finds the key that is meant, and the name behind it where there is one.
fn find(key: &str) -> Result<(&'static PolicyKey, &str), String> {
    for known in KEYS {
        let Some(section) = known.name.strip_suffix(OPEN) else {
            if known.name == key {
                return Ok((known, ""));
            }
            continue;
        };
        if let Some(name) = key.strip_prefix(section).filter(|it| !it.is_empty()) {
            return Ok((known, name));
        }
    }
    let meant = nearest(key, KEYS.iter().map(|it| it.name));
    let meant = meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    Err(format!("a policy has no `{key}`{meant}"))
}

type Amount<'a> = (&'a str, &'a str, Option<(String, i64)>);

fn in_order(less: Amount<'_>, more: Amount<'_>) -> Result<(), String> {
    let ((section, key, Some((text, amount))), (bound, _, Some((most, limit)))) = (less, more)
    else {
        return Ok(());
    };
    if amount <= limit {
        return Ok(());
    }
    Err(format!("{section}.{key} is {text}, but {bound}.{key} {most}"))
}

fn at_least(amount: i64, least: i64) -> Option<()> {
    (amount >= least).then_some(())
}

fn put(tree: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => drop(tree.insert((*last).to_owned(), value)),
        [first, rest @ ..] => {
            let section = tree.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(section) = section {
                put(section, rest, value);
            }
        }
    }
}

/// Takes a value away, and the sections that are empty without it.
fn take(tree: &mut Map<String, Value>, path: &[&str]) -> bool {
    let [first, rest @ ..] = path else { return false };
    if rest.is_empty() {
        return tree.remove(*first).is_some();
    }
    let Some(Value::Object(section)) = tree.get_mut(*first) else { return false };
    let was = take(section, rest);
    if section.is_empty() {
        tree.remove(*first);
    }
    was
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
