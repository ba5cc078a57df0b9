# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034  # The lists are used by the scripts that source this.
# The Debian 12 packages Vigie needs, and the one way to install them. Sourced by quickstart.sh,
# tests/run.sh and tests/benchmark/run.sh; the only list of packages in the tree besides the Debian
# package's own.

vigie_build_packages=(
  ca-certificates git tzdata
  cmake ninja-build g++ ccache mold pkg-config
  libgrpc++-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev
  librocksdb-dev prometheus-cpp-dev libabsl-dev libyaml-cpp-dev libssl-dev libxxhash-dev libre2-dev
  libzstd-dev
  libjemalloc-dev libisal-dev
  libboost1.81-dev libboost-program-options1.81-dev
)

vigie_test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev
  prometheus python3 curl nodejs npm clang-format shellcheck
  clang clang-tidy libclang-rt-14-dev
  xfsprogs e2fsprogs strace
)

# For tests/benchmark/run.sh alone: the peer it compares with.
vigie_bench_packages=(postgresql-15 postgresql-client-15 libpq-dev)

# Prints those of its arguments that are not installed, one a line. Node.js is often installed from
# elsewhere than Debian, and then brings npm along: for these two the commands count.
vigie_missing_packages() {
  local package installed
  installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null |
    sed -n 's/^ii *//p' | sort -u)
  for package in "$@"; do
    case $package in
      nodejs) command -v node >/dev/null && continue ;;
      npm) command -v npm >/dev/null && continue ;;
    esac
    grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
  done
}

# Installs its arguments where missing; does nothing, and needs no right, when nothing is missing.
# Debian starts what it installs (here prometheus): policy-rc.d forbids that for the duration.
vigie_install_packages() {
  local missing as_root=()
  mapfile -t missing < <(vigie_missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]}; this script installs them on Debian 12 only, elsewhere install" \
      "what corresponds to them" >&2
    return 1
  fi
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "missing: ${missing[*]}; run this as root, or install sudo, or run first:" \
        "apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing: ${missing[*]}"
  # shellcheck disable=SC2016  # The inner shell expands, as root.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -euc '
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
      trap "rm -f $policy" EXIT
      printf "#!/bin/sh\nexit 101\n" >"$policy"
      chmod 755 "$policy"
    fi
    apt-get -qq update
    apt-get -q -o Dpkg::Use-Pty=0 install --yes --no-install-recommends "$@"
  ' vigie-packages "${missing[@]}" </dev/null
}
