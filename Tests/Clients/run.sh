#!/usr/bin/env bash
# Runs other people's clients directly and through the proxy and compares; see run.py for the arguments.
# What Debian has is installed with apt; Python's drivers go into an environment in the cache folder.
set -euo pipefail
cd "$(dirname "$0")/../.."

.ci/install-requirements.sh build servers clients
swift build --product switchyard
swift build --product local-cluster

requirements=Tests/Clients/requirements.txt
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/switchyard/clients-$(sha256sum "$requirements" | cut -c 1-12)
if [ ! -e "$cache/complete" ]; then
    rm -rf "$cache"
    /usr/bin/python3 -m venv "$cache"
    # One driver that cannot be had must not take the others with it: it is reported as missing then.
    timeout 600 "$cache/bin/pip" install --quiet --requirement "$requirements" ||
        grep -Eo '^[A-Za-z][^ ]*' "$requirements" |
        while read -r package; do timeout 180 "$cache/bin/pip" install --quiet "$package" || true; done
    touch "$cache/complete"
fi
exec "$cache/bin/python" Tests/Clients/run.py "$@"
