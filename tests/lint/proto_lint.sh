#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lints the protos by buf's rules STANDARD and COMMENTS (buf.yaml). buf comes from npm, in one fixed
# version, into the directory given; a second run needs no network.
#
# proto_lint.sh DIRECTORY
set -euo pipefail

version=1.75.0
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=$1/buf-$version
buf=$tools/node_modules/.bin/buf

if [[ ! -x $buf ]] || [[ $("$buf" --version 2>/dev/null) != "$version" ]]; then
  mkdir -p "$tools"
  if ! npm install --no-save --no-audit --no-fund --loglevel=error --prefix "$tools" \
    "@bufbuild/buf@$version" >"$tools/npm.log" 2>&1; then
    cat "$tools/npm.log" >&2
    echo "proto_lint: npm could not install @bufbuild/buf@$version; it needs the npm registry" >&2
    exit 1
  fi
fi

cd "$root"
"$buf" lint
echo "$(find proto -name '*.proto' | wc -l) protos follow STANDARD and COMMENTS of buf $version"
