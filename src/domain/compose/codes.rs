//! The table of everything that can be found in a stack file.

use crate::domain::compose::finding::Severity::{self, Advice, Error, Warning};

/// A kind of finding. Names are stable: scripts and comments mention them.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    pub name: &'static str,
    pub severity: Severity,
    /// Why it matters, in one or two sentences.
    pub why: &'static str,
}

/// Returns the code of that name.
pub fn find(name: &str) -> Option<&'static Code> {
    CODES.iter().copied().find(|it| it.name == name)
}

macro_rules! codes {
    ($($id:ident $severity:ident $name:literal $why:literal;)*) => {
        $(pub static $id: Code = Code { name: $name, severity: $severity, why: $why };)*

        /// Every code, in the order of the steps that find them.
        pub static CODES: &[&Code] = &[$(&$id),*];
    };
}

codes! {
    NO_FILE Error "no-file"
        "Without a stack file there is nothing to load.";
    UNREADABLE Error "unreadable"
        "A file that the stack needs could not be read.";
    YAML Error "yaml"
        "The text is not YAML, so nothing in it can be trusted.";
    TIGHT_COLON Error "tight-colon"
        "Inside of braces and brackets, docker's reader wants a space behind the colon of a key.";
    DUPLICATE_KEY Error "duplicate-key"
        "A key that stands twice in a mapping has two meanings; docker refuses the file.";
    NON_STRING_KEY Error "non-string-key"
        "Keys of stack files are texts; numbers, booleans and the like must be quoted.";
    ALIASES Error "excessive-aliases"
        "Aliases that repeat aliases can make a small file enormous.";
    NOT_A_NUMBER Error "not-a-number"
        "Infinity and not-a-number cannot be sent to an engine.";
    DATE Warning "date"
        "An unquoted date is read as a moment in time and written differently in what is deployed.";
    TOP_LEVEL Error "top-level"
        "A stack file is a mapping with services, networks and the like at its top.";
    VERSION Error "version"
        "Swarm takes stack files of version 3.0 to 3.13.";
    VERSION_MISMATCH Error "version-mismatch"
        "Files that are merged must have one version.";
    FORBIDDEN_KEY Error "forbidden-key"
        "Docker refuses stack files with this key, because Swarm does the thing in another way.";
    INTERPOLATION Error "interpolation"
        "A `$` starts a variable; a plain dollar sign is written `$$`.";
    REQUIRED_VARIABLE Error "required-variable"
        "The file says that it cannot be deployed without this variable.";
    CAST Error "cast"
        "The value that the variables gave is not of the kind that belongs here.";
    UNSET_VARIABLE Warning "unset-variable"
        "A variable that is not set becomes the empty text, without a word from docker.";
    UNBRACED_DEFAULT Warning "unbraced-default"
        "Without braces, all text after a `-` or `?` behind a variable's name is its default or message, not part of the value.";
    LITERAL_DEFAULT Warning "literal-default"
        "Defaults are taken as they stand: variables in them are not replaced, and the first `}` ends them.";
    MESSAGE_AS_DEFAULT Warning "message-as-default"
        "Docker looks for `-` before `?`, so a message with a dash in it is taken for a default and the variable is never required.";
    LOST_ERROR Warning "lost-error"
        "Docker forgets a bad variable when another one in the same text is good.";
    SCHEMA Error "schema"
        "The file does not have the form that its version asks for.";
    VALUE Error "value"
        "The value has the right type, but not a form that can be read.";
    CONFLICT Error "conflict"
        "Two keys exclude each other.";
    IGNORED_KEY Warning "ignored-key"
        "Swarm has no such setting: the key has no effect.";
    DEPRECATED_KEY Warning "deprecated-key"
        "The key is left from older formats and has no effect.";
    DEPRECATED_EXTERNAL Warning "deprecated-external"
        "The name of an external object is given by its own `name` now.";
    REFERENCE Error "reference"
        "A service can only use what the file declares.";
    IMAGE Error "image"
        "Every service runs an image, and the engine must understand its name.";
    HOST_IP Warning "host-ip"
        "Swarm publishes ports on all addresses of a node.";
    RESTART_NO Warning "restart-no"
        "`restart: no` says nothing to Swarm, which restarts tasks whatever happens; only deploy.restart_policy.condition: none stops that.";
    ENV_REPLACED Warning "env-replaced"
        "A variable that the file leaves empty gets its value from whoever deploys.";
    ENV_BARE Warning "env-bare"
        "A variable without value that is not set where the stack is deployed reaches the container as a bare name.";
    HOME_UNSET Warning "home-unset"
        "`~` stands for the home directory, which is not known.";
    MOUNT_OPTION Warning "mount-option"
        "Docker drops options of volumes that it does not know without a word.";
    MERGE_COLLAPSE Warning "merge-collapse"
        "When files are merged, entries of the first file that share a key become one.";
    EMPTY_ITEM Error "empty-item"
        "An empty generic resource makes engines drop the connection.";
    DRIVE_LETTER Warning "drive-letter"
        "A single letter before a colon is taken for a Windows drive, not for the name of a volume.";
    PRECISION Advice "precision"
        "A fraction where a whole number belongs is cut off.";
}
