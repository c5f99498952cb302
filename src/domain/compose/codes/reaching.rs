//! Codes of how services are reached: ports, networks, names, labels.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    HOST_IP Warning "host-ip" "the address of a port is ignored"
        why "Swarm publishes ports on all addresses of a node: what was meant for 127.0.0.1 is open to everybody."
        do "Leave the port out, or close it with a firewall; services of one network need no ports to reach each other."
        from "moby/moby#33277";
    PORT_CLASH Error "port-clash" "a port is published twice"
        why "A published port belongs to one service of the whole cluster; the engine refuses the second, when the first is deployed already."
        do "Publish another port."
        from "swarmkit";
    PORT_HELD Error "port-held" "another stack holds the port"
        why "A published port belongs to one service of the whole cluster."
        do "Publish another port, or remove the other service."
        from "a look at the cluster";
    PORT_WORD Warning "port-word" "a word about a port that nobody knows"
        why "An unknown protocol is taken for tcp, and an unknown mode for ingress, without a word."
        do "Protocols are tcp, udp and sctp; modes are ingress and host.";
    PORT_TOO_HIGH Error "port-too-high" "a published port that there is not"
        why "Ports go from 1 to 65535. Docker does not look at the long form, and tasks of the service stay in state new."
        do "Publish a port that there is."
        from "seen with engine 20.10";
    HOST_PORT_LOST Warning "host-port-lost" "a port of the node that is not bound"
        why "The engine binds one port of the node for a port of the container; where several are asked for, the last counts, and nobody listens at the others."
        do "Publish one, or let the program listen at two ports."
        from "docker/cli#5020, seen with engine 20.10";
    HOST_NETWORK Error "host-network" "what the network of the host cannot have"
        why "In the network of the host a container has no network of its own: no port to publish, no other network beside it, no sysctls of networks. Nodes reject the tasks."
        do "Take it out, or use an overlay network."
        from "seen with engine 20.10: cannot be disconnected from host network";
    HOST_NETWORK_IDLE Warning "host-network-idle" "without effect in the network of the host"
        why "In the network of the host, programs listen on the node by themselves, and nobody gives names to them."
        do "Remove it."
        from "seen with engine 20.10";
    PORT_NUMBER Warning "port-number" "there is no such port"
        why "Ports go from 1 to 65535. The long form is not checked by docker; tasks of the service never start, or listen nowhere."
        do "Write a port that there is.";
    DNSRR_PORT Error "dnsrr-port" "dnsrr with a port in the ingress network"
        why "The ingress network needs the virtual address that dnsrr does without; the engine refuses it."
        do "Publish the port in mode `host`, or use `endpoint_mode: vip`."
        from "swarmkit";
    NETWORK_DRIVER Error "network-driver" "a network that services cannot use"
        why "Docker makes the network on this node only, and then the service is refused: only networks scoped to the swarm can be used."
        do "Use `driver: overlay`. For the network of the host, declare an external network with the name `host`.";
    NETWORK_OPTION Error "network-option" "an option of a network that nodes refuse"
        why "The size of packets is a number; nodes reject tasks in the network otherwise."
        do "Write the number of bytes, as 1450."
        from "seen with engine 20.10: strconv.Atoi";
    NETWORK_PLUGIN Error "network-plugin" "a network driver that no node has"
        why "A manager makes the network and needs its driver; it refuses it: plugin not found."
        do "Use `overlay`, or install the plugin on the nodes."
        from "a look at the cluster; seen with engine 20.10";
    SECRET_DRIVER Warning "secret-driver" "a driver of secrets that no manager has"
        why "A manager makes the secret and asks its driver for it; where there is none, it refuses it: plugin not found. A plugin that `docker plugin ls` does not list does not show here either."
        do "Correct the name, or install the plugin on the managers."
        from "a look at the cluster; seen with engine 20.10";
    DRIVER_MISSING Warning "driver-missing" "a driver that no node has"
        why "The scheduler places a task only on a node with the drivers of its logs and volumes; the task stays pending until one has them."
        do "Correct the name, or install the plugin on the nodes."
        from "a look at the cluster; swarmkit";
    GENERIC_MISSING Warning "generic-missing" "a resource that no node offers"
        why "Nodes say in their engine's configuration what they offer beside cpus and memory, as GPUs; where none has enough, the task stays pending."
        do "Offer it in the engine's `node-generic-resources`, or reserve less."
        from "a look at the cluster; swarmkit";
    NETWORK_RESERVED Error "network-reserved" "a network of the engine's own"
        why "`ingress` carries published ports and `none` leads nowhere; the engine refuses services that ask for them."
        do "Use an overlay network; for no network beyond the stack's default, name none."
        from "swarmkit";
    NETWORK_DIFFERS Warning "network-differs" "a network that is there, but otherwise"
        why "A network that exists is never changed; docker does not even look."
        do "Remove the stack and its network first, or give it a new name."
        from "moby/moby#37523, moby/moby#37901";
    SUBNET Error "subnet" "no subnet"
        why "A subnet is an address and the length of its prefix; the engine refuses anything else."
        do "Write it as 10.10.0.0/24.";
    SUBNET_OVERLAP Error "subnet-overlap" "subnets that share addresses"
        why "An address belongs to one network. The swarm makes both networks and gives the second no addresses: tasks stay in state new, and no message says why."
        do "Choose subnets that are apart."
        from "seen with engine 20.10";
    SUBNET_TAKEN Error "subnet-taken" "a subnet that another network has"
        why "An address belongs to one network of the swarm. The swarm makes the network and gives it no addresses: tasks stay in state new, and no message says why."
        do "Choose another subnet, or leave it out: the swarm chooses one."
        from "a look at the cluster; seen with engine 20.10";
    SUBNET_OF_NODE Warning "subnet-of-node" "a subnet that a node uses itself"
        why "Nodes have networks of their own, as docker_gwbridge; where the subnet is one of those, the node rejects tasks: Pool overlaps with other one on this address space. Other nodes may use others."
        do "Choose another subnet."
        from "a look at the node that answers; seen with engine 20.10";
    SUBNET_FAMILY Warning "subnet-family" "a network without addresses of IPv4"
        why "Tasks get an address of the first subnet, and docker has no key to ask for IPv6 in a swarm: where that is of IPv6, they are rejected: Invalid address."
        do "Give the network a subnet of IPv4 in front of it."
        from "seen with engine 20.10";
    SUBNET_SMALL Error "subnet-small" "a subnet without room for one task"
        why "The network itself, its gateway and its last address are taken; a service takes one, each node one and each task one. Where not one task finds an address, all stay in state new."
        do "Choose a larger subnet, as 10.10.0.0/24."
        from "seen with engine 20.10";
    SUBNET_FULL Warning "subnet-full" "more tasks than addresses"
        why "Every task, every service and every node takes an address of a network. When they are used up, tasks stay in state new and no message says why. A network has 256 addresses where nothing is said."
        do "Give the network a larger subnet: `ipam: { config: [{ subnet: 10.10.0.0/20 }] }`."
        from "moby/moby#35849, moby/moby#37338";
    EXTERNAL_MISSING Error "external-missing" "something external is not there"
        why "What is external must exist before the stack is deployed, under exactly this name; networks must be of the swarm's scope."
        do "Create it, or correct the name."
        from "a look at the cluster";
    ENGINE_NAME Error "engine-name" "a name that the engine refuses"
        why "Services and networks have names of at most 63 letters, digits, `-` and `_`; secrets and configs of at most 64, with `.` too. The name of the stack stands in front of the key. Docker does not look, and the engine refuses in the middle of a deployment."
        do "Choose a shorter or simpler key, or give it a `name`."
        from "swarmkit";
    PROXY_LABELS Warning "proxy-labels" "labels where the proxy does not look"
        why "On Swarm, proxies and the like read the labels of services. `labels` are those of the containers; the service's stand under `deploy`."
        do "Move them to `deploy: { labels: … }`."
        from "traefik#994, traefik#1169";
    PROXY_PORT Warning "proxy-port" "the proxy does not know the port"
        why "On Swarm, Traefik cannot see which port a service listens at, and drops a router whose service names none."
        do "Add `traefik.http.services.NAME.loadbalancer.server.port`."
        from "traefik#2582, traefik#5620";
    RESERVED_LABEL Warning "reserved-label" "a label that docker overwrites"
        why "The labels com.docker.stack.namespace and com.docker.stack.image are written by every deployment."
        do "Remove it.";
    EXTRA_HOST Warning "extra-host" "a host that comes out wrong"
        why "Docker drops an item without `:` or `=`, prints a number that is not in quotes as `%!s(float64=1.1)`, and hands `host-gateway` on as it stands, which Swarm does not replace."
        do "Write `\"name:10.0.0.1\"`, in quotes.";
}
