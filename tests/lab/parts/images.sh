# The images every engine has: made from busybox and workload.rs, no registry.

# Where compiled programs and images stay between runs, by the hash of what they
# are made from.
cache() { echo "${SKEP_LAB_CACHE:-${CARGO_TARGET_DIR:-$here/../../target}/tmp/lab}"; }

hash_of() { sha256sum "$@" | sha256sum | cut -c1-16; }

# compile NAME: tests/lab/NAME.rs as a static program; its path is in $compiled.
compile() {
  local rustc=${RUSTC:-rustc} host
  host=$("$rustc" -vV | sed -n 's/^host: //p')
  compiled=$(cache)/$1-$({ "$rustc" -vV; cat "$here/$1.rs"; } | hash_of -)
  [[ ! -x $compiled ]] || return 0
  mkdir -p "$(cache)"
  # Another lab may be compiling the same: only a finished file gets the name.
  "$rustc" --edition 2024 -O -C target-feature=+crt-static --target "$host" \
    -o "$compiled.$BASHPID" "$here/$1.rs"
  mv "$compiled.$BASHPID" "$compiled"
}

# An archive of all images as `docker load` reads it; its path is in $archive.
# Made by hand, so that every engine of every lab has the same image ids.
build_images() {
  local work
  compile workload
  archive=$(cache)/images-$(hash_of "$compiled" "$(command -v busybox)" "$here/parts/images.sh").tar
  [[ ! -e $archive ]] || return 0
  work=$folder/images
  mkdir "$work"
  busybox_layer "$work/busybox"
  mkdir "$work/workload"
  cp "$compiled" "$work/workload/workload"
  pack "$work/busybox" "$work/busybox.tar"
  pack "$work/workload" "$work/workload.tar"
  (
    cd "$work"
    {
      image busybox:latest '"Cmd":["sh"]' busybox.tar
      image skep-workload:1 '"Entrypoint":["/workload"],"Env":["VERSION=1"]' busybox.tar workload.tar
      image skep-workload:2 '"Entrypoint":["/workload"],"Env":["VERSION=2"]' busybox.tar workload.tar
      image skep-workload:bad \
        '"Entrypoint":["/workload","--exit-after","0","--code","1"],"Env":["VERSION=bad"]' busybox.tar workload.tar
    } | paste -sd, | sed 's/.*/[&]/' >manifest.json
    tar -cf "$archive.$BASHPID" ./*.json ./*.tar
    mv "$archive.$BASHPID" "$archive"
  )
  rm -rf "$work"
}

load_images() { client "$1" load --quiet --input "$archive" >/dev/null; }

busybox_layer() {
  local applet
  mkdir -p "$1"/{bin,tmp,etc}
  chmod 1777 "$1/tmp"
  cp "$(command -v busybox)" "$1/bin/busybox"
  for applet in $(busybox --list); do
    [[ $applet == busybox ]] || ln -s busybox "$1/bin/$applet"
  done
  echo 'root:x:0:0:root:/:/bin/sh' >"$1/etc/passwd"
}

# The same bytes for the same content.
pack() { tar -C "$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$2" .; }

# image TAG CONFIG LAYER...: writes its configuration, prints its manifest entry.
image() {
  local tag=$1 config=$2 layer diffs=() name
  shift 2
  for layer; do diffs+=("\"sha256:$(sha256sum <"$layer" | cut -d' ' -f1)\""); done
  printf '{"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z","config":{%s},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$(architecture)" "\"WorkingDir\":\"/\",\"ExposedPorts\":{},$config" "$(commas "${diffs[@]}")" >config
  name=$(sha256sum <config | cut -d' ' -f1).json
  mv config "$name"
  printf '{"Config":"%s","RepoTags":["%s"],"Layers":[%s]}\n' "$name" "$tag" "$(commas "${@/#/\"}" | sed 's/\.tar/&"/g')"
}

commas() { local IFS=,; echo "$*"; }

architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}
