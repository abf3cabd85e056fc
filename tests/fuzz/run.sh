#!/usr/bin/env bash
# run.sh COMPILER PROGRAM CORPUS SECONDS COMPILER-ARGUMENT... -- LIBRARY...: builds a libFuzzer program with the address
# and undefined behaviour sanitizers, then runs it from the corpus for so long. What it finds by the way grows in a folder
# of the build; the corpus in the tree is only read.
set -euo pipefail

compiler=$1 program=$2 corpus=$3 seconds=$4
shift 4
arguments=()
while [[ $1 != -- ]]; do
  arguments+=("$1")
  shift
done
shift
if [[ $compiler == *NOTFOUND || -z $compiler ]]; then
  echo "skipped: clang is missing, which brings libFuzzer; install the packages clang-19 and libclang-rt-19-dev"
  exit 77
fi
if ! "$compiler" -std=c++2b -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
  -o "$program" "${arguments[@]}" "$@" 2>"$program.log"; then
  if grep -q 'libclang_rt.fuzzer' "$program.log"; then
    echo "skipped: clang has no libFuzzer; install the package libclang-rt-19-dev"
    exit 77
  fi
  cat "$program.log" >&2
  exit 1
fi
mkdir -p "$program.found"
cd "$program.found"
# libFuzzer itself ends with 77 where it found something, which here means: skipped.
exec "$program" -error_exitcode=1 -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
  "$program.found" "$corpus"
