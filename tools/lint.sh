#!/usr/bin/env bash
# The checks of the sources that no test runs. `./dev help lint` says how to call it.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
cd "$root"

sources=('*.c' '*.h' '*.cpp' '*.hpp')
tidy_build=$root/build/release

check_format() {
  local breaches
  breaches=$(tracked "${sources[@]}" | xargs -0 -r clang-format-14 --dry-run 2>&1 |
    sed -n 's/^\([^ :]*:[0-9]*\):.*clang-format-violations.*/\1/p' | sort -t : -k 1,1 -u)
  [[ -z $breaches ]] && return
  sed 's/$/: differs from .clang-format from here on; mend it with: .\/dev format/' <<<"$breaches" >&2
  return 1
}

# The .cpp files that differ from origin/main; all of them where the headers or the checks themselves differ.
changed_sources() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-list --max-parents=0 HEAD | tail -n 1)
  {
    git diff --name-only --diff-filter=d "$base" -- '*.cpp'
    git ls-files --others --exclude-standard -- '*.cpp'
  } | sort -u
}

# Only what is compiled has a command in the database; templates and out-of-tree examples are checked where they build.
compiled_sources() {
  sed -n "s|^ *\"file\": \"$root/\(.*\.cpp\)\",*$|\1|p" "$tidy_build/compile_commands.json" |
    grep -v '^build/' | sort -u
}

check_tidy() {
  local files=() scope=changed
  logged configure-ci cmake --preset ci
  if [[ $everything == yes ]]; then
    scope=all
    mapfile -t files < <(compiled_sources)
  else
    mapfile -t files < <(comm -12 <(changed_sources) <(compiled_sources))
  fi
  say "    ${#files[@]} files ($scope)"
  ((${#files[@]} == 0)) && return
  printf '%s\0' "${files[@]}" |
    xargs -0 -I FILE -P "$(parallel_jobs)" tools/tidy.sh FILE "${tidy_options[@]}"
}

check_scripts() {
  {
    tracked '*.sh'
    printf '%s\0' dev .ci/run
  } | xargs -0 shellcheck --external-sources
}

check_structure() { tests/structure/include_rules.sh "$root"; }

check_documents() { tests/structure/documents.sh "$root"; }

main() {
  local checks=() check failed=()
  everything=${CI:+yes}
  tidy_options=()
  for check in "$@"; do
    case $check in
      --all) everything=yes ;;
      --deep) everything=yes tidy_options=(--checks='clang-analyzer-*,-clang-analyzer-optin.performance.Padding') ;;
      format | tidy | scripts | structure | documents) checks+=("$check") ;;
      *) die "lint does not know '$check'; see ./dev help lint" ;;
    esac
  done
  ((${#checks[@]} > 0)) || checks=(format scripts structure documents)
  steps "${#checks[@]}"
  for check in "${checks[@]}"; do
    step "checking $check"
    "check_$check" || failed+=("$check")
  done
  ((${#failed[@]} == 0)) || die "these checks failed: ${failed[*]}"
  say "all checks passed: ${checks[*]}"
}

main "$@"
