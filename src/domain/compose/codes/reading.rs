//! Finding codes: YAML, schema, variables, references.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    NO_FILE Error "no-file" "no stack file is named"
        why "Without a stack file there is nothing to load."
        do "Name one with `-c FILE`; `-c -` reads standard input.";
    UNREADABLE Error "unreadable" "a file cannot be read"
        why "The stack needs the file for variables, or as the content of a secret or config. Paths in all files are relative to the folder of the first file."
        do "Put the file there, or correct the path."
        from "docker stack deploy fails half way here, when networks exist already";
    YAML Error "yaml" "this is not YAML"
        why "The file cannot be read from this place on, so the rest is not checked. The cause is often a line earlier: a key without `: ` after it, a quote or bracket that is not closed, or a line that is indented too far."
        do "Check this line and the line before it.";
    TAB Error "tab" "a tab where YAML requires spaces"
        why "YAML is indented with spaces only; a tab before a key or item is an error."
        do "Write two spaces for each level."
        from "yaml.org";
    TIGHT_COLON Error "tight-colon" "a colon without a space after it"
        why "Inside of braces and brackets, a key needs a space after its colon; without it, docker reads key and colon as one word."
        do "Write a space after the colon."
        from "go-yaml v3";
    DUPLICATE_KEY Error "duplicate-key" "a duplicate key"
        why "The same key is used twice in a mapping; docker refuses the file. Docker CLIs before 28 took the last one."
        do "Remove one of the two, or join their values."
        from "go-yaml v3";
    NON_STRING_KEY Error "non-string-key" "a key is not a string"
        why "Keys of stack files must be strings, not numbers or booleans."
        do "Put the key in quotes.";
    ALIASES Error "excessive-aliases" "aliases make the file enormous"
        why "Aliases that repeat aliases can make a small file enormous."
        do "Write out the values, or share less.";
    NOT_A_NUMBER Error "not-a-number" "a value `.inf` or `.nan`"
        why "Infinity and not-a-number cannot be sent to an engine."
        do "Write a number, or put the text in quotes.";
    DATE Warning "date" "an unquoted date"
        why "An unquoted date is read as a point in time, and deployed in another form: `2001-01-01` becomes `2001-01-01 00:00:00 +0000 UTC`."
        do "Put it in quotes."
        from "go-yaml v3";
    TOP_LEVEL Error "top-level" "the file is not a mapping"
        why "A stack file is a mapping: at its top are keys such as services and networks. An empty file is not one."
        do "Start with `services:`.";
    NO_SERVICES Error "no-services" "a file without services"
        why "A deployment without services does nothing, but looks successful. Docker accepts such a file silently."
        do "Name a service under `services:`; `skep rm STACK` removes a stack.";
    VERSION Error "version" "an unsupported version"
        why "Stack files can have the versions 3.0 to 3.13, as a string in quotes. The allowed keys depend on the version."
        do "Remove `version`: then the newest one is used.";
    VERSION_MISMATCH Error "version-mismatch" "files of different versions"
        why "Files that are merged must have the same version."
        do "Remove `version` from all of them.";
    FORBIDDEN_KEY Error "forbidden-key" "a key that docker refuses"
        why "Docker refuses stack files with this key, because Swarm does this in another way."
        do "Use the key that the finding names.";
    INTERPOLATION Error "interpolation" "a dollar sign that starts no variable"
        why "A `$` starts a variable: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`. Anything else is refused."
        do "Write `$$` for a literal dollar sign.";
    REQUIRED_VARIABLE Error "required-variable" "a required variable is not set"
        why "The file says that it cannot be deployed without this variable."
        do "Set the variable. Files named `.env` are not read, and sudo drops variables."
        from "moby/moby#29133";
    CAST Error "cast" "a variable gave a value of the wrong kind"
        why "Where a number or a boolean is needed, the value of the variable is converted: whole decimal numbers; yes, no, true, false, on and off."
        do "Correct the variable; a variable that is not set is an empty string.";
    EXCESSIVE_VARIABLES Error "excessive-variables" "variables make the file enormous"
        why "A long value that is used many times can make a small file larger than any memory."
        do "Use the value less often, or put it into a config that services mount.";
    EXCESSIVE_PORTS Error "excessive-ports" "a stack publishes too many ports"
        why "A range counts with all of its ports, so a short line can use very much memory. All files of a stack together may publish 10 000 ports. Docker has no such limit and sends all of them to the engine."
        do "Publish only the ports that are used. A service that needs thousands can be on the host network instead: an external network with the name `host`.";
    UNSET_VARIABLE Warning "unset-variable" "a variable is not set"
        why "A variable that is not set becomes an empty string, and docker does not say so. Files named `.env` are not read, and sudo drops variables."
        do "Set it; or write `${NAME:?why}` to require it, or `${NAME:-}` if it may be empty."
        from "moby/moby#29133, docker/cli#939";
    UNBRACED_DEFAULT Warning "unbraced-default" "text after a variable is taken as its default"
        why "Without braces, all text after `-` or `?` is the default or the message of the variable: `$HOST-db` is the value of HOST, or `db` if it is not set."
        do "Write `${HOST}-db`.";
    LITERAL_DEFAULT Warning "literal-default" "a variable inside of a default"
        why "Variables inside of a default are not replaced, and the first `}` ends it."
        do "Use one variable for the whole value."
        from "docker/cli#4265";
    MESSAGE_AS_DEFAULT Warning "message-as-default" "a message with a dash is a default"
        why "Docker looks for `-` before `?`. A message with a dash in it is therefore taken as a default, and the variable is not required."
        do "Write the message without dashes."
        from "docker/cli#7313";
    LOST_ERROR Warning "lost-error" "docker ignores an invalid variable"
        why "Where a valid variable follows in the same text, docker replaces an invalid one by an empty string instead of refusing it: with TAG=2, `$1 ${TAG}` becomes `1 2`. A required variable that is not set is lost in the same way."
        do "Write `$$` for a literal dollar sign, or correct the variable.";
    SCHEMA Error "schema" "it does not match the format of the file's version"
        why "The file does not match the format of its version; docker refuses it with the same message. The output of `docker compose config` has keys that only Compose knows."
        do "Write the kind of value that the message names: an integer is a whole number (2), a boolean is true or false, a mapping has `key: value` lines."
        from "docker/cli#1073";
    VALUE Error "value" "a value that cannot be read"
        why "The value has the right type, but docker cannot read it."
        do "Write it as docker documents it for this key.";
    CONFLICT Error "conflict" "two keys cannot be combined"
        why "Docker refuses a file with both keys."
        do "Remove one of the two.";
    IGNORED_KEY Warning "ignored-key" "Swarm ignores a key"
        why "Docker does not pass the key to the swarm, so it has no effect. For some keys docker prints a message, for others it does not."
        do "Remove the key.";
    DEPRECATED_KEY Warning "deprecated-key" "a key of older formats"
        why "The key is left from older formats and has no effect."
        do "Remove the key.";
    DEPRECATED_EXTERNAL Warning "deprecated-external" "`external` with a name"
        why "The name of an external object is now set by `name`."
        do "Write `external: true` and `name: …` beside it.";
    REFERENCE Error "reference" "something that is not declared"
        why "A service can only use networks, volumes, secrets and configs that the file declares. Docker notices this only after it has created some networks."
        do "Declare it at the top level, or correct the name.";
    IMAGE Error "image" "no image, or an invalid name of one"
        why "Every service needs the name of an image. A stack builds nothing: the image must exist."
        do "Set `image`; names are lowercase.";
    RESTART_NO Warning "restart-no" "`restart: no` has no effect"
        why "`restart: no` has no effect: Swarm restarts tasks anyway."
        do "Write `deploy: { restart_policy: { condition: none } }`."
        from "moby/moby#32623";
    ENV_REPLACED Warning "env-replaced" "an empty value is replaced by that of the shell"
        why "If the file sets a variable to an empty text (`NAME: \"\"`, or `- NAME=`) and the shell that deploys has one of that name, the container gets the value of the shell. The same holds for `NAME=` in env files."
        do "Unset it in your shell, or give the variable another name."
        from "docker/cli#2075";
    ENV_BARE Warning "env-bare" "a variable without a value in the file and the shell"
        why "The file only names the variable (`- NAME`, or `NAME:`), so its value comes from your shell, where it is not set. The container gets its name without `=`, which programs treat differently."
        do "Set it in your shell, or give it a value.";
    HOME_UNSET Warning "home-unset" "`~` cannot be resolved"
        why "`~` stands for the home directory of whoever deploys, which is not known."
        do "Write the full path.";
    MOUNT_OPTION Warning "mount-option" "an unknown option of a volume"
        why "Docker silently drops options of volumes that it does not know, for example `z`, `cached` and `noexec`."
        do "Remove the option.";
    MERGE_COLLAPSE Warning "merge-collapse" "merging of files loses an entry"
        why "When files are merged, entries of the first file with the same key become one: 53/tcp and 53/udp, all ports without a published number, or one secret at two targets. That happens even if the other file does not mention them."
        do "Put the service into one file only, or the list into the last file only."
        from "docker/cli#6223";
    EMPTY_ITEM Error "empty-item" "an empty generic resource"
        why "Engines drop the connection when a request has an empty generic resource."
        do "Remove the item.";
    DRIVE_LETTER Warning "drive-letter" "a volume with a name of one letter"
        why "A single letter before a colon is taken for a Windows drive, not for the name of a volume: the volume is not used."
        do "Use the long form, or a name of two letters or more."
        from "moby/moby#34415, moby/moby#20122";
    ENV_LITERAL Warning "env-literal" "an env file is taken literally"
        why "Env files have no comments after values, no variables and no commands: `A=1 # note` is the value `1 # note`, and `${HOME}` is not replaced. Docker Compose reads them differently."
        do "Put comments on lines of their own; set values with variables under `environment`."
        from "docker/cli#2075, seen with docker 28.2";
    DOTENV Warning "dotenv" "a file `.env` that is not read"
        why "Docker Compose reads variables from `.env` beside the file; `docker stack deploy` does not, and skep does only with `--env-file`."
        do "Use `--env-file .env`, or set the variables in your shell."
        from "moby/moby#29133, docker/cli#939";
    PRECISION Suggestion "precision" "a fraction is cut off"
        why "A whole number is needed here: the fraction is cut off."
        do "Write a whole number.";
}
