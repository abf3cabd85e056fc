#!/usr/bin/env bash
# reload: forms while the configuration is put in force again and again, and while it is not
#
# RATE (4000) forms a second on 64 connections for SECONDS_EACH (15), in turn without and with a reload every half second,
# ROUNDS (3) times. Prints p50 and p99 of the answers, and what was not answered.
set -euo pipefail

# shellcheck source=tests/bench/lib/hub.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/hub.sh"
rate=${RATE:-4000}
seconds=${SECONDS_EACH:-15}
rounds=${ROUNDS:-3}

row() { printf '| %-26s | %9s | %9s | %12s | %7s |\n' "$@"; }

# hammer: wrk's figures as "p50 p99 failures".
hammer() {
  wrk -t1 -c64 -d"$seconds"s --timeout 10s --latency -s "$root/tests/bench/post_forms.lua" "$edge" -- "$rate" >"$work/wrk"
  awk '$1 == "50%" {p50 = $2} $1 == "99%" {p99 = $2} /Non-2xx/ {failures += $NF}
       /Socket errors/ {gsub(",", ""); failures += $4 + $6 + $8 + $10}
       END {printf "%s %s %s\n", p50, p99, failures + 0}' "$work/wrk"
}

serve_hub
echo "Machine: $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), $(date -u +%F); load average $(cut -d' ' -f1-3 /proc/loadavg)"
echo
row "$rate forms/s" p50 p99 "not answered" reloads
row --- ---: ---: ---: ---:
for _ in $(seq "$rounds"); do
  read -r p50 p99 failures < <(hammer)
  row "without reloads" "$p50" "$p99" "$failures" 0
  (
    count=0
    while [[ ! -f $work/enough ]]; do
      "$bin/leadhub" reload -c "$work/hub.yaml" >/dev/null && count=$((count + 1))
      echo "$count" >"$work/reloads"
      sleep 0.5
    done
  ) &
  reloader=$!
  read -r p50 p99 failures < <(hammer)
  touch "$work/enough"
  wait "$reloader"
  rm "$work/enough"
  row "with a reload every 0.5 s" "$p50" "$p99" "$failures" "$(cat "$work/reloads")"
done
