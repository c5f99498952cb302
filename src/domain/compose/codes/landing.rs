//! Finding codes: preflight checks of the cluster and the registries.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    IMAGE_MISSING Error "image-missing" "the registry does not have the image"
        why "The registry answered that it has no such name or tag. Nodes that do not have the image already cannot pull it and reject its tasks."
        do "Correct the name, or push the image; `--resolve-image never` deploys without asking."
        from "the registry";
    IMAGE_DENIED Error "image-denied" "the registry refuses the credentials"
        why "With --with-registry-auth, nodes pull with your credentials instead of those that the service had, but the registry refuses them."
        do "Log in with `docker login`, or omit --with-registry-auth; `--resolve-image never` deploys without asking."
        from "the registry";
    IMAGE_PRIVATE Warning "image-private" "the registry requires credentials"
        why "No credentials were sent, so the image is not pinned to a digest. Nodes can still run it if the service has credentials from an earlier deployment, or if they have the image already."
        do "Log in with `docker login` and deploy with --with-registry-auth. Registries give the same answer for images that do not exist: check the name."
        from "the registry";
    IMAGE_UNPINNED Warning "image-unpinned" "the registry gave no digest"
        why "As docker does, skep then deploys the tag: nodes may run different versions, and a service that was pinned to a digest until now restarts its tasks. Nodes that have the image already need no registry."
        do "Make sure that the manager reaches the registry; `--resolve-image changed` keeps the digest of images that the file did not change."
        from "docker/cli#787";
    PLATFORM_NOWHERE Error "platform-nowhere" "no node has the platform of the image"
        why "The image is built for other processors or operating systems than the nodes have; its tasks stay pending forever."
        do "Build the image for the platforms of the nodes."
        from "the registry and the cluster";
    PLATFORM_ELSEWHERE Warning "platform-elsewhere" "the nodes with the platform of the image take no tasks now"
        why "Nodes with this platform are down, drained or excluded by constraints; tasks stay pending until one of them takes tasks."
        do "Bring such a node back, or change the constraints."
        from "the registry and the cluster";
    NO_ROOM Warning "no-room" "more is reserved than the nodes have"
        why "A task runs only on a node that has everything it reserves. The nodes that the service may use are too small for all of its tasks, even if nothing else ran there."
        do "Reserve less, lower the replicas, or add a node."
        from "the cluster";
    CLUSTER_FULL Warning "cluster-full" "more is reserved than the cluster has"
        why "With this deployment, all services together reserve more than the active nodes have: some task will stay pending."
        do "Reserve less, or add a node."
        from "the cluster";
    ENGINE_OLD Warning "engine-old" "the engine is too old for a key of the file"
        why "An engine silently drops what its API does not know, or refuses it in the middle of a deployment."
        do "Update the engine, or remove the key."
        from "moby's API history";
}
