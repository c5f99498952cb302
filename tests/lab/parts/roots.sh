# Other engines than the one installed here: the roots of other Debian releases.

# What a root needs beside a minimal Debian. `docker-cli` is a package of its own since 13.
root_packages=docker.io,docker-cli,iptables,iproute2,ca-certificates

# Makes what `host,forky` names, where it is not there yet.
make_roots() {
  local engine engines
  IFS=, read -ra engines <<<"$1"
  for engine in "${engines[@]}"; do
    case $engine in
      host) ;;
      */*) [[ -x $engine/usr/sbin/dockerd || -x $engine/usr/bin/dockerd ]] || fail "$engine has no dockerd" ;;
      *[!a-z]* | '') fail "\`$engine\` is not an engine: host, a Debian release, or a folder with a root" ;;
      *) make_root "$engine" ;;
    esac
  done
}

# Writes down which root each node has; none means the engine of this machine.
choose_roots() {
  local engines engine node place=0
  IFS=, read -ra engines <<<"$1"
  [[ ${#engines[@]} -gt 0 ]] || return 0
  for node in $(nodes); do
    engine=${engines[place]}
    ((place + 1 >= ${#engines[@]})) || place=$((place + 1))
    mkdir -p "$folder/$node"
    case $engine in
      host) ;;
      */*) echo "$engine" >"$folder/$node/root" ;;
      *) root_of "$engine" >"$folder/$node/root" ;;
    esac
  done
}

# Roots are big and the same for all checkouts.
root_of() { echo "${SKEP_LAB_ROOTS:-/var/cache/skep-lab}/$1"; }

make_root() {
  local root script=/usr/share/debootstrap/scripts
  root=$(root_of "$1")
  mkdir -p "${root%/*}"
  (
    flock 9
    [[ ! -d $root ]] || exit 0
    command -v debootstrap >/dev/null || fail "\`debootstrap\` is missing: apt-get install debootstrap"
    # It knows the releases of its own time; all newer ones are made as sid is.
    [[ -e $script/$1 ]] || script=$script/sid
    [[ -d $script ]] && script=$script/$1
    echo "lab: fetching the engine of Debian $1 (once)" >&2
    rm -rf "$root.new"
    debootstrap --variant=minbase --include="$root_packages" "$1" "$root.new" http://deb.debian.org/debian "$script" \
      >"$root.log" 2>&1 || fail "no engine of Debian $1: $(tail -n 1 "$root.log") (all of it in $root.log)"
    rm -rf "$root.new/var/cache/apt/archives"/*.deb
    mv "$root.new" "$root"
  ) 9<"${root%/*}"
}
