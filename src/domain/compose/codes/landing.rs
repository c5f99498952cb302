//! Codes of what only the cluster and the registries know: whether a deployment can
//! land there.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    IMAGE_MISSING Error "image-missing" "the registry does not have the image"
        why "The registry answers, and has no such name or tag: nodes that do not have the image already cannot pull it, and their tasks are rejected."
        do "Correct the name, or push the image; `--resolve-image never` deploys without asking."
        from "a question to the registry";
    IMAGE_DENIED Error "image-denied" "the registry refuses the credentials"
        why "With --with-registry-auth nodes get your credentials for their pulls, in the place of those the service had; the registry refuses them."
        do "Log in with `docker login`, or leave --with-registry-auth out; `--resolve-image never` deploys without asking."
        from "a question to the registry";
    IMAGE_PRIVATE Warning "image-private" "the registry wants credentials"
        why "None were sent, so the image is not pinned to a digest. Nodes can still run it: with credentials that the service has from before, or where they have the image."
        do "Log in with `docker login` and deploy with --with-registry-auth; registries also say this of images that they do not have."
        from "a question to the registry";
    IMAGE_UNPINNED Warning "image-unpinned" "the registry did not say the digest"
        why "Docker deploys the tag then, and so does skep: nodes may run different versions, and a service that was pinned before restarts. Nodes that have the image need no registry."
        do "See that the manager reaches the registry; `--resolve-image changed` keeps the digest of images that the file did not change."
        from "docker/cli#787";
    PLATFORM_NOWHERE Error "platform-nowhere" "no node has the platform of the image"
        why "The image is for other processors or systems than those of the swarm; its tasks stay pending for ever."
        do "Build the image for the platforms of the nodes."
        from "a question to the registry, and a look at the cluster";
    PLATFORM_ELSEWHERE Warning "platform-elsewhere" "the nodes with the platform of the image take no tasks"
        why "Nodes with this platform are down, drained or excluded by constraints; tasks stay pending until one of them takes tasks."
        do "Bring such a node back, or change the constraints."
        from "a question to the registry, and a look at the cluster";
    NO_ROOM Warning "no-room" "more is reserved than the nodes have"
        why "A task runs only on a node with all that it reserves. The nodes that the service may use have too little for all of its tasks, even if nothing else ran there."
        do "Reserve less, lower the replicas, or add a node."
        from "a look at the cluster";
    CLUSTER_FULL Warning "cluster-full" "more is reserved than the cluster has"
        why "With this deployment, all services together reserve more than the nodes have that take tasks: some task will stay pending."
        do "Reserve less, or add a node."
        from "a look at the cluster";
    ENGINE_OLD Warning "engine-old" "the engine is too old for it"
        why "An engine drops what its API does not know, without a word, or refuses it in the middle of a deployment."
        do "Update the engine, or leave it out."
        from "moby's API history";
}
