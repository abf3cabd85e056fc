#!/usr/bin/env bash
# forms and webhooks into the real server: the edge alone, durable answers, to lead row, a crowd of slow clients
#
# Prints one table; everything in it comes from this one run. SECONDS_BURST (10), SECONDS_SUSTAINED (60) and
# SECONDS_WEBHOOKS (20) shorten it; RATES (12000 20000) and WEBHOOK_RATES (2000 8000) are the offered loads, a second, of the
# sustained parts; PARTS (alone burst sustained webhooks crowd) names the parts to run.
set -euo pipefail

# shellcheck source=tests/bench/lib/hub.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/hub.sh"
burst=${SECONDS_BURST:-10}
sustained=${SECONDS_SUSTAINED:-60}
webhook_seconds=${SECONDS_WEBHOOKS:-20}
read -r -a rates <<<"${RATES:-12000 20000}"
read -r -a webhook_rates <<<"${WEBHOOK_RATES:-2000 8000}"
parts=" ${PARTS:-alone burst sustained webhooks crowd} "
ulimit -n "$(ulimit -Hn)"

# Starts a fresh hub with bench_hub.yaml, and with more channels where a file names them; sets edge and control.
start_hub() {
  rm -rf "$work/data"
  cp "$root/tests/bench/bench_hub.yaml" "$work/hub.yaml"
  [[ -z ${1:-} ]] || cat "$1" >>"$work/hub.yaml"
  serve_hub
}

# hammer CONNECTIONS SECONDS RATE ADDRESS [FILE]: wrk's figures as "rate p50 p99 failures", of forms or of the requests in FILE.
hammer() {
  local script=post_forms
  [[ -z ${5:-} ]] || script=post_webhooks
  wrk -t1 -c"$1" -d"$2"s --timeout 10s --latency -s "$root/tests/bench/$script.lua" "$4" -- "$3" "${@:5}" >"$work/wrk"
  awk '/Requests\/sec/ {rate = $2} $1 == "50%" {p50 = $2} $1 == "99%" {p99 = $2} /Non-2xx/ {failures += $NF}
       /Socket errors/ {gsub(",", ""); failures += $4 + $6 + $8 + $10}
       END {printf "%s %s %s %s\n", rate, p50, p99, failures + 0}' "$work/wrk"
}

wants() { [[ $parts == *" $1 "* ]]; }
row() { printf '| %-34s | %11s | %10s | %9s | %9s | %s |\n' "$@"; }

cmake --build "$root/build/release" --target bench_edge_alone bench_crowd bench_webhooks >/dev/null

echo "Machine: $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), kernel $(uname -r), $(date -u +%F)"
echo "Load average before: $(cut -d' ' -f1-3 /proc/loadavg)"
echo
row what connections rate/s p50 p99 notes
row --- --- --- --- --- ---

measure_alone() {
  local connections
  for connections in 16 64 512; do
    coproc EDGE { "$bin/bench_edge_alone"; }
    read -r _ port <&"${EDGE[0]}"
    read -r rate p50 p99 _ <<<"$(hammer "$connections" 5 0 "http://127.0.0.1:$port")"
    eval "exec ${EDGE[1]}>&-"
    wait "$EDGE_PID" 2>/dev/null || true
    alone[$connections]=$rate
    row "edge alone, no store, no plugin" "$connections" "$rate" "$p50" "$p99" ""
  done
}

measure_burst() {
  local connections
  for connections in 16 64 512; do
    start_hub
    read -r rate p50 p99 failures <<<"$(hammer "$connections" "$burst" 0 "$edge")"
    ratio=$(awk -v a="$rate" -v b="${alone[$connections]:-0}" 'BEGIN {print b ? sprintf("%.2f of the edge alone; ", a / b) : ""}')
    row "durable answers, burst of $burst s" "$connections" "$rate" "$p50" "$p99" \
      "${ratio}not 2xx/3xx: $failures; backlog $(metric leadhub_pipeline_backlog); $(($(metric leadhub_resident_bytes) / 1048576)) MiB"
    stop_hub
  done
}

# sustain WHAT SECONDS RATE [FILE]: offers so much to the hub that runs, and shows what became of it.
sustain() {
  (hammer 64 "$2" "$3" "$edge" "${@:4}" >"$work/sustained") &
  local load=$! backlogs=
  for _ in $(seq 6); do
    sleep "$(awk -v seconds="$2" 'BEGIN {print seconds / 6}')"
    backlogs+="$(metric leadhub_pipeline_backlog) "
  done
  leads=$(metric leadhub_pipeline_cursor)
  wait "$load"
  read -r answered p50 p99 failures <"$work/sustained"
  row "$1, $3/s offered" 64 "$((leads / $2))" "$p50" "$p99" \
    "answered $answered/s, not 2xx/3xx: $failures; backlog every $(($2 / 6)) s: $backlogs; $(($(metric leadhub_resident_bytes) / 1048576)) MiB"
  stop_hub
}

measure_forms() {
  local rate
  for rate in "${rates[@]}"; do
    start_hub
    sustain "form to lead row" "$sustained" "$rate"
  done
}

# Typeform, Standard Webhooks, SendGrid (5 events), Telegram and WhatsApp in turn, signed just before they are sent.
measure_webhooks() {
  local rate
  for rate in "${webhook_rates[@]}"; do
    "$bin/bench_webhooks" "$root" "$work" "$((rate * webhook_seconds * 12 / 10 + 1000))"
    start_hub "$work/channels.yaml"
    sustain "webhooks of five providers" "$webhook_seconds" "$rate" "$work/requests"
  done
}

measure_crowd() {
  start_hub
  crowd=$("$bin/bench_crowd" "${edge##*:}" 10000 200 20)
  row "10,000 idle and 200 dripping" 10200 "" "" "" "$crowd"
  stop_hub
}

declare -A alone
if wants alone; then measure_alone; fi
if wants burst; then measure_burst; fi
if wants sustained; then measure_forms; fi
if wants webhooks; then measure_webhooks; fi
if wants crowd; then measure_crowd; fi
