#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs and builds what the benchmark needs, runs it and prints one table. `--quick` takes a
# minute and gives only the rates; `--help` lists the rest. `--no-build` takes build/release as it
# is. Exits 1 when a gate is missed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
build=1
options=()
for option in "$@"; do
  if [[ $option == --no-build ]]; then build=0; else options+=("$option"); fi
done
if [[ " $* " != *" --help "* ]] && ((build)); then
  # shellcheck source=deploy/packages.sh
  . deploy/packages.sh
  vigie_install_packages "${vigie_build_packages[@]}" "${vigie_test_packages[@]}" \
    "${vigie_bench_packages[@]}" >&2
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
  cmake --preset release -DVIGIE_TESTS=ON >/dev/null
  cmake --build --preset release -j "${VIGIE_JOBS:-2}" --target vigied ingest_load call_load \
    bare_probe compact_store postgres_load >&2
fi
exec python3 -B tests/benchmark/measure.py --bin build/release/bin "${options[@]}"
