#!/usr/bin/env bash
# one request inside a plugin: every provider's fixtures of 2 KB, authenticate and read
#
# Arguments name the providers; all of them unless named.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cmake --build "$root/build/release" --target bench_reading >/dev/null
printf 'Machine: %s, %s; load average %s\n\n' "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" "$(date +%F)" \
  "$(cut -d' ' -f1-3 /proc/loadavg)"
exec "$root/build/release/bin/bench_reading" "$root" "$root/build/release/plugins" "$@"
