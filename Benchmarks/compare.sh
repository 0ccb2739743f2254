#!/usr/bin/env bash
# Compares Switchyard with HAProxy in TCP mode and a bare relay in front of real servers. `--help` says how.
# Builds in release mode first; keep the machine quiet meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install-requirements.sh build servers benchmarks
for product in switchyard relay local-cluster; do
    swift build -c release --product "$product"
done
exec python3 -B Benchmarks/compare --binaries "$(swift build -c release --show-bin-path)" "$@"
