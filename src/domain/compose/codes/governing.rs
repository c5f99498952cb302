//! Codes of what policies of projects and environments refuse.

use crate::domain::compose::{
    codes::{Code, codes},
    finding::Severity,
};

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
    SHARED_NETWORK Error "shared-network" "a shared network that a stack makes its own"
        why "The network belongs to all stacks of the project; removing the stack that owns it would cut off the others."
        do "Declare the network with `external: true`; the deployment makes it where it is missing.";
}
