#!/usr/bin/env bash
# forms into the real server: the edge alone, durable answers, form to lead row, a crowd of slow clients
#
# Prints one table; everything in it comes from this one run. SECONDS_BURST (10) and SECONDS_SUSTAINED (60) shorten it,
# RATES (12000 20000) are the offered loads of the sustained part.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$root/build/release/bin
burst=${SECONDS_BURST:-10}
sustained=${SECONDS_SUSTAINED:-60}
read -r -a rates <<<"${RATES:-12000 20000}"
work=$(mktemp -d)
server=
ulimit -n "$(ulimit -Hn)"

stop_server() {
  [[ -z $server ]] && return
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
trap 'stop_server; rm -rf "$work"' EXIT

# Starts a fresh hub; sets edge and control.
start_hub() {
  rm -rf "$work/data"
  cp "$root/tests/bench/bench_hub.yaml" "$work/hub.yaml"
  XDG_STATE_HOME=$work/state "$bin/leadhub" serve -c "$work/hub.yaml" >"$work/log" 2>&1 &
  server=$!
  for _ in $(seq 100); do
    grep -q '^Ready' "$work/log" && break
    sleep 0.05
  done
  edge=$(sed -n 's/^ *edge *//p' "$work/log")
  control=$(sed -n 's/^ *control *//p' "$work/log")
}

metric() { curl -s "$control/metrics" | awk -v name="$1" '$1 == name {printf "%.0f", $2}'; }

# hammer CONNECTIONS SECONDS RATE: wrk's figures as "rate p50 p99 failures".
hammer() {
  wrk -t1 -c"$1" -d"$2"s --timeout 10s --latency -s "$root/tests/bench/post_forms.lua" "$4" -- "$3" >"$work/wrk"
  awk '/Requests\/sec/ {rate = $2} $1 == "50%" {p50 = $2} $1 == "99%" {p99 = $2} /Non-2xx/ {failures = $NF}
       END {printf "%s %s %s %s\n", rate, p50, p99, failures + 0}' "$work/wrk"
}

row() { printf '| %-34s | %11s | %10s | %9s | %9s | %s |\n' "$@"; }

echo "Machine: $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), kernel $(uname -r), $(date -u +%F)"
echo "Load average before: $(cut -d' ' -f1-3 /proc/loadavg)"
echo
row what connections rate/s p50 p99 notes
row --- --- --- --- --- ---

declare -A alone
for connections in 16 64 512; do
  coproc EDGE { "$bin/bench_edge_alone"; }
  read -r _ port <&"${EDGE[0]}"
  read -r rate p50 p99 _ <<<"$(hammer "$connections" 5 0 "http://127.0.0.1:$port")"
  eval "exec ${EDGE[1]}>&-"
  wait "$EDGE_PID" 2>/dev/null || true
  alone[$connections]=$rate
  row "edge alone, no store, no plugin" "$connections" "$rate" "$p50" "$p99" ""
done

for connections in 16 64 512; do
  start_hub
  read -r rate p50 p99 failures <<<"$(hammer "$connections" "$burst" 0 "$edge")"
  ratio=$(awk -v a="$rate" -v b="${alone[$connections]}" 'BEGIN {printf "%.2f", a / b}')
  row "durable answers, burst of $burst s" "$connections" "$rate" "$p50" "$p99" \
    "$ratio of the edge alone; not 2xx/3xx: $failures; backlog $(metric leadhub_pipeline_backlog); $(($(metric leadhub_resident_bytes) / 1048576)) MiB"
  stop_server
done

for rate in "${rates[@]}"; do
  start_hub
  (hammer 64 "$sustained" "$rate" "$edge" >"$work/sustained") &
  load=$!
  backlogs=
  for _ in $(seq 6); do
    sleep "$((sustained / 6))"
    backlogs+="$(metric leadhub_pipeline_backlog) "
  done
  leads=$(metric leadhub_pipeline_cursor)
  wait "$load"
  read -r answered p50 p99 failures <"$work/sustained"
  row "form to lead row, $rate/s offered" 64 "$((leads / sustained))" "$p50" "$p99" \
    "answered $answered/s, not 2xx/3xx: $failures; backlog every $((sustained / 6)) s: $backlogs; $(($(metric leadhub_resident_bytes) / 1048576)) MiB"
  stop_server
done

start_hub
crowd=$("$bin/bench_crowd" "${edge##*:}" 10000 200 20)
row "10,000 idle and 200 dripping" 10200 "" "" "" "$crowd"
stop_server
