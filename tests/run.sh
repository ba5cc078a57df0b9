#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, and runs every stage of the tests.
# shellcheck disable=SC2317  # Stages are called by their names.
set -euo pipefail

usage() {
  cat <<'END'
tests/run.sh [--preset NAME] [--only STAGE]... [--full]

Stages, in this order:
  dev    every test through ctest; --preset names another preset of CMakePresets.json for it
  fuzz   tests of every room and of the daemon's doors, simulated lives, and each target of
         tests/fuzz for VIGIE_FUZZ_SECONDS, under address and undefined
  asan   with --full only: every test under address and undefined
  tsan   tests of the engine under the thread sanitizer
  lint   clang-tidy and clang's thread safety analysis over server/ and client/

  --preset NAME  another preset for the stage dev, for example release
  --only STAGE   only this stage, may be given more than once
  --full         the stage asan too, and the long form of tests that have one (VIGIE_FULL=1)
  --help         this text

Environment: VIGIE_JOBS, how many compilers and tests at once (default 2); VIGIE_FUZZ_SECONDS, how
long each target is fuzzed (default 60).

Exits 0 when every stage passed and no test that needs ../shared was skipped although it is there.
The last lines are the seconds of each stage, the tests skipped, and ctest's closing lines, that of
the stage dev last; and then, if some failed, what those tests said last, and the stages.
END
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=dev
jobs=${VIGIE_JOBS:-2}
only=() rows=() tested=() broken=() full=0

while (($#)); do
  case $1 in
    --preset) preset=${2:?--preset: want the name of a preset} && shift ;;
    --only) only+=("${2:?--only: want the name of a stage}") && shift ;;
    --full) full=1 && export VIGIE_FULL=1 ;;
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

# build NAME [cmake argument...]: configures and builds a preset.
build() {
  local name=$1
  shift
  say "build $name"
  cmake --preset "$name" -DVIGIE_TESTS=ON
  cmake --build --preset "$name" -j "$jobs" "$@"
}

# run_tests NAME [ctest argument...]: prints the line about skipped tests and ctest's closing line,
# and keeps both in the file `closing` of the build directory, what failed tests said in `failed`.
run_tests() {
  local out=$root/build/$1 failed=0 closing=
  say "test $1"
  shift
  rm -f "$out/junit.xml" "$out/closing" "$out/failed"
  ctest --test-dir "$out" -j "$jobs" --output-on-failure --no-tests=error "$@" \
    --test-output-size-passed 1000000 --output-junit "$out/junit.xml" 2>&1 |
    tee "$out/ctest.log" || failed=$?
  if [[ -s $out/junit.xml ]]; then
    ctest --test-dir "$out" "$@" --show-only=json-v1 >"$out/tests.json"
    python3 tests/lint/skipped.py "$out/junit.xml" "$out/tests.json" ../shared |
      tee "$out/closing" || failed=1
    python3 tests/lint/failed.py "$out/junit.xml" >"$out/failed"
  fi
  closing=$(grep -E '^[0-9]+% tests passed' "$out/ctest.log") || failed=1
  printf '%s\n' "${closing:-ctest ran no test}" | tee -a "$out/closing"
  return "$failed"
}

lint_stage() {
  say "lint"
  cmake --preset lint
  cmake --build --preset lint -j "$jobs"
  python3 tests/lint/analyse.py build/lint --jobs "$jobs"
}

dev_stage() {
  build "$preset"
  run_tests "$preset"
}

tsan_stage() {
  build tsan --target engine_test durability_test hammered_engine_test
  # What has no second thread, or waits for a disk that fails, is only slow here.
  run_tests tsan --label-regex '^engine$' --exclude-regex 'EveryStep|Damaged|Power|Scrub|Disk'
}

fuzz_stage() {
  build fuzz
  # Failing disks and lost power take minutes here, and a feed may end before the backup that is
  # made beside it; the stage dev has them.
  run_tests fuzz --exclude-regex 'EveryStep|HalfWrites|Power|Kept.Backup'
  grep -oE 'fuzz [a-z]+: [0-9]+ inputs[^<]*' build/fuzz/junit.xml
}

asan_stage() {
  build asan
  run_tests asan
}

# stage NAME PRESET: runs a stage to its end whatever comes of it, and notes how long it took.
stage() {
  local name=$1 started=$SECONDS status=0
  rm -f "build/$2/closing" "build/$2/failed"
  # `set -e` does not reach into a function called in a condition: plain calls only.
  set +e
  (
    set -e
    "${name}_stage"
  )
  status=$?
  set -e
  if [[ -s build/$2/closing ]]; then
    if [[ $name == dev ]]; then tested=("${tested[@]}" "$2"); else tested=("$2" "${tested[@]}"); fi
  fi
  if ((status == 0)); then
    rows+=("$(printf '%-6s %6d  passed' "$name" $((SECONDS - started)))")
  else
    rows+=("$(printf '%-6s %6d  FAILED' "$name" $((SECONDS - started)))")
    broken+=("$name")
  fi
}

# shellcheck source=deploy/packages.sh
. "$root/deploy/packages.sh"
vigie_install_packages "${vigie_build_packages[@]}" "${vigie_test_packages[@]}"
cd "$root"

stages=(dev fuzz tsan lint)
if ((full)); then stages=(dev fuzz asan tsan lint); fi
if ((${#only[@]})); then stages=("${only[@]}"); fi
for name in "${stages[@]}"; do
  declare -F "${name}_stage" >/dev/null || {
    echo "run.sh: no stage $name" >&2 && usage >&2 && exit 2
  }
done
for name in "${stages[@]}"; do
  case $name in
    dev) stage dev "$preset" ;;
    *) stage "$name" "$name" ;;
  esac
done

say "stages"
printf 'stage  seconds  result\n'
printf '%s\n' "${rows[@]}"
for name in "${tested[@]}"; do
  printf '\n%s: ' "$name"
  cat "build/$name/closing"
done
for name in "${tested[@]}"; do
  if [[ -s build/$name/failed ]]; then
    printf '\n'
    cat "build/$name/failed"
  fi
done
if ((${#broken[@]})); then
  printf '\nfailed: %s\n' "${broken[*]}"
  exit 1
fi
