# shellcheck shell=bash
# Installs what is missing of tools/packages.txt. Sourced after common.sh.

: "${root:?source tools/common.sh first}"

# packages_of GROUP...: the names in those groups.
packages_of() {
  awk -v wanted=" $* " '
    { sub(/#.*/, "") }
    /^\[/ { gsub(/[][ \t]/, ""); taken = index(wanted, " " $0 " "); next }
    NF && taken { print $1 }' "$root/tools/packages.txt"
}

# A package that an installed one provides is there too: other builds of nodejs bring npm along.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
    awk '$1 == "installed" { gsub(/\([^)]*\)|,/, " "); for (i = 2; i <= NF; ++i) print $i }')
  # For it another mail server would have to go; what wants it says then that it is skipped.
  if grep -qxF mail-transport-agent <<<"$installed"; then installed+=$'\npostfix'; fi
  packages_of "$@" | grep -vxF -e "$installed" || true
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
}

# The package lists are fetched where apt cannot plan the installation without, or where the planned files are gone.
install_packages() {
  if apt-get install --simulate --no-install-recommends "$@" >/dev/null 2>&1; then
    apt_install "$@" && return
  fi
  as_root apt-get update && apt_install "$@"
}

# need GROUP...: makes sure that all packages of these groups are installed.
need() {
  local missing=() command
  command -v dpkg-query >/dev/null || die "this is not Debian; install what tools/packages.txt lists, then use cmake --workflow --preset release"
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} == 0)) && return
  command="apt-get install --no-install-recommends ${missing[*]}"
  [[ -z ${LEADHUB_NO_INSTALL:-} ]] || die "LEADHUB_NO_INSTALL is set and packages are missing; install them with: $command"
  ((EUID == 0)) || command -v sudo >/dev/null || die "packages are missing and you are neither root nor have sudo; as root, run: $command"
  say "    installing ${#missing[@]} packages: ${missing[*]}"
  logged install install_packages "${missing[@]}" || die "the packages could not be installed; is the network there? (apt-get update)"
}
