//! Finding codes: ports, networks, names, labels.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    HOST_IP Warning "host-ip" "the IP address of a published port is ignored"
        why "Swarm publishes ports on all addresses of a node: what was meant for 127.0.0.1 is open to everybody."
        do "Remove the port, or close it with a firewall; services on one network reach each other without published ports."
        from "moby/moby#33277";
    PORT_CLASH Error "port-clash" "a port is published twice"
        why "In the whole cluster, a port can be published by one service only. The engine refuses the second service after the first is deployed."
        do "Publish another port."
        from "swarmkit";
    PORT_HELD Error "port-held" "another stack holds the port"
        why "In the whole cluster, a port can be published by one service only."
        do "Publish another port, or remove the other service."
        from "the cluster";
    PORT_WORD Warning "port-word" "an unknown protocol or mode of a port"
        why "Docker silently uses tcp for an unknown protocol, and ingress for an unknown mode."
        do "Protocols are tcp, udp and sctp; modes are ingress and host.";
    PORT_TOO_HIGH Error "port-too-high" "a published port above 65535"
        why "Ports go from 1 to 65535. Docker does not check the long form, and tasks of the service stay in state new."
        do "Publish a port from 1 to 65535."
        from "seen with engine 20.10";
    HOST_PORT_LOST Warning "host-port-lost" "a port of the node that is not bound"
        why "The engine binds only one port of the node to a port of the container. If several are given, the last one counts, and nothing listens on the others."
        do "Publish only one, or let the program listen on two ports."
        from "docker/cli#5020, seen with engine 20.10";
    HOST_NETWORK Error "host-network" "not possible on the host network"
        why "On the host network a container has no network of its own: it cannot publish ports, join other networks or set network sysctls. Nodes reject the tasks."
        do "Take it out, or use an overlay network."
        from "seen with engine 20.10: cannot be disconnected from host network";
    HOST_NETWORK_IDLE Warning "host-network-idle" "no effect on the host network"
        why "On the host network, programs listen on the node directly, and have no names in DNS."
        do "Remove it."
        from "seen with engine 20.10";
    PORT_NUMBER Warning "port-number" "a port that is not from 1 to 65535"
        why "Ports go from 1 to 65535. Docker does not check the long form; tasks of the service never start, or listen nowhere."
        do "Write a port from 1 to 65535.";
    DNSRR_PORT Error "dnsrr-port" "dnsrr with a port in the ingress network"
        why "The ingress network needs a virtual IP address, which dnsrr does not have; the engine refuses the service."
        do "Publish the port in mode `host`, or use `endpoint_mode: vip`."
        from "swarmkit";
    NETWORK_DRIVER Error "network-driver" "a network that services cannot use"
        why "Docker creates the network on this node only, and then the engine refuses the service: it can use only networks with the scope swarm."
        do "Use `driver: overlay`. For the host network, declare an external network with the name `host`.";
    NETWORK_OPTION Error "network-option" "an option of a network that nodes refuse"
        why "The MTU must be a number; otherwise nodes reject tasks on the network."
        do "Write the number of bytes, for example 1450."
        from "seen with engine 20.10: strconv.Atoi";
    NETWORK_PLUGIN Error "network-plugin" "a network driver that no node has"
        why "A manager needs the driver to create the network; without it, it refuses: plugin not found."
        do "Use `overlay`, or install the plugin on the nodes."
        from "the cluster; seen with engine 20.10";
    SECRET_DRIVER Warning "secret-driver" "a secret driver that no manager has"
        why "A manager asks the driver for the secret; without the driver, it refuses: plugin not found. Plugins that `docker plugin ls` does not list are not seen here."
        do "Correct the name, or install the plugin on the managers."
        from "the cluster; seen with engine 20.10";
    DRIVER_MISSING Warning "driver-missing" "a log or volume driver that no node has"
        why "The scheduler places a task only on a node that has its log and volume drivers; until then the task stays pending."
        do "Correct the name, or install the plugin on the nodes."
        from "the cluster; swarmkit";
    GENERIC_MISSING Warning "generic-missing" "a resource that no node offers"
        why "Engines offer generic resources, such as GPUs, by their configuration. If no node has enough of them, the task stays pending."
        do "Offer it in the engine's `node-generic-resources`, or reserve less."
        from "the cluster; swarmkit";
    NETWORK_RESERVED Error "network-reserved" "a built-in network of the engine"
        why "`ingress` carries published ports and `none` leads nowhere; the engine refuses services on them."
        do "Use an overlay network, or name no network to use the stack's default."
        from "swarmkit";
    NETWORK_DIFFERS Warning "network-differs" "a network that exists with other settings"
        why "An existing network is never changed; docker does not even compare it."
        do "Remove the stack and its network first, or give it a new name."
        from "moby/moby#37523, moby/moby#37901";
    SUBNET Error "subnet" "an invalid subnet"
        why "A subnet is an address and a prefix length; the engine refuses anything else."
        do "Write it like 10.10.0.0/24.";
    SUBNET_OVERLAP Error "subnet-overlap" "subnets that overlap"
        why "An address belongs to one network. The swarm creates both networks but gives the second one no addresses: its tasks stay in state new, and no message says why."
        do "Choose subnets that do not overlap."
        from "seen with engine 20.10";
    SUBNET_TAKEN Error "subnet-taken" "a subnet that another network has"
        why "An address belongs to one network of the swarm. The swarm creates the network but gives it no addresses: its tasks stay in state new, and no message says why."
        do "Choose another subnet, or remove it: then the swarm chooses one."
        from "the cluster; seen with engine 20.10";
    SUBNET_OF_NODE Warning "subnet-of-node" "a subnet that a node uses itself"
        why "Nodes have local networks, such as docker_gwbridge. If the subnet overlaps with one of them, the node rejects tasks: Pool overlaps with other one on this address space. The networks of other nodes may differ."
        do "Choose another subnet."
        from "the node that answers; seen with engine 20.10";
    SUBNET_FAMILY Warning "subnet-family" "a network without IPv4 addresses"
        why "Tasks get an address of the first subnet. A swarm cannot use IPv6 there: if the first subnet is IPv6, tasks are rejected: Invalid address."
        do "Give the network an IPv4 subnet before it."
        from "seen with engine 20.10";
    SUBNET_SMALL Error "subnet-small" "a subnet without room for one task"
        why "The network address, the gateway and the broadcast address are taken; each service, node and task needs one more. If there is no address left for a task, it stays in state new."
        do "Choose a larger subnet, for example 10.10.0.0/24."
        from "seen with engine 20.10";
    SUBNET_FULL Warning "subnet-full" "more tasks than addresses"
        why "Every task, service and node takes an address of a network. When none are left, tasks stay in state new, and no message says why. By default a network has 256 addresses."
        do "Give the network a larger subnet: `ipam: { config: [{ subnet: 10.10.0.0/20 }] }`."
        from "moby/moby#35849, moby/moby#37338";
    EXTERNAL_MISSING Error "external-missing" "an external object does not exist"
        why "External objects must exist before the stack is deployed, under exactly this name; networks must have the scope swarm."
        do "Create it, or correct the name."
        from "the cluster";
    ENGINE_NAME Error "engine-name" "a name that the engine refuses"
        why "Names of services and networks have at most 63 letters, digits, `-` and `_`; those of secrets and configs at most 64, also with `.`. The full name is the name of the stack, `_` and the key. Docker does not check it, and the engine refuses it in the middle of a deployment."
        do "Choose another key. For networks, volumes, secrets and configs you can set `name` instead."
        from "swarmkit";
    PROXY_LABELS Warning "proxy-labels" "labels where a proxy does not read them"
        why "In a swarm, proxies such as Traefik read the labels of services, which are under `deploy`. `labels` sets those of containers."
        do "Move them to `deploy: { labels: … }`."
        from "traefik#994, traefik#1169";
    PROXY_PORT Warning "proxy-port" "the proxy does not know the port"
        why "In a swarm, Traefik cannot see on which port a service listens, and drops a router whose service names no port."
        do "Add `traefik.http.services.NAME.loadbalancer.server.port`."
        from "traefik#2582, traefik#5620";
    RESERVED_LABEL Warning "reserved-label" "a label that docker overwrites"
        why "Every deployment overwrites the labels com.docker.stack.namespace and com.docker.stack.image."
        do "Remove it.";
    EXTRA_HOST Warning "extra-host" "a host entry that docker changes"
        why "Docker drops an item without `:` or `=`, and turns an unquoted number into `%!s(float64=1.1)`. Swarm does not replace `host-gateway`."
        do "Write `\"name:10.0.0.1\"`, in quotes.";
}
