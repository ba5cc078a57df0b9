#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to a running Vigie that a simulated hospital feeds.
set -Eeuo pipefail

usage() {
  cat <<'END'
deploy/quickstart.sh [--once] [--data-dir DIR [--fresh]] [--decisions N]

Installs the Debian packages that are missing, builds vigied and vigie, starts vigied on this
machine only, streams a simulated hospital through gRPC, prints what Vigie finds, and keeps running
until Ctrl-C.

  --once          stop after the summary
  --data-dir DIR  keep the store in DIR (default: a temporary directory, removed at the end)
  --fresh         empty DIR first; only a DIR that quickstart.sh made
  --decisions N   decisions to simulate (default 6000)
  --help          this text

Environment: VIGIE_JOBS, how many compilers at once.
END
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$root/build/release/bin
once=0 fresh=0 data_dir='' decisions=6000
daemon='' work='' step='reading the options' step_started=0

fail() {
  echo "quickstart: $*" >&2
  exit 1
}

while (($#)); do
  case $1 in
    --once) once=1 ;;
    --fresh) fresh=1 ;;
    --data-dir) data_dir=$(realpath -m -- "${2:?--data-dir: want a directory}") && shift ;;
    --decisions) decisions=${2:?--decisions: want a number} && shift ;;
    --help) usage && exit 0 ;;
    *) echo "quickstart: unknown option $1" >&2 && usage >&2 && exit 2 ;;
  esac
  shift
done
[[ $decisions =~ ^[1-9][0-9]*$ ]] || fail "--decisions: got $decisions, want a number from 1"
((!fresh)) || [[ -n $data_dir ]] || fail "--fresh goes with --data-dir; without it all is fresh"

begin() {
  step=$1 step_started=$SECONDS
  printf '\n== %s\n' "$step"
}

done_step() { printf -- '-- %s: %d s\n' "$step" "$((SECONDS - step_started))"; }

# Stops the daemon by its own id and waits for it; its last log line says what was recorded.
stop_daemon() {
  [[ -n $daemon ]] || return 0
  local id=$daemon code=0
  daemon=''
  kill -TERM "$id" 2>/dev/null || true
  wait "$id" || code=$?
  tail -n 1 "$work/vigied.log" >&2
  ((code == 0)) || echo "quickstart: vigied ended with exit code $code" >&2
  return "$code"
}

clean_up() {
  local code=$?
  trap - EXIT ERR INT TERM
  stop_daemon || code=1
  if ((code != 0)) && [[ -s $work/vigied.log ]]; then
    echo "quickstart: last lines of vigied:" >&2
    tail -n 20 "$work/vigied.log" >&2
  fi
  [[ -z $work ]] || rm -rf -- "$work"
  exit "$code"
}

trap 'echo "quickstart: failed while: $step" >&2' ERR
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# One compiler for each processor and each 2 GB of memory.
job_count() {
  local memory
  memory=$(awk '/^MemTotal:/ {print int($2 / 2000000)}' /proc/meminfo)
  local count
  count=$(nproc)
  ((memory >= count)) || count=$memory
  echo "$((count > 0 ? count : 1))"
}

install_packages() {
  begin 'install packages'
  # shellcheck source=deploy/packages.sh
  . "$root/deploy/packages.sh"
  vigie_install_packages "${vigie_build_packages[@]}"
  done_step
}

build() {
  begin 'build vigied and vigie'
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
  cd "$root"
  cmake --preset release -DVIGIE_TESTS=OFF >"$work/cmake.log" 2>&1 || {
    cat "$work/cmake.log" >&2
    return 1
  }
  cmake --build --preset release --target vigied vigie -j "${VIGIE_JOBS:-$(job_count)}"
  done_step
}

# is_free PORT: nobody listens on it.
is_free() { ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# address PORT: this port of this machine where it is free, else one that is.
address() {
  if is_free "$1"; then echo "127.0.0.1:$1"; else echo 127.0.0.1:0; fi
}

prepare_data_dir() {
  local mark=$data_dir/.vigie-quickstart
  if [[ -z $data_dir ]]; then
    data_dir=$work/data
    mkdir -- "$data_dir"
    return 0
  fi
  if ((fresh)) && [[ -e $data_dir ]]; then
    [[ -e $mark ]] || fail "--fresh: $data_dir was not made by quickstart.sh; remove it yourself"
    rm -rf -- "$data_dir"
  fi
  if [[ ! -e $data_dir ]]; then
    mkdir -p -- "$data_dir"
    touch -- "$mark"
  fi
}

start_daemon() {
  begin 'start vigied'
  "$bin/vigied" --config "$root/config/vigied.yaml" --data-dir "$data_dir/store" \
    --grpc-listen "$(address 7443)" --http-listen "$(address 9464)" \
    --ports-file "$work/ports.json" </dev/null 2>"$work/vigied.log" &
  daemon=$!
  local tries
  for ((tries = 0; tries < 1200; tries++)); do
    [[ ! -s $work/ports.json ]] || break
    kill -0 "$daemon" 2>/dev/null || fail "vigied did not start"
    sleep 0.05
  done
  grpc=127.0.0.1:$(sed -n 's/.*"grpc": *\([0-9]*\).*/\1/p' "$work/ports.json")
  http=127.0.0.1:$(sed -n 's/.*"http": *\([0-9]*\).*/\1/p' "$work/ports.json")
  [[ $grpc == *:[0-9]* && $http == *:[0-9]* ]] || fail "no ports from vigied within 60 s"
  echo "vigied runs as process $daemon, store in $data_dir/store"
  done_step
}

feed() {
  begin "stream a simulated hospital ($decisions decisions)"
  "$bin/vigie" --server "$grpc" --progress simulate --seed 7 --decisions "$decisions"
  done_step
}

show() {
  begin 'what Vigie finds'
  "$bin/vigie" --server "$grpc" scopes
  echo
  "$bin/vigie" --server "$grpc" summary
  done_step
}

show_addresses() {
  cat <<END

Look at
  metrics     http://$http/metrics, with /healthz and /readyz beside it
  gRPC        $grpc, for example: $bin/vigie --server $grpc watch
  Prometheus  prometheus --config.file=$root/deploy/prometheus/prometheus.yml \\
                --storage.tsdb.path=/tmp/vigie-prometheus
  Grafana     import $root/dashboards/grafana/oversight.json,
              or provision it from $root/deploy/grafana/provisioning
END
  [[ $http == *:9464 ]] || echo "  (port 9464 was taken: change it in prometheus.yml to $http)"
}

work=$(mktemp -d -t vigie-quickstart.XXXXXX)
prepare_data_dir
install_packages
build
start_daemon
feed
show
show_addresses
printf '\nReady after %d s.\n' "$SECONDS"
if ((!once)); then
  step='running'
  echo 'Press Ctrl-C to stop.'
  code=0
  trap 'stop_daemon; exit' INT TERM
  wait "$daemon" || code=$?
  daemon=''
  fail "vigied ended by itself with exit code $code"
fi
