# The life of a lab: what it needs, how it is built, who keeps it, how it ends.

packages='docker.io iptables iproute2 busybox-static'

# Prints the first thing that is missing.
check() {
  local tool install="apt-get install $packages"
  [[ $EUID -eq 0 ]] || fail "a lab needs root ($install)"
  for tool in dockerd docker containerd runc iptables ip busybox; do
    command -v "$tool" >/dev/null || fail "\`$tool\` is missing: $install"
  done
  for tool in nsenter unshare setsid flock; do
    command -v "$tool" >/dev/null || fail "\`$tool\` is missing: apt-get install util-linux"
  done
  command -v "${RUSTC:-rustc}" >/dev/null || fail "\`${RUSTC:-rustc}\` is missing: it compiles the workload"
  ! ldd "$(command -v busybox)" >/dev/null 2>&1 || fail "busybox is not static: $install"
  [[ -w $(cgroups)/cgroup.procs ]] || fail "control groups are not mounted at $(cgroups): apt-get install cgroupfs-mount"
}

require() { (check) || exit 3; }

# Sets id, folder and so on; prints the lab; on failure nothing is left.
up() {
  local nodes=3 managers=1 parent owner=nobody engines=${SKEP_ENGINE:-} started=$EPOCHREALTIME
  parent=$(default_parent)
  while [[ $# -gt 0 ]]; do
    case $1 in
      --nodes) nodes=$2 ;;
      --managers) managers=$2 ;;
      --dir) parent=$2 ;;
      --owner) owner=$2 ;;
      --engine) engines=$2 ;;
      *) fail "unknown option \`$1\`" ;;
    esac
    shift 2
  done
  [[ $parent != /run* && $parent != /etc* && $parent != /opt* ]] || fail "$parent: every node has its own /run, /etc and /opt"
  ((nodes >= 1 && nodes <= 250 && managers >= 1 && managers <= nodes)) || fail "$nodes nodes with $managers managers make no swarm"
  (sweep) >&2
  # Before there is anything to take down: it may take minutes.
  make_roots "$engines"
  trap raze EXIT
  found "$parent" "$owner"
  echo "$nodes" >"$folder/nodes"
  echo "$managers" >"$folder/managers"
  echo '{}' >"$folder/engine.json"
  echo "lab $id $folder"
  choose_roots "$engines"
  build_images
  build_switch
  # shellcheck disable=SC2046
  in_parallel equip $(nodes)
  form_swarm "$managers"
  [[ $owner != nobody ]] || echo nobody >"$folder/owner"
  on_nodes
  echo "ready after $(milliseconds_since "$started") ms"
  trap - EXIT
}

equip() {
  boot "$1"
  load_images "$1"
}

# Lives as long as its standard input, which the owner holds: when the owner
# dies, of whatever, the kernel closes it.
keep() {
  exec 2>&1
  # It must not die with the terminal of its owner, nor of telling him so.
  trap '' HUP INT PIPE
  up "$@"
  trap raze EXIT
  cat >/dev/null
}

milliseconds_since() { echo $(((${EPOCHREALTIME/./} - ${1/./}) / 1000)); }

# ---- owners ----------------------------------------------------------------

# Founds the folder of a new lab. While it is being built, whoever builds it is
# its owner.
found() {
  local new
  new=$(cut -c1-8 /proc/sys/kernel/random/uuid)
  mkdir -p "$registry"
  (
    flock 9
    mkdir "$1/skep-lab-$new"
    ln -s "$(cd "$1" && pwd)/skep-lab-$new" "$registry/$new"
    if [[ $2 == nobody ]]; then identity $$; else identity "$2"; fi >"$1/skep-lab-$new/owner"
  ) 9<"$registry"
  use_lab "$new"
}

# A process in a way that no later one shares: id, start, boot.
identity() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # The second field, the name, may hold anything, blanks and brackets too.
  read -ra fields <<<"${stat##*) }"
  echo "$1 ${fields[19]} $(</proc/sys/kernel/random/boot_id)"
}

# A lab without an owner lives as long as one of its processes. So does one whose
# folder is not here: it may be that of somebody who sees another /tmp.
is_alive() {
  local owner
  owner=$(cat "$folder/owner" 2>/dev/null) || owner=nobody
  if [[ $owner == nobody ]]; then
    [[ -n $(members "$group") ]]
  else
    [[ -n $owner && $owner == "$(identity "${owner%% *}")" ]]
  fi
}

# Ids of all labs of which anything is left anywhere.
all_labs() {
  {
    ls "$registry" /run/netns "$(cgroups)" "$(default_parent)"
  } 2>/dev/null | sed -nE 's/^(skep-lab-)?([0-9a-f]{8})(-lan|-node[0-9]+)?$/\2/p' | sort -u
}

list() {
  local lab state
  for lab in $(all_labs); do
    use_lab "$lab"
    state=dead
    ! is_alive || state=alive
    echo "$id $state $folder"
  done
}

sweep() {
  local lab
  mkdir -p "$registry"
  for lab in $( (
    flock 9
    list
  ) 9<"$registry" | sed -n 's/ dead .*//p'); do
    use_lab "$lab"
    echo "sweeping what is left of lab $lab"
    raze
  done
}

# ---- the end ---------------------------------------------------------------

# Takes down all of the lab, in whatever state it is, also if somebody else is
# just doing the same.
raze() {
  [[ -n ${id:-} ]] || return 0
  set +e
  mkdir -p "$registry"
  local lock=$folder ns
  [[ -d $lock ]] || lock=$registry
  (
    flock 9
    kill_group "$group"
    for ns in /run/netns/"$group"-*; do drop_netns "${ns##*/}"; done
    wait_for 10 "the control groups of lab $id to go" remove_cgroups "$group"
    rm -rf --one-file-system "$folder"
    rm -f "$registry/$id"
  ) 9<"$lock"
  set -e
}
