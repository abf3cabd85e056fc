# Sourced by the benchmarks that measure a running hub. Sets root, bin and work, a folder that goes with the script.
# shellcheck shell=bash disable=SC2034
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.." && pwd)
bin=$root/build/release/bin
work=$(mktemp -d)
server=
export XDG_STATE_HOME=$work/state

stop_hub() {
  [[ -z $server ]] && return
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
trap 'stop_hub; rm -rf "$work"' EXIT

# Serves $work/hub.yaml, bench_hub.yaml where there is none; sets server, edge and control.
serve_hub() {
  [[ -f $work/hub.yaml ]] || cp "$root/tests/bench/bench_hub.yaml" "$work/hub.yaml"
  "$bin/leadhub" serve -c "$work/hub.yaml" >"$work/log" 2>&1 &
  server=$!
  for _ in $(seq 200); do
    grep -q '^Ready' "$work/log" && break
    sleep 0.05
  done
  edge=$(sed -n 's/^ *edge *//p' "$work/log")
  control=$(sed -n 's/^ *control *//p' "$work/log")
}

metric() { curl -s "$control/metrics" | awk -v name="$1" '$1 == name {printf "%.0f", $2}'; }
