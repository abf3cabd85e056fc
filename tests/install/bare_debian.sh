#!/usr/bin/env bash
# bare_debian.sh: does ./dev work where nothing is installed? Makes a bare Debian 12 (debootstrap, variant minbase, and
# git), clones what is committed into it, builds there, starts `./dev run`, posts a form and asks for the lead.
#
# Needs root, debootstrap, iproute2, curl and the machine's package sources, which the bare system gets to use as well.
# Takes some ten minutes on two cores, and 3 GB in TMPDIR. The bare system is kept as a tarball, leadhub-bare-debian-12.tar,
# and made only once. LEADHUB_BARE_STEP=build stops after the build; LEADHUB_BARE_TEST=1 runs ./dev test there as well.
#
# All mounts are made in a mount namespace of our own and end with it, so that removing the tree can never reach
# through a mount. What listens does so in a network namespace of its own: no port of the machine is taken.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
source_tree=$(cd -- "$here/../.." && pwd)
tarball=${TMPDIR:-/tmp}/leadhub-bare-debian-12.tar
form_address=http://127.0.0.1:8080
first_lead=ada.lovelace@example.com
npm_registry=$(npm config get registry 2>/dev/null || true)
npm_authorities=${NODE_EXTRA_CA_CERTS:-} # where the machine's way to the registry has certificates of its own

say() { printf '== %s\n' "$*"; }
die() {
  printf 'bare_debian.sh: %s\n' "$*" >&2
  exit 1
}

# The first mirror that the machine's own package sources name, in either of apt's formats.
mirror() {
  find /etc/apt/ -maxdepth 2 -type f \( -name '*.list' -o -name '*.sources' \) -print0 |
    xargs -0 -r sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]*)?([^[:space:]]+)[[:space:]].*/\2/p' |
    grep -v security | head -n 1
}

make_tarball() {
  local bare=$1 address
  address=$(mirror)
  [[ -n $address ]] || die "the machine's package sources name no mirror"
  say "making a bare Debian 12"
  debootstrap --variant=minbase --include=git bookworm "$bare" "$address" >"$bare.log" 2>&1 ||
    { tail -n 20 "$bare.log" >&2; die "debootstrap failed"; }
  tar -C "$bare" --one-file-system -cf "$tarball.new" .
  mv "$tarball.new" "$tarball"
}

# The machine's own sources and keys, so that packages come from where the machine takes them.
copy_package_sources() {
  local bare=$1
  rm -f "$bare/etc/apt/sources.list"
  cp -a /etc/apt/sources.list "$bare/etc/apt/" 2>/dev/null || true
  find /etc/apt/sources.list.d -type f \( -name '*.list' -o -name '*.sources' \) -exec cp {} "$bare/etc/apt/sources.list.d/" \;
  find /etc/apt/apt.conf.d -type f -exec grep -lZE '^[[:space:]]*Acquire::' {} + | xargs -0 -r cp -t "$bare/etc/apt/apt.conf.d/"
  cp -an /usr/share/keyrings/. "$bare/usr/share/keyrings/"
  cp -L /etc/resolv.conf /etc/hosts "$bare/etc/"
  [[ -z $npm_authorities ]] || cp -L "$npm_authorities" "$bare/etc/npm-authorities.pem"
}

# Runs in the bare system: bare FOLDER COMMAND [exec]; with exec it takes the place of the shell that calls it.
bare() {
  ${3:-} chroot "$1" /usr/bin/env -i HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    ${http_proxy:+http_proxy="$http_proxy"} ${npm_registry:+NPM_CONFIG_REGISTRY="$npm_registry"} \
    ${npm_authorities:+NODE_EXTRA_CA_CERTS=/etc/npm-authorities.pem} bash -c "cd /srv/leadhub && $2" </dev/null
}

inside() {
  local tree=$1
  mount -t proc proc "$tree/proc"
  mount --rbind /dev "$tree/dev"
  say "./dev build, with nothing installed"
  bare "$tree" './dev build'
  say "./dev build, with nothing left to do"
  local begin=$SECONDS
  bare "$tree" './dev build'
  ((SECONDS - begin <= 10)) || die "with nothing left to do, ./dev build took $((SECONDS - begin)) s"
  if [[ -n ${LEADHUB_BARE_TEST:-} ]]; then
    say "./dev test"
    bare "$tree" './dev test'
  fi
  [[ ${LEADHUB_BARE_STEP:-} != build ]] || return 0
  say "./dev run"
  unshare --net -- "$0" --serve "$tree"
}

post_form() {
  curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{http_code}' "$form_address/in/website" \
    --header 'Origin: http://localhost:8080' --data-urlencode "your-email=$first_lead" \
    --data-urlencode 'your-name=Ada Lovelace' --data-urlencode 'tel=020 7946 0958' --data accept=on
}

wait_until() { # wait_until SECONDS WHAT COMMAND...
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
  say "$what"
}

serve() {
  local tree=$1 log=$1/srv/run.log status
  ip link set lo up
  bare "$tree" 'exec ./dev run' exec >"$log" 2>&1 &
  local server=$!
  wait_until 60 "the form is served" curl --silent --fail --max-time 2 "$form_address/f/website" ||
    { cat "$log" >&2; die "the form is not served"; }
  say "what ./dev run printed"
  cat "$log"
  status=$(post_form)
  [[ $status == 303 ]] || { cat "$log" >&2; die "a posted form is answered with $status, not 303"; }
  wait_until 20 "the lead is there" bare "$tree" "build/release/bin/leadhub leads show -c examples/hub.yaml $first_lead --json" ||
    { cat "$log" >&2; die "the posted form did not become a lead"; }
  bare "$tree" "build/release/bin/leadhub leads show -c examples/hub.yaml $first_lead --json"
  kill -INT "$server"
  status=0
  wait "$server" || status=$?
  ((status == 0)) || { cat "$log" >&2; die "after Ctrl-C the program left with $status"; }
  say "stopped cleanly"
}

main() {
  ((EUID == 0)) || {
    say "left out: it needs root, for debootstrap and chroot"
    exit 77 # what ctest takes as skipped
  }
  local tool scratch
  for tool in debootstrap chroot unshare ip curl; do
    command -v "$tool" >/dev/null || die "$tool is missing; ./dev test --long installs it"
  done
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/leadhub-bare.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now is meant
  trap "rm -rf --one-file-system -- '$scratch'" EXIT
  [[ -f $tarball ]] || make_tarball "$scratch/new"
  say "unpacking the bare system"
  mkdir "$scratch/tree"
  tar -C "$scratch/tree" -xf "$tarball"
  copy_package_sources "$scratch/tree"
  say "cloning $(git -C "$source_tree" log -1 --format='%h %s')"
  git clone --quiet --no-local --no-hardlinks "file://$source_tree" "$scratch/tree/srv/leadhub"
  unshare --mount --pid --fork --kill-child --propagation private -- "$0" --inside "$scratch/tree"
  say "all is well on a bare Debian 12"
}

case ${1:-} in
  --inside) inside "$2" ;;
  --serve) serve "$2" ;;
  *) main ;;
esac
