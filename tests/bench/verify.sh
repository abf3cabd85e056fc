#!/usr/bin/env bash
# what registration costs an event: normalise, address, number, name, lists
#
# Arguments go to the benchmark: --benchmark_filter=phone
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cmake --build "$root/build/release" --target bench_verify >/dev/null
printf 'Machine: %s, %s\n' "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" "$(date +%F)"
exec "$root/build/release/bin/bench_verify" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true "$@"
