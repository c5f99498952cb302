//! Finding codes: policies of projects and environments.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    POLICY Error "policy" "a policy that cannot be applied"
        why "While a policy is invalid, skep deploys nothing."
        do "Correct the policy of the project or environment that the finding names.";
    OVER_MAXIMUM Error "over-maximum" "more than the policy allows"
        why "The policy of the project or the environment sets a maximum, so that one service cannot take what others need."
        do "Ask for less, or raise the maximum in the policy that the finding names.";
    NO_BOUND Error "no-bound" "no limit, but the policy requires one"
        why "The policy of the project or the environment sets a maximum, and a service without a limit may use everything."
        do "Give the service a limit, or set a default limit in the policy.";
    STRICT_BUILD Error "strict-build" "a key `build`, which the policy refuses"
        why "The policy of the project or the environment refuses files with `build`: a swarm runs the image that was pushed, and builds nothing."
        do "Remove `build`, or the key `strict.build` of the policy."
        from "strict.build";
    SHARED_NETWORK Error "shared-network" "a shared network that a stack declares as its own"
        why "The network belongs to all stacks of the project; removing the stack that owns it would cut off the others."
        do "Declare the network with `external: true`; the deployment creates it if it is missing.";
    OVERRIDE Warning "override-without-service" "a value is set for a service that the files do not have"
        why "A project, an environment or the stack sets an environment variable of a service that does not exist. Perhaps the service was renamed."
        do "Set it for a service of the file, or remove it with `skep var unset`.";
    SEALED_ELSEWHERE Error "sealed-elsewhere" "a secret value or a file that cannot be decrypted here"
        why "It was encrypted with a key that this machine does not have. Without it, the stack would be deployed incomplete."
        do "Set the value or the file again, or put back the key; `skep vault status` says where that belongs.";
    ENV_FILE Warning "env-file-line" "an invalid line in an env file"
        why "The line is ignored: its variable has no value, or another one."
        do "Write `NAME=value`, one per line.";
}
