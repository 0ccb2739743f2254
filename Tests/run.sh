#!/usr/bin/env bash
# Runs all tests: installs what is missing, builds the program that the integration tests start, and tests.
# Arguments go to `swift test`: `Tests/run.sh --filter WireTests`.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install-requirements.sh build servers tests
swift build --product switchyard
# One test after the other: the integration tests start servers, and a few of those fill two processors.
exec swift test --no-parallel "$@"
