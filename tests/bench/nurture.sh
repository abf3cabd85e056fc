#!/usr/bin/env bash
# nurture: mails of a journey out of the whole hub into smtp-sink, beside what libcurl alone sends there
#
# MAILS (60000) leads are imported while sending is paused; then the hub may send, over CONNECTIONS (16) without TLS.
# Everything that keeps a mail from leaving is on: consent, suppression, cap, quiet hours, pause, withdrawals.
# Once more with DKIM=1: signed by an RSA key. PROFILE=FILE has perf look at the hub meanwhile.
# Then 10,000 due steps of journeys among each of ENROLMENTS (10000 100000 1000000): what finding, logging and taking them
# costs; tests/bench/wake_up.cpp says what that is. PARTS="mails wake_up" chooses.
set -euo pipefail

# shellcheck source=tests/bench/lib/hub.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/hub.sh"
mails=${MAILS:-60000}
connections=${CONNECTIONS:-16}
enrolments=${ENROLMENTS:-10000 100000 1000000}
sink=
trap 'stop_hub; [[ -z $sink ]] || kill "$sink" 2>/dev/null || true; rm -rf "$work"' EXIT

# smtp-sink on a port that is free; sets port and sink.
start_sink() {
  local user=()
  ((EUID == 0)) && user=(-u nobody)
  for port in $(shuf -i 20000-29999 -n 20); do
    "$(command -v smtp-sink || echo /usr/sbin/smtp-sink)" "${user[@]}" "127.0.0.1:$port" 1024 2>"$work/sink" &
    sink=$!
    sleep 0.2
    kill -0 "$sink" 2>/dev/null && return
  done
  cat "$work/sink" >&2
  exit 1
}

write_config() { # write_config TRANSPORT SMTP-SETTING...
  local keep_from keep_to
  keep_from=$(date -u -d '+11 hours' +%H:%M)
  keep_to=$(date -u -d '+12 hours' +%H:%M)
  cp "$root/tests/bench/bench_hub.yaml" "$work/hub.yaml"
  {
    printf '  mail:\n    plugin: email\n    config:\n'
    printf '      %s\n' "$@"
    cat <<TEXT
      from: "Ada at Analytical Engines <ada@analytical-engines.example>"
      reply_to: hello@analytical-engines.example
      postal_address: 12 St James's Square, London
nurture:
  templates: templates
  quiet_hours: {from: "$keep_from", to: "$keep_to"}
  cap: {mails: 3, per: 7d}
  journeys:
    welcome:
      enter: {event.type: x.leadhub.imported}
      goal: {lead.temperature: hot}
      steps:
        - send: {template: welcome, via: mail}
        - wait: 3d
    long:                                    # as bench_wake_up has it
      enter: {event.type: newsletter.subscribed}
      steps:
        - wait: 1d
        - tag: waited
        - wait: 300d
TEXT
  } >>"$work/hub.yaml"
}

sent() {
  curl -s "$control/metrics" |
    awk '/^leadhub_journey_mails_total/ && /kind="journey"/ && /outcome="sent"/ {n += $NF} END {print n + 0}'
}
hub() { "$bin/leadhub" "$@" -c "$work/hub.yaml" >>"$work/said" 2>&1; }
processor_ms() { awk -v hertz="$(getconf CLK_TCK)" '{print ($14 + $15) * 1000 / hertz}' "/proc/$1/stat"; }
row() { printf '| %-44s | %8s | %7s | %6s | %9s |\n' "$@"; }

people() {
  awk -v rows="$1" 'BEGIN {
    print "E-Mail,First name,Last name,Company"
    for (i = 0; i < rows; ++i)
      printf "lead.%07d@example%03d.com,Ada%d,\"Lovelace, %d\",Engines %d Ltd\n", i, i % 1000, i, i, i % 5000
  }' >"$work/people.csv"
}

