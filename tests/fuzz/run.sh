#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh NAME PROGRAM: fuzzes one target of the preset fuzz, starting from tests/fuzz/corpus/NAME,
# and prints how many inputs it executed. New inputs and what broke stay beside the program, in
# fuzz-found/NAME.
#
# VIGIE_FUZZ_SECONDS, how long (default 60); VIGIE_FUZZ_SEED (default 1). Exits 1 when a claim of
# tests/fuzz/targets.h did not hold, or nothing was executed.
set -euo pipefail

name=${1:?want the name of a target} program=${2:?want the program of the target}
seconds=${VIGIE_FUZZ_SECONDS:-60} seed=${VIGIE_FUZZ_SEED:-1}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
found=$(dirname "$program")/../fuzz-found/$name
rm -rf "$found"
mkdir -p "$found/new"
log=$found/log

options=(-max_total_time="$seconds" -seed="$seed" -timeout=20 -print_final_stats=1
  -max_len=16384 -artifact_prefix="$found/")
case $name in
  policy | configuration) options+=(-dict="$here/yaml.dict") ;;
esac

status=0
"$program" "${options[@]}" "$found/new" "$here/corpus/$name" >"$log" 2>&1 || status=$?
executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
echo "fuzz $name: ${executed:-0} inputs executed in $seconds s, seed $seed"
if ((status != 0)); then
  tail -n 60 "$log"
  for input in "$found"/{crash,oom,timeout,leak}-*; do
    [[ -e $input ]] || continue
    echo "fuzz $name: to see it again: $program $input"
    echo "fuzz $name: once mended, keep it: cp $input tests/fuzz/corpus/$name/"
  done
  exit 1
fi
((${executed:-0} > 0))
