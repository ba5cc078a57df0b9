#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures acknowledged events a second and bytes on disk per event: a release daemon and the load
# generator on the same machine, medians of three repetitions.
set -euo pipefail

events=${1:-1000000}
streams=${2:-2}
batch=${3:-512}
repetitions=3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=deploy/packages.sh
. "$root/deploy/packages.sh"
vigie_install_packages "${vigie_build_packages[@]}" "${vigie_test_packages[@]}"
cd "$root"
cmake --preset release -DVIGIE_TESTS=ON >/dev/null
cmake --build --preset release -j 2 --target vigied ingest_load >/dev/null
bin=$root/build/release/bin
work=$(mktemp -d)
daemon=
stop() {
  if [[ -n $daemon ]]; then
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    daemon=
  fi
}
start() {
  rm -f "$work/ports"
  "$bin/vigied" --config config/vigied.yaml --data-dir "$work/data" --grpc-listen 127.0.0.1:0 \
    --http-listen 127.0.0.1:0 --ports-file "$work/ports" 2>"$work/log" &
  daemon=$!
  until [[ -s $work/ports ]]; do
    kill -0 "$daemon" || { cat "$work/log" >&2; exit 1; }
    read -r -t 0.1 <> <(:) || true
  done
}
trap 'stop; rm -rf "$work"' EXIT

for ((i = 1; i <= repetitions; ++i)); do
  rm -rf "$work/data"
  start
  port=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["grpc"])' "$work/ports")
  "$bin/ingest_load" "127.0.0.1:$port" "$events" "$streams" "$batch" >"$work/run.$i"
  grep -E '^Vm(HWM|RSS)' "/proc/$daemon/status" | tr -s ' \t' ' ' | tr '\n' ' ' >"$work/memory.$i"
  stop
  # Write-ahead logs that nothing needs any more go when the store is opened again.
  start
  stop
  du -sb "$work/data" | cut -f1 >"$work/bytes.$i"
  echo "repetition $i: $(cat "$work/run.$i")" \
    "disk $(cat "$work/bytes.$i") bytes, $(cat "$work/memory.$i")" >&2
done
python3 - "$work" "$repetitions" <<'END'
import json, statistics, sys
work, n = sys.argv[1], int(sys.argv[2])
runs = [json.load(open(f"{work}/run.{i}")) for i in range(1, n + 1)]
sizes = [int(open(f"{work}/bytes.{i}").read()) for i in range(1, n + 1)]
median = statistics.median
rows = {
    "acknowledged events a second": (",.0f", [r["events_per_second"] for r in runs]),
    "acknowledgement p50, ms": (",.2f", [r["acknowledge_p50_ms"] for r in runs]),
    "acknowledgement p99, ms": (",.2f", [r["acknowledge_p99_ms"] for r in runs]),
    "bytes on disk per event": (",.1f", [s / r["events"] for s, r in zip(sizes, runs)]),
}
for name, (shape, values) in rows.items():
    print(f"{name:<30}{format(median(values), shape):>12}")
END
