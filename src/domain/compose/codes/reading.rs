//! Codes of reading a file: text, form, variables, references.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    NO_FILE Error "no-file" "no stack file is named"
        why "Without a stack file there is nothing to load."
        do "Name one with `-c FILE`; `-c -` reads standard input.";
    UNREADABLE Error "unreadable" "a file cannot be read"
        why "The stack needs the file for variables, or as the content of a secret or config. Paths in all files start in the folder of the first one."
        do "Put the file there, or correct the path."
        from "docker stack deploy fails half way here, when networks exist already";
    YAML Error "yaml" "this is not YAML"
        why "The file cannot be read from this place on, so nothing can be said about the rest of it. The cause often stands a line earlier: a key without `: ` behind it, a quote or bracket that is not closed, a line that is indented too far."
        do "Look at the place and at the line before it.";
    TAB Error "tab" "a tab where YAML wants spaces"
        why "YAML is indented with spaces only; a tab in front of a key or item ends the reading."
        do "Write spaces, two for each step."
        from "yaml.org";
    TIGHT_COLON Error "tight-colon" "a colon belongs to a word"
        why "Inside of braces and brackets, docker's reader wants a space behind the colon of a key; without it, key and colon are one word."
        do "Write a space behind the colon."
        from "go-yaml v3";
    DUPLICATE_KEY Error "duplicate-key" "a key stands twice"
        why "A key that stands twice in a mapping has two meanings; docker refuses the file. CLIs before 28 took the last one."
        do "Remove one of the two, or join their values."
        from "go-yaml v3";
    NON_STRING_KEY Error "non-string-key" "a key is no text"
        why "Keys of stack files are texts; numbers, booleans and the like are something else."
        do "Put the key in quotes.";
    ALIASES Error "excessive-aliases" "aliases repeat too much"
        why "Aliases that repeat aliases can make a small file enormous."
        do "Write out what is meant, or share less.";
    NOT_A_NUMBER Error "not-a-number" "infinity, or not a number"
        why "Infinity and not-a-number cannot be sent to an engine."
        do "Give a number, or put the text in quotes.";
    DATE Warning "date" "an unquoted date"
        why "An unquoted date is read as a moment in time and written differently in what is deployed: `2001-01-01` becomes `2001-01-01 00:00:00 +0000 UTC`."
        do "Put it in quotes."
        from "go-yaml v3";
    TOP_LEVEL Error "top-level" "the file is no mapping"
        why "A stack file is a mapping with services, networks and the like at its top. An empty file is none."
        do "Start with `services:`.";
    NO_SERVICES Error "no-services" "nothing to deploy"
        why "Without a service, a deployment does nothing, and looks like one that went well. Docker takes such a file without a word."
        do "Name a service under `services:`; `skep rm STACK` removes a stack.";
    VERSION Error "version" "a version that Swarm does not take"
        why "Swarm takes stack files of version 3.0 to 3.13, as a text in quotes. What the file may say depends on it."
        do "Leave `version` out: that means the newest.";
    VERSION_MISMATCH Error "version-mismatch" "files of several versions"
        why "Files that are merged must have one version."
        do "Leave `version` out of all of them.";
    FORBIDDEN_KEY Error "forbidden-key" "a key that docker refuses"
        why "Docker refuses stack files with this key, because Swarm does the thing in another way."
        do "Use what Swarm has instead; the finding names it.";
    INTERPOLATION Error "interpolation" "a dollar sign that starts nothing"
        why "A `$` starts a variable: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`. Anything else is refused."
        do "Write `$$` for a plain dollar sign.";
    REQUIRED_VARIABLE Error "required-variable" "a required variable is not set"
        why "The file says that it cannot be deployed without this variable."
        do "Set the variable. Files named `.env` are not read, and sudo drops variables."
        from "moby/moby#29133";
    CAST Error "cast" "a variable gave a value of the wrong kind"
        why "Where a number or a boolean belongs, what variables give is turned into one: whole numbers in decimal digits; yes, no, true, false, on and off."
        do "Correct the variable; an unset one is the empty text.";
    EXCESSIVE_VARIABLES Error "excessive-variables" "variables make the file enormous"
        why "A long value that is put in many times can make a small file larger than any memory; no engine would take it."
        do "Put the value in less often, or have it in a config that services mount.";
    EXCESSIVE_PORTS Error "excessive-ports" "a stack publishes too many ports"
        why "A range stands for all of its ports, so a short line can fill the memory of whoever reads it. All files of a stack may publish 10 000 ports together. Docker knows no such limit and sends them all to the engine."
        do "Publish only the ports that are used. A service that needs thousands can be in the network of its node instead: an external network with the name `host`.";
    UNSET_VARIABLE Warning "unset-variable" "a variable is not set"
        why "A variable that is not set becomes the empty text, without a word from docker. Files named `.env` are not read, and sudo drops variables."
        do "Set it; or write `${NAME:?why}` to refuse, `${NAME:-}` where empty is meant."
        from "moby/moby#29133, docker/cli#939";
    UNBRACED_DEFAULT Warning "unbraced-default" "text behind a variable belongs to it"
        why "Without braces, all text after a `-` or `?` behind a variable's name is its default or message, not part of the value: `$HOST-db` is the value of HOST, or `db`."
        do "Write `${HOST}-db`.";
    LITERAL_DEFAULT Warning "literal-default" "a variable inside of a default"
        why "Defaults are taken as they stand: variables in them are not replaced, and the first `}` ends them."
        do "Give the whole value as one variable."
        from "docker/cli#4265";
    MESSAGE_AS_DEFAULT Warning "message-as-default" "a message with a dash is a default"
        why "Docker looks for `-` before `?`, so a message with a dash in it is taken for a default and the variable is never required."
        do "Leave dashes out of the message."
        from "docker/cli#7313";
    LOST_ERROR Warning "lost-error" "docker forgets a bad variable"
        why "Docker forgets a bad variable when another one in the same text is good: it becomes the empty text."
        do "Write `$$` for a plain dollar sign, or correct the variable.";
    SCHEMA Error "schema" "not what the file's version asks for"
        why "The file does not have the form that its version asks for; docker refuses it with the same words. The output of `docker compose config` has keys that only Compose knows."
        do "Bring it into the form of the compose file reference, version 3."
        from "docker/cli#1073";
    VALUE Error "value" "a value that cannot be read"
        why "The value has the right type, but not a form that docker can read."
        do "Write it in the form that docker documents for this key.";
    CONFLICT Error "conflict" "two keys exclude each other"
        why "What both ask for cannot be had at once, and docker refuses to choose."
        do "Remove one of the two.";
    IGNORED_KEY Warning "ignored-key" "Swarm ignores a key"
        why "Docker does not hand the key on to the swarm, so it has no effect. It says so for some keys, and for others says nothing."
        do "Remove the key.";
    DEPRECATED_KEY Warning "deprecated-key" "a key of older formats"
        why "The key is left from older formats and has no effect."
        do "Remove the key.";
    DEPRECATED_EXTERNAL Warning "deprecated-external" "`external` with a name"
        why "The name of an external object is given by its own `name` now."
        do "Write `external: true` and `name: …` beside it.";
    REFERENCE Error "reference" "something that is not declared"
        why "A service can only use networks, volumes, secrets and configs that the file declares. Docker notices an undeclared network after it has made one."
        do "Declare it at the top, or correct the name.";
    IMAGE Error "image" "no image that docker understands"
        why "Every service runs an image, and the engine must understand its name. Stacks build nothing: the image must exist."
        do "Name an image; names are in lower case.";
    RESTART_NO Warning "restart-no" "`restart: no` restarts"
        why "`restart: no` says nothing to Swarm, which restarts tasks whatever happens."
        do "Write `deploy: { restart_policy: { condition: none } }`."
        from "moby/moby#32623";
    ENV_REPLACED Warning "env-replaced" "an empty variable gets a value"
        why "A variable that the file leaves empty gets its value from whoever deploys, if it is set there. That is so in files of variables, too."
        do "Unset it where you deploy, or give the variable another name."
        from "docker/cli#2075";
    ENV_BARE Warning "env-bare" "a variable without any value"
        why "A variable without value that is not set where the stack is deployed reaches the container as a bare name, which programs read differently."
        do "Set it where you deploy, or give it a value.";
    HOME_UNSET Warning "home-unset" "`~` has no meaning"
        why "`~` stands for the home directory of whoever deploys, which is not known."
        do "Write the path out.";
    MOUNT_OPTION Warning "mount-option" "an unknown option of a volume"
        why "Docker drops options of volumes that it does not know without a word; `z`, `cached` and `noexec` among them."
        do "Remove the option.";
    MERGE_COLLAPSE Warning "merge-collapse" "merging of files loses an entry"
        why "When files are merged, entries of the first file that share a key become one: 53/tcp and 53/udp, all ports without a published number, one secret at two targets. That is so even where the other file does not mention them."
        do "Give the service in one file only, or the list in the last file only."
        from "docker/cli#6223";
    EMPTY_ITEM Error "empty-item" "an empty generic resource"
        why "An empty generic resource makes engines drop the connection."
        do "Remove the item.";
    DRIVE_LETTER Warning "drive-letter" "a volume with a name of one letter"
        why "A single letter before a colon is taken for a Windows drive, not for the name of a volume: the volume is not used."
        do "Use the long form, or a name of two letters or more."
        from "moby/moby#34415, moby/moby#20122";
    ENV_LITERAL Warning "env-literal" "a file of variables is taken as it stands"
        why "Files of variables know neither comments behind values, nor variables, nor commands: `A=1 # note` is the value `1 # note`, and `${HOME}` stays these seven characters. Docker compose reads them otherwise."
        do "Put comments on lines of their own; set what is made of variables under `environment`."
        from "docker/cli#2075, seen with docker 28.2";
    DOTENV Warning "dotenv" "a file `.env` that is not read"
        why "Docker compose reads `.env` beside the file for variables; `docker stack deploy` never does, and neither does skep by itself."
        do "Name it: `--env-file .env`; or set the variables where you deploy."
        from "moby/moby#29133, docker/cli#939";
    PRECISION Suggestion "precision" "a fraction is cut off"
        why "A fraction where a whole number belongs is cut off."
        do "Write the whole number that is meant.";
}
