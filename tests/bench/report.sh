#!/usr/bin/env bash
# report: the reports over a million leads, through the control API
#
# LEADS (1000000) rows are written straight into a store that the hub has made: captured over a year, half of them
# registered, three tenths developing, a tenth converted, a third handed over to one of seven people, from 5 channels, 20
# sources and 100 campaigns. RUNS (5) of each report, of the whole year and of the last 30 days. Prints the median and
# the slowest in milliseconds, as a client of the API waits for it, the processor time that the hub took for one, and its
# memory afterwards.
set -euo pipefail

# shellcheck source=tests/bench/lib/hub.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/hub.sh"
leads=${LEADS:-1000000}
runs=${RUNS:-5}

cp "$root/tests/bench/bench_hub.yaml" "$work/hub.yaml"
cat >>"$work/hub.yaml" <<'YAML'
report:
  costs: [{source: source3, from: 2025-01-01, to: 2099-12-31, cost: 1000000, currency: EUR}]
  objectives: [{channel: website, lead_time: 14d}]
YAML
serve_hub
stop_hub

store=$(find "$work" -name '*.db' ! -name '*-inbox.db')
sqlite3 "$store" "
  PRAGMA synchronous = OFF;
  WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $leads - 1),
  at(i, t) AS (SELECT i, (unixepoch() - 365 * 86400) * 1000 + CAST(i AS REAL) / $leads * 365 * 86400000 FROM n),
  lead(i, t, first, last) AS (SELECT i, CAST(t AS INTEGER), abs(random()), abs(random()) FROM at)
  INSERT INTO leads (workspace_id, id, stage, captured_at, registered_at, developing_at, converted_at, customer_at, lost_at,
    email, phone, name, first_name, last_name, company, job_title, country, city, language, time_zone, tags, attributes,
    first_touch, last_touch, provenance, created_at, updated_at, owner, assigned_at, answer_by, channel, first_channel,
    first_source, first_campaign, last_channel, last_source, last_campaign)
  SELECT 1, printf('%08x-%04x-7000-8000-%012x', t >> 16, t & 65535, i), 'captured', t,
    CASE WHEN i % 2 = 0 THEN t + abs(random()) % 86400000 END,
    CASE WHEN i % 10 < 3 THEN t + 86400000 + abs(random()) % 864000000 END,
    CASE WHEN i % 10 = 0 THEN t + 950400000 + abs(random()) % 864000000 END,
    CASE WHEN i % 30 = 0 THEN t + 1814400000 + abs(random()) % 864000000 END,
    CASE WHEN i % 50 = 7 THEN t + 1814400000 END,
    'person.' || i || '@example.com', '+4474' || (10000000 + i), 'Ada Lovelace', 'Ada', 'Lovelace',
    'Analytical Engines Ltd', '', 'GB', '', 'en', 'Europe/London', '[]', '{\"budget\":5000}',
    '{\"attribution\":{\"utm_source\":\"source' || (first % 20) || '\"},\"channel\":\"channel' || (first % 5) || '\",\"at\":1}',
    '', '{\"fields\":{\"name\":[1,0,1],\"company\":[1,0,1],\"country\":[1,0,1]},\"attributes\":{}}', t, t,
    CASE WHEN i % 3 = 0 THEN 'owner' || (i % 7) ELSE '' END, CASE WHEN i % 3 = 0 THEN t + 600000 END,
    CASE WHEN i % 3 = 0 THEN t + 4200000 END, replace('channel' || (first % 5), 'channel1', 'website'), 'channel' || (first % 5),
    'source' || (first % 20), 'campaign' || (first % 100), 'channel' || (last % 5), 'source' || (last % 20),
    'campaign' || (last % 100) FROM lead;
  INSERT INTO assignments (workspace_id, lead_id, round, owner, rule, method, seq, idx, assigned_at, answer_by, answered_at,
    state) SELECT 1, id, 1, owner, 'temperature is hot', 'territory', 1, 0, assigned_at, answer_by,
    assigned_at + abs(random()) % 5000000, 'answered' FROM leads WHERE assigned_at IS NOT NULL;
  INSERT INTO conversions (workspace_id, lead_id, seq, idx, value, currency, occurred_at)
    SELECT 1, id, 1, 0, abs(random()) % 2000, 'EUR', converted_at FROM leads WHERE converted_at IS NOT NULL;"

# Milliseconds of processor time that the hub has had.
processor_ms() { awk -v tick="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) * 1000 / tick}' "/proc/$server/stat"; }

serve_hub
token=$(cat "$(find "$work" -name '*.token')")
echo "Machine: $(nproc) cores, load average $(cut -d' ' -f1-3 /proc/loadavg); $leads leads, $(($(stat -c %s "$store") / 1000000)) MB"
echo
echo "| report | window | leads in it | median ms | slowest ms | processor ms |"
echo "|---|---|--:|--:|--:|--:|"
for since in 366d 30d; do
  for query in funnel 'funnel by channel' 'funnel by week' 'lead-time by channel' 'lead-time by owner' 'sources by source' 'sources by campaign'; do
    path=${query// by /?by=}
    [[ $path == *'?'* ]] && path+="&since=$since" || path+="?since=$since"
    before=$(processor_ms)
    for _ in $(seq "$runs"); do
      curl -sf -o "$work/report.json" -w '%{time_total}\n' -H "Authorization: Bearer $token" "$control/api/v1/reports/$path"
    done | sort -n >"$work/times"
    count=$(python3 -c 'import json, sys; total = json.load(open(sys.argv[1]))["total"]
print((total.get("captured") or total.get("first") or total)["leads"])' "$work/report.json")
    took=$(awk "BEGIN {print ($(processor_ms) - $before) / $runs}")
    awk -v p="$took" -v q="$query" -v s="$since" -v c="$count" '{t[NR] = $1 * 1000} END {printf "| %s | %s | %d | %.0f | %.0f | %.0f |\n", q, s, c, t[int((NR + 1) / 2)], t[NR], p}' "$work/times"
  done
done
echo
curl -s "$control/metrics" | awk '$1 == "leadhub_resident_bytes" {printf "Resident memory of the hub afterwards: %.0f MB\n", $2 / 1e6}'
