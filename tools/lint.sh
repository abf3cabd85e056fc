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

# What tidy looks at is what differs from this: origin/main; where that is HEAD (CI on main) or unknown, the commit 20
# before it. A file costs about 10 s of a core, which for every one is too much for CI; --all looks at them.
tidy_base() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [[ -z $base || (-n ${CI:-} && $base == "$(git rev-parse HEAD)") ]]; then
    git rev-list --max-count=21 HEAD | tail -n 1
  else
    say "$base"
  fi
}

# Of the compiled files those that differ from commit $1, and for each header that does one file that includes it.
changed_sources() {
  local file folder name compiled
  compiled=$(compiled_sources)
  {
    git diff --name-only --diff-filter=d "$1" -- "${sources[@]}"
    git ls-files --others --exclude-standard -- "${sources[@]}"
  } | while IFS= read -r file; do
    folder=$(dirname "$file") name=$(basename "$file")
    case $file in
      *.cpp) say "$file" ;;
      *.h | *.hpp)
        {
          git grep --untracked -lF "#include \"$name\"" -- "$folder/*.cpp" || true
          git grep --untracked -lE "#include [<\"](.*/)?$(basename "$folder")/${name}[>\"]" -- '*.cpp' || true
        } | sort -u | comm -12 - <(say "$compiled") | sed -n 1p
        ;;
    esac
  done | sort -u | comm -12 - <(say "$compiled")
}

# Only what is compiled has a command in the database; templates and out-of-tree examples are checked where they build.
compiled_sources() {
  sed -n "s|^ *\"file\": \"$root/\(.*\.cpp\)\",*$|\1|p" "$tidy_build/compile_commands.json" |
    grep -v '^build/' | sort -u
}

check_tidy() {
  local files=() base why='all that are compiled'
  logged configure-ci cmake --preset ci
  if [[ $everything == yes ]]; then
    mapfile -t files < <(compiled_sources)
  else
    base=$(tidy_base)
    why="what differs from $(git log -1 --format='%h, "%s"' "$base")"
    mapfile -t files < <(changed_sources "$base")
  fi
  say "    ${#files[@]} files: $why"
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
  everything=no
  tidy_options=()
  for check in "$@"; do
    case $check in
      --all) everything=yes ;;
      --deep) everything=yes tidy_options=(--checks='clang-analyzer-*,-clang-analyzer-optin.performance.Padding') ;;
      format | tidy | scripts | structure | documents) checks+=("$check") ;;
      *) die "lint does not know '$check'; see ./dev help lint" ;;
    esac
  done
  ((${#checks[@]} > 0)) || checks=(format scripts structure documents tidy)
  steps "${#checks[@]}"
  for check in "${checks[@]}"; do
    step "checking $check"
    "check_$check" || failed+=("$check")
  done
  ((${#failed[@]} == 0)) || die "these checks failed: ${failed[*]}"
  say "all checks passed: ${checks[*]}"
}

main "$@"
