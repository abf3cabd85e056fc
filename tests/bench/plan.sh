#!/usr/bin/env bash
# plan: recorded requests replayed through two configurations
#
# EVENTS (100000) is how many forms are recorded first, with wrk. Prints events a second through both configurations
# (all of plan: reading, replaying, comparing), the most memory and the processor time that it took.
set -euo pipefail

# shellcheck source=tests/bench/lib/hub.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/hub.sh"
events=${EVENTS:-100000}

cp "$root/tests/bench/bench_hub.yaml" "$work/hub.yaml"
sed 's/^channels:/qualify: {builtin: false}\nchannels:/' "$work/hub.yaml" >"$work/new.yaml"
serve_hub
until (($(metric leadhub_inbox_head) >= events)); do
  wrk -t1 -c64 -d2s -s "$root/tests/bench/post_forms.lua" "$edge" -- 0 >/dev/null
done
stop_hub

echo "Machine: $(nproc) cores, load average $(cut -d' ' -f1-3 /proc/loadavg)"
/usr/bin/env time -f '%M KiB at most, %U s user and %S s system time' "$bin/leadhub" plan "$work/new.yaml" -c "$work/hub.yaml" --json --examples 1 \
  >"$work/plan.json" 2>"$work/memory" || { cat "$work/memory" >&2; exit 1; }
awk -F'[:,]' '/"entries"/ {n = $2} /"milliseconds"/ {ms = $2}
     END {printf "%d events through both configurations in %d ms: %d/s\n", n, ms, n * 1000 / ms}' "$work/plan.json"
cat "$work/memory"
