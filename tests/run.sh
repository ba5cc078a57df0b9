#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, builds, and runs every test through ctest.
set -euo pipefail

usage() {
  cat <<'END'
tests/run.sh [--preset NAME] [--sanitizers] [--full]

  --preset NAME  build and test this preset of CMakePresets.json (default dev)
  --sanitizers   then also asan (all tests) and tsan (tests labelled unit or engine)
  --full         the long form of tests that have one (VIGIE_FULL=1 for them)
  --help         this text

Environment: VIGIE_JOBS, how many compilers and tests at once (default 2); VIGIE_SANITIZERS=1, as
--sanitizers.

Exits 0 when every test passed and none that needs ../shared was skipped although it is there.
The last line is ctest's closing line.
END
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=dev
jobs=${VIGIE_JOBS:-2}
sanitizers=${VIGIE_SANITIZERS:-0}

while (($#)); do
  case $1 in
    --preset) preset=${2:?--preset: want the name of a preset} && shift ;;
    --sanitizers) sanitizers=1 ;;
    --full) export VIGIE_FULL=1 ;;
    --help) usage && exit 0 ;;
    *) echo "run.sh: unknown option $1" >&2 && usage >&2 && exit 2 ;;
  esac
  shift
done

# Precompiled headers are cached only under these.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
export PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:ignore_noninstrumented_modules=1}

say() { printf '\n== %s (%d s since start)\n' "$1" "$SECONDS"; }

# build NAME: configures and builds a preset. Under tsan only the tests that run there, where the
# tree names them by a target tsan_tests.
build() {
  local name=$1 target=()
  say "build $name"
  cmake --preset "$name" -DVIGIE_TESTS=ON
  if [[ $name == tsan ]] && ninja -C "build/$name" -t query tsan_tests &>/dev/null; then
    target=(--target tsan_tests)
  fi
  cmake --build --preset "$name" -j "$jobs" "${target[@]}"
}

# run_tests NAME [ctest argument...]: prints the skipped tests and, last, ctest's closing line.
run_tests() {
  local out=$root/build/$1 failed=0 closing=
  say "test $1"
  shift
  rm -f "$out/junit.xml"
  ctest --test-dir "$out" -j "$jobs" --output-on-failure --no-tests=error "$@" \
    --test-output-size-passed 1000000 --output-junit "$out/junit.xml" 2>&1 |
    tee "$out/ctest.log" || failed=$?
  if [[ -s $out/junit.xml ]]; then
    ctest --test-dir "$out" "$@" --show-only=json-v1 >"$out/tests.json"
    python3 tests/lint/skipped.py "$out/junit.xml" "$out/tests.json" ../shared || failed=1
  fi
  closing=$(grep -E '^[0-9]+% tests passed' "$out/ctest.log") || failed=1
  printf '%s\n' "${closing:-ctest ran no test}"
  return "$failed"
}

# shellcheck source=deploy/packages.sh
. "$root/deploy/packages.sh"
vigie_install_packages "${vigie_build_packages[@]}" "${vigie_test_packages[@]}"
cd "$root"

# `set -e` does not reach into a function called in a condition: plain calls only.
build "$preset"
run_tests "$preset"
if ((sanitizers)); then
  build asan
  run_tests asan
  build tsan
  run_tests tsan --label-regex '^(unit|engine)$'
fi