# run_hub NAME: imports everybody while sending is paused, lets the mails leave, prints a line.
run_hub() {
  rm -rf "$work/data"
  serve_hub
  hub sending pause
  hub leads import "$work/people.csv" --consent marketing_email --consent-text "Yes, send me mail"
  while (($(metric leadhub_pipeline_backlog) > 0)); do sleep 0.1; done
  local profiler='' before begun rate
  before=$(processor_ms "$server")
  if [[ -n ${PROFILE:-} ]]; then
    perf record -o "$PROFILE" -F 299 --call-graph dwarf,16384 -p "$server" >/dev/null 2>&1 &
    profiler=$!
  fi
  begun=$EPOCHREALTIME
  hub sending resume
  while (($(sent) < mails)); do sleep 0.1; done
  rate=$(awk -v a="$begun" -v b="$EPOCHREALTIME" -v n="$mails" 'BEGIN {printf "%d", n / (b - a)}')
  [[ -z $profiler ]] || { kill -INT "$profiler"; wait "$profiler" || true; }
  row "$1" "$rate" "$(awk -v a="$rate" -v b="$alone" 'BEGIN {printf "%.2f", a / b}')" \
    "$(($(awk '/VmHWM/ {print $2}' "/proc/$server/status") / 1024))" \
    "$(awk -v a="$before" -v b="$(processor_ms "$server")" -v n="$mails" 'BEGIN {printf "%.0f", (b - a) * 1000 / n}')"
  stop_hub
}

# One mail of the same hub, as it leaves: what libcurl alone is to send.
keep_one_mail() {
  write_config "transport: maildir" "directory: one"
  people 1
  mails=1 alone=1 run_hub "" >/dev/null
  cp "$work"/one/*.eml "$work/mail"
}

measure_mails() {
  start_sink
  keep_one_mail
  people "$mails"
  echo "$mails mails of $(stat -c %s "$work/mail") bytes, $connections connections"
  echo
  row what mails/s ratio MiB "us of CPU"
  row --- ---: ---: ---: ---:
  alone=$("$bin/bench_smtp_alone" "smtp://127.0.0.1:$port" "$mails" "$work/mail" "$connections")
  row "libcurl alone" "$alone" 1.00 "" ""
  local smtp=("transport: smtp" "url: smtp://127.0.0.1:$port" "tls: none" "connections: $connections")
  write_config "${smtp[@]}"
  run_hub "the whole hub"
  [[ -z ${DKIM:-} ]] && return
  openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out "$work/dkim.pem" 2>/dev/null
  write_config "${smtp[@]}" "dkim: {domain: analytical-engines.example, selector: bench, key: \"\${file:dkim.pem}\"}"
  run_hub "the whole hub, signed by DKIM (RSA, 2048)"
}

# The hub that gets the last of the stores looks at everybody again first, since its configuration is new to that store.
measure_wake_up() {
  echo "| enrolled | find, ms | log, ms | take, ms |"
  echo "|     ---: |     ---: |    ---: |     ---: |"
  local enrolled
  for enrolled in $enrolments; do
    rm -rf "$work/data"
    mkdir "$work/data"
    "$bin/bench_wake_up" "$work/data" "$enrolled"
  done
  write_config "transport: maildir" "directory: none"
  serve_hub
  local calm=0
  while ((calm < 10)); do
    sleep 0.5
    if (($(metric leadhub_pipeline_backlog) > 0)); then calm=0; else calm=$((calm + 1)); fi
  done
  echo
  echo "Resident memory of a hub with the last of these stores: $(($(awk '/VmRSS/ {print $2}' "/proc/$server/status") / 1024)) MiB, at most $(($(awk '/VmHWM/ {print $2}' "/proc/$server/status") / 1024)) MiB"
  stop_hub
}

targets=(bench_smtp_alone)
[[ " ${PARTS:-mails wake_up} " == *" wake_up "* ]] && targets+=(bench_wake_up)
cmake --build "$root/build/release" --target "${targets[@]}" >/dev/null
cp -r "$root/examples/templates" "$work/templates"
echo "Machine: $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), kernel $(uname -r), $(date -u +%F)"
echo "Load average before: $(cut -d' ' -f1-3 /proc/loadavg)"
for part in ${PARTS:-mails wake_up}; do
  echo
  "measure_$part"
done
