# What a lab stands on: its names, its folder, its control groups, its network.
#
# Nothing of a lab lives in the namespaces of the host: every engine has a
# network, mount and host name namespace of its own, and the switch between
# them has one too. That is why labs need no addresses of their own, no other
# engine's packet filter can cut them, and killing all processes of a lab frees
# all it had mounted.
#
# Every process of a lab is in the control group `skep-lab-ID` or below: that
# is the proof by which they are found and killed, and nobody else is.

# One link per lab, to its folder; gone after a reboot, as the labs are. Itself it
# is the lock under which labs are founded and judged dead.
registry=/run/skep-lab
# Reserved for documentation: no engine's address pools use it.
subnet=192.0.2

fail() {
  echo "lab: $*" >&2
  exit 1
}

# Runs a function once for each further argument, all at once; fails if one does.
# What runs belongs to the lab: it ends when the lab does.
in_parallel() {
  local function=$1 argument pid pids=() failed=0
  shift
  for argument; do
    (
      enter_cgroup build
      "$function" "$argument"
    ) &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  return "$failed"
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local limit=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if ((SECONDS >= limit)); then
      echo "lab: gave up waiting: $what" >&2
      return 1
    fi
    sleep 0.05
  done
}

# ---- names -----------------------------------------------------------------

use_lab() {
  [[ $1 =~ ^[0-9a-f]{8}$ ]] || fail "\`$1\` is not the id of a lab"
  id=$1
  group=skep-lab-$id
  lan=$group-lan
  folder=$(readlink "$registry/$id") || folder=$(default_parent)/$group
}

default_parent() { echo "${TMPDIR:-/tmp}"; }
only_lab() {
  local labs
  mapfile -t labs < <(ls "$registry" 2>/dev/null)
  [[ ${#labs[@]} -eq 1 ]] || fail "there are ${#labs[@]} labs: name one with --lab ID"
  echo "${labs[0]}"
}

nodes() { seq -f 'node%g' "$(<"$folder/nodes")"; }
node() { [[ " $(nodes | tr '\n' ' ') " == *" $1 "* ]] || fail "lab $id has no node \`$1\`"; }
netns() { echo "$group-$1"; }
address() { echo "$subnet.${1#node}"; }
socket() { echo "$folder/$1/docker.sock"; }

# ---- processes -------------------------------------------------------------

# The one hierarchy in which the processes of labs are found again.
cgroups() {
  local all=/sys/fs/cgroup
  if [[ -e $all/cgroup.controllers ]]; then echo "$all"; else echo "$all/freezer"; fi
}

# Moves this process, and with it all that it starts, into a group of the lab.
enter_cgroup() {
  local path
  path=$(cgroups)/$group/$1
  mkdir -p "$path"
  echo "$BASHPID" >"$path/cgroup.procs"
}

# Process ids in a group of the lab and below.
members() { find "$(cgroups)/$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true; }
# Kills all of a group, also what is born meanwhile.
kill_group() {
  [[ -d $(cgroups)/$1 ]] || return 0
  wait_for 30 "the processes of $1 to die" strike "$1"
}

# True once there is nobody to kill.
strike() {
  local pids state
  mapfile -t pids < <(members "$1")
  [[ ${#pids[@]} -gt 0 ]] || return 0
  kill -KILL "${pids[@]}" 2>/dev/null || true
  # A paused container dies only when it may go on.
  while read -r state; do
    echo THAWED >"$state"
  done < <(grep -rls FR --include freezer.state "$(cgroups)/$1") 2>/dev/null
  return 1
}

# Control groups are in every hierarchy: containers join them all.
remove_cgroups() {
  local path
  for path in /sys/fs/cgroup/"$1" /sys/fs/cgroup/*/"$1"; do
    [[ ! -d $path ]] || find "$path" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
  done
}

# ---- network ---------------------------------------------------------------

build_switch() {
  ip netns add "$lan"
  ip -n "$lan" link add switch type bridge
  ip -n "$lan" link set switch up
}

# A network for a node, as it is after power on.
plug_in() {
  local ns
  ns=$(netns "$1")
  unplug "$1"
  ip netns add "$ns"
  ip -n "$lan" link add "$1" type veth peer name eth0 netns "$ns"
  ip -n "$lan" link set "$1" master switch up
  ip -n "$ns" link set lo up
  ip -n "$ns" address add "$(address "$1")/24" dev eth0
  ip -n "$ns" link set eth0 up
  wait_for 10 "the switch to forward to $1" link_says "$1" 'state forwarding'
}

unplug() {
  undelay "$1"
  drop_netns "$(netns "$1")"
  # The other end dies with the namespace, but a moment later.
  ip -n "$lan" link delete "$1" 2>/dev/null || true
}

drop_netns() { [[ ! -e /run/netns/$1 ]] || ip netns delete "$1"; }

# Puts a process between cable and switch which holds back every frame. (The
# kernel's own delay, netem, is missing in small kernels.)
delay() {
  local end
  compile delay
  ip -n "$lan" link set "$1" nomaster
  ip -n "$lan" link add "$1-in" type veth peer name "$1-out"
  ip -n "$lan" link set "$1-in" master switch up
  ip -n "$lan" link set "$1-out" up
  for end in "$1" "$1-out"; do
    ip -n "$lan" link add link "$end" name "$end-tap" type macvtap mode passthru
    ip -n "$lan" link set "$end-tap" up
    wait_for 10 "$end-tap to be up" link_says "$end-tap" 'state UP'
  done
  (
    enter_cgroup "$1/delay"
    exec setsid ip netns exec "$lan" "$here/lab" hold "$id" "$1" "$2" "$compiled" </dev/null >"$folder/$1/delay.log" 2>&1
  ) &
  wait_for 10 "the delay of $1" grep -qs holding "$folder/$1/delay.log"
  wait_for 10 "the switch to forward to $1" link_says "$1-in" 'state forwarding'
}

# A link that has just come up carries nothing until the kernel has noticed.
link_says() { ip -n "$lan" -details link show "$1" | grep -q "$2"; }

# In the network of the switch: opens both ends as devices, becomes the delay.
hold() {
  local end numbers
  use_lab "$1"
  # A mount of its own, because devices may be forbidden where the folder is.
  mount -t tmpfs tmpfs "$folder/$2/tmp"
  cd "$folder/$2/tmp"
  for end in "$2" "$2-out"; do
    numbers=$(cat /sys/class/net/"$end"-tap/macvtap/*/dev)
    mknod "$end" c "${numbers%:*}" "${numbers#*:}"
  done
  exec "$4" "$3" "$2" "$2-out"
}

undelay() {
  kill_group "$group/$1/delay"
  rm -f "$folder/$1/delay.log"
  ip -n "$lan" link delete "$1-in" 2>/dev/null || return 0
  ip -n "$lan" link delete "$1-tap" 2>/dev/null || true
  ip -n "$lan" link set "$1" master switch 2>/dev/null || true
}

# Where a node's cable is in the switch.
port() {
  if ip -n "$lan" link show "$1-in" >/dev/null 2>&1; then echo "$1-in"; else echo "$1"; fi
}
