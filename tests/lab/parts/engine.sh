# One engine: how it boots, what it sees of the machine, how it dies.

client() {
  DOCKER_CONFIG=$folder/client DOCKER_HOST="unix://$(socket "$1")" docker "${@:2}"
}

boot() {
  local home=$folder/$1
  plug_in "$1"
  # What lies in /run is gone after a power cut; a stale pid file would be believed.
  rm -rf "$home"/{exec,tmp,pid,docker.sock}
  mkdir -p "$home"/{data,exec,tmp}
  (
    trap - HUP INT PIPE
    enter_cgroup "$1/engine"
    exec setsid nsenter --net="/run/netns/$(netns "$1")" unshare --uts --mount \
      "$here/lab" inside "$id" "$1" </dev/null >>"$home/log" 2>&1
  ) &
  wait_for 120 "$1 to answer" answers "$1" || {
    tail -n 5 "$home/log" >&2
    return 1
  }
}

# In the namespaces of a node: makes the machine look its own, becomes dockerd.
inside() {
  use_lab "$1"
  local home=$folder/$2 root
  root=$(cat "$home/root" 2>/dev/null) || root=
  mount --make-rprivate /
  echo "$2" >/proc/sys/kernel/hostname
  mount -t tmpfs tmpfs /run
  if [[ -n $root ]]; then enter_root "$root"; else hide_machine; fi
  unset {HTTP,HTTPS,NO,ALL}_PROXY {http,https,no,all}_proxy
  export TMPDIR=$home/tmp
  exec dockerd --config-file "$folder/engine.json" --host "unix://$(socket "$2")" --group root \
    --data-root "$home/data" --exec-root "$home/exec" --pidfile "$home/pid" \
    --cgroup-parent "/$group/$2/containers" --exec-opt native.cgroupdriver=cgroupfs \
    --insecure-registry "$subnet.0/24"
}

# The machine's own engine: it writes to /etc and /opt too, which shall not be the machine's.
hide_machine() {
  local tree
  mkdir -p /run/lock /run/etc /run/opt /run/work/{etc,opt}
  no_name_server /run/etc
  for tree in etc opt; do
    mount -t overlay -o "lowerdir=/$tree,upperdir=/run/$tree,workdir=/run/work/$tree" overlay "/$tree"
  done
}

# The engine of another Debian: its files, with all that is written to them in memory.
# What runc makes a root of must be a mount; the overlay is one. A chroot is not
# enough: what enters a container later (exec, a health check) begins at the root of
# the namespace, and would find itself on the machine.
enter_root() {
  local tree
  mkdir -p /run/{root,upper,work}
  no_name_server /run/upper/etc
  mount -t overlay -o "lowerdir=$1,upperdir=/run/upper,workdir=/run/work" overlay /run/root
  for tree in proc sys dev; do mount --rbind "/$tree" "/run/root/$tree"; done
  mount -t tmpfs tmpfs /run/root/run
  mkdir -p "/run/root$folder" /run/root/run/lock
  mount --bind "$folder" "/run/root$folder"
  mkdir /run/root/run/old
  cd /run/root
  pivot_root . run/old
  cd /
  umount --lazy /run/old
}

# No name server at all: a pull fails at once. An unreachable one would keep every
# task in Preparing for half a minute.
no_name_server() {
  mkdir -p "$1"
  : >"$1/resolv.conf"
}

halt() {
  kill_group "$group/$1"
  unplug "$1"
}

is_up() { [[ -n $(members "$group/$1/engine") ]]; }
answers() { client "$1" version >/dev/null 2>&1; }

signal_engine() {
  local pid
  pid=$(cat "$folder/$1/pid" 2>/dev/null) || fail "$1 is not up"
  members "$group/$1/engine" | grep -qx "$pid" || fail "$1 is not up"
  kill "-$2" "$pid"
  # Busy threads go on for a moment.
  [[ $2 != STOP ]] || wait_for 10 "$1 to stop" has_stopped "$pid"
}

has_stopped() { ! grep -h '^State:' "/proc/$1"/task/*/status | grep -qv stopped; }

# ---- swarm -----------------------------------------------------------------

# Node loss is noticed after three heartbeats: 6 s instead of 15 s.
form_swarm() {
  local managers=$1 node
  client node1 swarm init --advertise-addr "$(address node1)" --dispatcher-heartbeat 2s >/dev/null
  for node in $(nodes | head -n "$managers" | tail -n +2); do join manager "$node"; done
  worker_token=$(client node1 swarm join-token --quiet worker)
  # shellcheck disable=SC2046
  in_parallel join_worker $(nodes | tail -n "+$((managers + 1))")
  wait_for 120 'every node to be ready' all_ready
}

join() {
  local token=${worker_token:-}
  [[ $1 == worker ]] || token=$(client node1 swarm join-token --quiet "$1")
  # On a busy machine the client gives up before the engine does.
  client "$2" swarm join --advertise-addr "$(address "$2")" --token "$token" "$(address node1):2377" >/dev/null ||
    wait_for 60 "$2 to join" has_joined "$2"
}

has_joined() { [[ $(client "$1" info --format '{{.Swarm.LocalNodeState}}') == active ]]; }

join_worker() { join worker "$1"; }

all_ready() {
  [[ $(client node1 node ls --format '{{.Status}}' 2>/dev/null | grep -c '^Ready$') -eq $(<"$folder/nodes") ]]
}

# A stack whose tasks stay pending for ever. On the host's network, because a
# network of its own would run out of addresses.
fill_stack() {
  local service
  echo 'version: "3.8"'
  echo 'networks: {default: {name: host, external: true}}'
  echo 'services:'
  for service in $(seq -f '%04g' "$1"); do
    echo "  s$service: {image: 'skep-workload:1', deploy: {replicas: $2, placement: {constraints: ['node.labels.nowhere == true']}}}"
  done
}
