# shellcheck shell=bash
# What every script of this project needs: messages, steps, and commands whose output goes to a log. Sourced, not run.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
log_folder=$root/build/log
step_number=0
step_count=0

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
  warn "dev: $*"
  exit 1
}

# steps N: N steps are to come. step TEXT: the next of them begins.
steps() {
  step_number=0
  step_count=$1
}
step() {
  step_number=$((step_number + 1))
  say "[$step_number/$step_count] $*"
}

# Reads a command's output; shows its last line on a terminal, else ninja's count at each tenth of the way.
show_progress() {
  local line tenth shown=0 width
  if [[ -t 1 ]]; then
    width=$(($(tput cols 2>/dev/null || echo 80) - 5))
    while IFS= read -r line; do printf '\r\033[K    %s' "${line:0:$width}"; done
    printf '\r\033[K'
    return
  fi
  while IFS= read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    tenth=$((BASH_REMATCH[1] * 10 / BASH_REMATCH[2]))
    ((tenth > shown && BASH_REMATCH[2] >= 10)) && say "    ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
    ((tenth > shown)) && shown=$tenth
  done
  return 0
}

# logged NAME COMMAND...: runs the command with its output in build/log/NAME.log, and shows that log's end if it fails.
logged() {
  local log=$log_folder/$1.log status
  shift
  mkdir -p "$log_folder"
  if "$@" </dev/null 2>&1 | tee "$log" | show_progress; then return; fi
  status=${PIPESTATUS[0]}
  tail -n 80 "$log" >&2
  warn "dev: failed with exit code $status: $*"
  warn "     the whole log is $log"
  return "$status"
}

# Compilers at once: one a core, but no more than there are 1.5 GB of free memory for; the largest files here take that.
parallel_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1500000)}' /proc/meminfo)
  ((memory >= 1)) || memory=1
  say $((cores < memory ? cores : memory))
}

# The tracked files that match the given pathspecs and exist.
tracked() {
  git -C "$root" ls-files -z --cached --others --exclude-standard --deduplicate -- "$@" |
    while IFS= read -r -d '' file; do [[ -f $root/$file ]] && printf '%s\0' "$file"; done
}
