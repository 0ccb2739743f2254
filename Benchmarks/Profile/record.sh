#!/usr/bin/env bash
# Records what Switchyard runs under load, into the file that release builds are optimized by (Package.swift says how).
# Worth repeating after larger changes of the data path: what has changed since is built as without a profile.
# Takes about fifteen minutes on two cores. Compare before and after with `Benchmarks/compare.sh`.
set -euo pipefail
cd "$(dirname "$0")/../.."

.ci/install-requirements.sh build servers benchmarks
# From nothing: objects of other settings would stay as they are.
building=(-c release --scratch-path .build/profile)
rm -rf .build/profile
for product in relay local-cluster; do
    SWITCHYARD_PROFILE=off swift build "${building[@]}" --product "$product"
done
SWITCHYARD_PROFILE=record swift build "${building[@]}" --product switchyard
binaries=$(swift build "${building[@]}" --show-bin-path)

counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT

# Statements first: most of what is run is run by them. The counts of all runs add up.
for what in "--rounds 2 --seconds 2" "--quick --sharing" "--quick --tls" "--quick --logins" "--quick --memory"; do
    folder=$(mktemp -d -p "$counts")
    # shellcheck disable=SC2086 # these are options, several to a word
    LLVM_PROFILE_FILE="$folder/%p.profraw" python3 -B Benchmarks/compare --binaries "$binaries" $what
    [ -n "$(ls "$folder")" ] || { echo "compare $what recorded nothing" >&2; exit 1; }
done

# Next to the compiler: another's may write a format that this one does not read. Sparse: what never ran is left out,
# and so is built as without a profile.
compiler=$(swift -print-target-info | python3 -c 'import json, sys; print(json.load(sys.stdin)["paths"]["runtimeResourcePath"])')
"$compiler/../../bin/llvm-profdata" merge -sparse -o "$counts/merged" "$counts"/*/*.profraw
mv "$counts/merged" Benchmarks/Profile/switchyard.profdata
