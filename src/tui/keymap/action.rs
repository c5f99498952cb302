//! Actions: everything that a key can do.

/// Declares the actions: `Variant "config-name" "label" "what it does"`.
macro_rules! actions {
    ($($variant:ident $name:literal $label:literal $help:literal,)*) => {
        /// An intent of the operator.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $(#[doc = $help] $variant,)* }

        impl Action {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the name in the configuration file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the word for the footer.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// Returns the sentence for the help screen.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }
        }
    };
}

actions! {
    Open           "open"            "open"        "Open what is selected.",
    Describe       "describe"        "describe"    "Show a page about what is selected: its settings, state and tasks.",
    Spec           "spec"            "spec"        "Show what is selected as YAML; once more for JSON.",
    Logs           "logs"            "logs"        "Follow the logs of what is selected.",
    Edit           "edit"            "edit"        "Edit the compose file of the selected stack.",
    Releases       "releases"        "releases"    "List the releases of the selected stack.",
    Variables      "variables"       "variables"   "Show the variables of the selected stack, and where each comes from.",
    Changes        "changes"         "changes"     "Show the changes of the selected stack that are not deployed yet.",
    Discard        "discard"         "discard"     "Discard the selected change: what is deployed stays.",
    Deploy         "deploy"          "plan, deploy" "Show the plan of the stack, or of the file in the editor; deploy it from there.",
    RerunJobs      "rerun-jobs"      "run jobs"    "Run unchanged jobs again with this plan, or not.",
    Scale          "scale"           "scale"       "Change how many replicas run.",
    Restart        "restart"         "restart"     "Replace every task of the service.",
    RollBack       "roll-back"       "roll back"   "Roll back: a service to the previous spec the engine keeps, a stack to the release before, or to the selected one.",
    Availability   "availability"    "availability" "Make a node active, paused or drained.",
    Remove         "remove"          "remove"      "Remove what is selected.",
    PauseJob       "pause-job"       "pause/resume" "Pause a deployment, or resume it; while paused it changes nothing, and what it changed is still watched.",
    CancelJob      "cancel-job"      "cancel job"  "Cancel the job at the next safe point; a deployment is rolled back.",
    Mark           "mark"            "mark"        "Mark this row; actions then apply to all marked rows.",
    ClearMarks     "clear-marks"     "clear marks" "Clear all marks.",
    Filter         "filter"          "filter"      "Show only what matches: text, !not, -f fuzzy.",
    FaultsOnly     "faults-only"     "faults"      "Show only what is in trouble.",
    Command        "command"         "command"     "Type a command.",
    Zoom           "zoom"            "zoom"        "Give the focused pane the whole screen.",
    FocusNext      "focus-next"      "next pane"   "Move to the next pane.",
    FocusPrev      "focus-prev"      "previous pane" "Move to the previous pane.",
    Fold           "fold"            "fold"        "Fold or unfold a group.",
    FoldAll        "fold-all"        "fold all"    "Unfold everything, or fold everything again.",
    Follow         "follow"          "pause/follow" "Pause at this line, or follow the newest again.",
    Since0         "since-tail"      "tail"        "Show the newest lines.",
    Since1         "since-head"      "head"        "Show logs from the beginning.",
    Since2         "since-1m"        "1m"          "Show logs of the last minute.",
    Since3         "since-5m"        "5m"          "Show logs of the last 5 minutes.",
    Since4         "since-15m"       "15m"         "Show logs of the last 15 minutes.",
    Since5         "since-30m"       "30m"         "Show logs of the last 30 minutes.",
    Since6         "since-1h"        "1h"          "Show logs of the last hour.",
    Since7         "since-3h"        "3h"          "Show logs of the last 3 hours.",
    Since8         "since-1d"        "1d"          "Show logs of the last day.",
    Moment         "since"           "since"       "Show logs since a moment: 3h, 14:02, 2026-11-30 14:02.",
    Since9         "since-all"       "all"         "Show all lines there are.",
    Wrap           "wrap"            "wrap"        "Wrap long lines, or cut them.",
    Timestamps     "timestamps"      "times"       "Show or hide the time of each line.",
    Colors         "colors"          "colours"     "Keep or strip the colours of log lines.",
    Search         "search"          "search"      "Find a text, and go from match to match.",
    NextMatch      "next-match"      "next match"  "Go to the next match.",
    PrevMatch      "prev-match"      "previous match" "Go to the previous match.",
    NextFinding    "next-finding"    "next"         "Go to the next finding.",
    PrevFinding    "prev-finding"    "previous finding" "Go to the finding before.",
    Copy           "copy"            "copy"        "Copy what is selected to the clipboard of your terminal.",
    CopyMenu       "copy-menu"       "copy menu"   "Choose what to copy: name, id, image or reference.",
    Dump           "dump"            "save view"   "Write what this view shows to a file.",
    SortName       "sort-name"       "by name"     "Sort by name.",
    SortAge        "sort-age"        "by age"      "Sort by age.",
    SortState      "sort-state"      "by state"    "Sort by state.",
    SortImage      "sort-image"      "by image"    "Sort by image.",
    SortNext       "sort-next"       "sort column" "Sort by the next column.",
    SortReverse    "sort-reverse"    "reverse"     "Reverse the order.",
    SelectNext     "select-next"     "down"        "Select the next row.",
    SelectPrev     "select-prev"     "up"          "Select the row before.",
    PageDown       "page-down"       "page down"   "Move a page down.",
    PageUp         "page-up"         "page up"     "Move a page up.",
    First          "first"           "first"       "Go to the first row.",
    Last           "last"            "last"        "Go to the last row.",
    Left           "left"            "left"        "Scroll to the left.",
    Right          "right"           "right"       "Scroll to the right.",
    Save           "save"            "save"        "Write the file.",
    OwnEditor      "own-editor"      "$EDITOR"     "Edit the text with VISUAL, EDITOR or vi, and come back.",
    Undo           "undo"            "undo"        "Undo the last change of the text.",
    Redo           "redo"            "redo"        "Redo what was undone last.",
    Complete       "complete"        "complete"    "Complete: offer what can be typed here.",
    GoToService    "go-to-service"   "go to"       "Go to a service of the file.",
    PlanBeside     "plan-beside"     "plan"        "Show the plan beside the text; again: go there; again: close it.",
    Compare        "compare"         "compare"     "Show what differs from the saved file, the last release, or what runs now.",
    Findings       "findings"        "findings"    "List all findings; enter goes back to the text, the same key closes the list.",
    Fix            "fix"             "fix"         "Fix the finding under the cursor, if skep knows how.",
    FixAll        "fix-all"         "fix all"     "Fix all findings that skep knows how to fix.",
    Meaning        "meaning"         "explain"     "Explain what is under the cursor: the key, and what was found there.",
    Replace        "replace"         "replace"     "Find a text and replace it, here or everywhere.",
    Comment        "comment"         "comment"     "Comment out the lines, or uncomment them.",
    DuplicateLine  "duplicate-line"  "duplicate"   "Duplicate the line, or the selected lines.",
    MoveLineUp     "move-line-up"    "line up"     "Move the line, or the selected lines, up.",
    MoveLineDown   "move-line-down"  "line down"   "Move the line, or the selected lines, down.",
    EraseLine      "erase-line"      "erase line"  "Delete the line, or the selected lines.",
    EraseToEnd     "erase-to-end"    "erase rest"  "Delete to the end of the line; at its end, join it with the next.",
    SelectAll      "select-all"      "select all"  "Select the whole text.",
    CopyText       "copy-text"       "copy"        "Copy what is selected, or the line, here and to the clipboard of your terminal.",
    CutText        "cut-text"        "cut"         "Cut: copy it in the same way, and delete it.",
    PasteText      "paste-text"      "paste"       "Insert what was copied here.",
    ChangeValue    "change-value"    "change"      "Give the selected parameter another value.",
    TakeDefault    "take-default"    "default"     "Reset the selected parameter to its default.",
    MakeStack      "make-stack"      "make stack"  "Create the stack from the form, and open it in the editor.",
    Confirm        "confirm"         "yes"         "Yes: do it.",
    Dismiss        "dismiss"         "no"          "No: leave it as it is.",
    Back           "back"            "back"        "Go back one step: close what is open, clear a filter, or leave the view.",
    Leave          "leave"           "leave"       "Leave this file; asks about unsaved text.",
    Previous       "previous"        "last view"   "Go to the view before this one.",
    Refresh        "refresh"         "refresh"     "Read everything again. Never changes anything.",
    Overview       "overview"        "overview"    "Show what is wrong in the cluster, and why.",
    Help           "help"            "help"        "Show all keys that work here, and all commands.",
    Suspend        "suspend"         "suspend"     "Put skep into the background of your shell.",
    Quit           "quit"            "quit"        "Leave skep.",
}

impl Action {
    /// Returns the action of that name in the configuration file.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// Returns whether it changes the cluster, which is always confirmed, steers what
    /// changes it, or makes what could be deployed; absent in read-only mode.
    pub const fn dangerous(self) -> bool {
        matches!(
            self,
            Self::Scale
                | Self::Restart
                | Self::RollBack
                | Self::Availability
                | Self::Remove
                | Self::Discard
                | Self::Deploy
                | Self::MakeStack
                | Self::PauseJob
                | Self::CancelJob
        )
    }
}
