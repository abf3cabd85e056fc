#!/usr/bin/env bash
# tidy.sh FILE [CLANG-TIDY-OPTION...]: clang-tidy on one source file of build/release, unless it found nothing in the
# very same preprocessed text before: what was clean is remembered in the user's cache folder, by hash.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

file=$1
shift
build=$root/build/release
memory=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/leadhub/tidy

# The command that compiles the file, as compile_commands.json has it, without ccache in front and without an output.
compile_command() {
  awk -v wanted="\"file\": \"$root/$file\"" '
    /^ *"command":/ { command = $0 }
    index($0, wanted) {
      sub(/^ *"command": "/, "", command); sub(/",?$/, "", command)
      gsub(/\\"/, "\"", command); gsub(/\\\\/, "\\", command)
      sub(/^.*[\/ ]ccache /, "", command); sub(/ -o [^ ]* -c /, " ", command)
      print command
      exit
    }' "$build/compile_commands.json"
}

# A name for the file's text after the preprocessor, comments kept for NOLINT's sake, with all that could change the
# verdict: the checks, the options and the version of clang-tidy.
fingerprint() {
  {
    cat "${BASH_SOURCE[0]}"
    clang-tidy-19 --version
    clang-tidy-19 --dump-config -p "$build" "$root/$file"
    printf '%s\n' "$file" "$@"
    (cd "$build" && eval "$(compile_command) -E -C")
  } | sed "s|$root||g" | sha256sum | cut -d ' ' -f 1
}

# GCC's own flags and precompiled headers are nothing to clang. Boost 1.74 does not know that clang has C++20's
# coroutines, and must be told. libstdc++ uses what it deprecates itself, as in stable_sort; GCC warns about our own uses.
tidy() {
  clang-tidy-19 --quiet -p "$build" --warnings-as-errors='*' \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-gch \
    --extra-arg=-Wno-ignored-optimization-argument --extra-arg=-Wno-deprecated-declarations \
    --extra-arg=-DBOOST_ASIO_HAS_CO_AWAIT --extra-arg=-DBOOST_ASIO_HAS_STD_COROUTINE "$@" "$root/$file" \
    2> >(grep -vE '^[0-9]+ warnings? (and [0-9]+ errors? )?generated|^Suppressed |^Use -header-filter' >&2)
}

mark=$memory/$(fingerprint "$@")
[[ ! -e $mark ]] || exit 0
tidy "$@"
mkdir -p "$memory" && touch "$mark"
