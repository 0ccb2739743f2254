#!/usr/bin/env bash
# The quickstart: a real primary with two replicas on this machine, the proxy in front, a small workload.
# Arguments go to `switchyard quickstart`: `config/quickstart.sh --seconds 20`.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install-requirements.sh build servers
exec swift run -c release switchyard quickstart "$@"
