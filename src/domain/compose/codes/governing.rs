//! Codes of what policies of projects and environments refuse.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    POLICY Error "policy" "a policy that cannot be applied"
        why "What a policy says must make sense before anything is deployed under it; half of it would be worse than none."
        do "Correct the policy; the finding names whose it is.";
    OVER_MAXIMUM Error "over-maximum" "more than the policy allows"
        why "The project or the environment has a maximum, so that one service cannot take what others need."
        do "Ask for less, or raise the maximum in the policy that the finding names.";
    NO_BOUND Error "no-bound" "no limit where the policy wants one"
        why "The project or the environment has a maximum, and a service without a limit may take everything there is."
        do "Give the service a limit, or the policy a default.";
    STRICT_BUILD Error "strict-build" "a key `build` where the policy wants none"
        why "The project or the environment refuses files that seem to build images: what runs is the image that was pushed, not what stands beside the file."
        do "Remove `build`, or the key `strict.build` of the policy."
        from "strict.build";
    SHARED_NETWORK Error "shared-network" "a shared network that a stack makes its own"
        why "The network belongs to all stacks of the project; removing the stack that owns it would cut off the others."
        do "Declare the network with `external: true`; the deployment makes it where it is missing.";
    OVERRIDE Warning "override-without-service" "a value is set for a service that the files do not have"
        why "A project, an environment or the stack sets a value in the environment of a service; without the service it does nothing. Perhaps the service has another name now."
        do "Set it for the service by its name in the file, or take it away with `skep var unset`.";
    ENV_FILE Warning "env-file-line" "a line of a file of variables says nothing sensible"
        why "It is left out: the variable that it should set has no value, or another one."
        do "Write `NAME=value`, one a line.";
}
