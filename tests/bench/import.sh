#!/usr/bin/env bash
# a table of leads into the real server: rows into the inbox, time to leads, again, out again
#
# Prints one table; everything in it comes from this one run. ROWS (1000000) shortens it.
set -euo pipefail

# shellcheck source=tests/bench/lib/hub.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/hub.sh"
rows=${ROWS:-1000000}

# One row a person: address, names, phone, company, city, two attributes; 110 bytes.
awk -v rows="$rows" 'BEGIN {
  print "E-Mail,First name,Last name,Tel,Company,City,attributes.size:integer,attributes.source"
  for (i = 0; i < rows; ++i)
    printf "lead.%07d@example%03d.com,Ada%d,\"Lovelace, %d\",07%09d,Engines %d Ltd,London,%d,\"fair, %d\"\n",
      i, i % 1000, i, i, 400000000 + i, i % 5000, i % 500, i % 50
}' >"$work/people.csv"

serve_hub
hub_peak() { echo $(($(awk '/VmHWM/ {print $2}' "/proc/$server/status") / 1024)); }
row() { printf '| %-38s | %9s | %9s | %9s | %9s |\n' "$@"; }

# verb NAME ARGUMENTS...: runs it; sets seconds and peak (MiB).
verb() {
  local begun=$EPOCHREALTIME
  "$bin/leadhub" leads "$@" -c "$work/hub.yaml" >"$work/said" 2>&1 &
  local pid=$!
  peak=0
  while [[ -r /proc/$pid/status ]]; do
    local now
    now=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2>/dev/null || true)
    ((${now:-0} > peak)) && peak=$now
    sleep 0.2
  done
  wait "$pid"
  seconds=$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}')
  peak=$((peak / 1024))
}
rate() { awk -v rows="$rows" -v seconds="$1" 'BEGIN {printf "%d", rows / seconds}'; }

echo "Machine: $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), kernel $(uname -r), $(date -u +%F)"
echo "Load average before: $(cut -d' ' -f1-3 /proc/loadavg)"
echo "$rows rows, $(($(stat -c %s "$work/people.csv") / 1048576)) MiB"
echo
row what seconds rows/s "client MiB" "hub MiB"
row --- ---: ---: ---: ---:

verb import "$work/people.csv" --map Tel=phone --dry-run
row "checked (--dry-run)" "$seconds" "$(rate "$seconds")" "$peak" "$(hub_peak)"

begun=$EPOCHREALTIME
verb import "$work/people.csv" --map Tel=phone
row "into the inbox, pipeline at work" "$seconds" "$(rate "$seconds")" "$peak" "$(hub_peak)"
while (($(metric leadhub_pipeline_backlog) > 0)); do sleep 0.2; done
until_leads=$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}')
row "until all are leads" "$until_leads" "$(rate "$until_leads")" "" "$(hub_peak)"

verb import "$work/people.csv" --map Tel=phone
row "again: all known" "$seconds" "$(rate "$seconds")" "$peak" "$(hub_peak)"

verb export --output "$work/leads.csv"
row "exported as a table" "$seconds" "$(rate "$seconds")" "$peak" "$(hub_peak)"
verb export --output "$work/leads.jsonl"
row "exported whole" "$seconds" "$(rate "$seconds")" "$peak" "$(hub_peak)"
exported=$(wc -l <"$work/leads.jsonl")
((exported == rows)) || { echo "exported $exported leads of $rows"; exit 1; }
