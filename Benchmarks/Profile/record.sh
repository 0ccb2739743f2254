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

# Next to the compiler: another's may write a format that this one does not read.
compiler=$(swift -print-target-info | python3 -c 'import json, sys; print(json.load(sys.stdin)["paths"]["runtimeResourcePath"])')
profdata="$compiler/../../bin/llvm-profdata"

# A helper that every module has is counted once for each module: several times as much as all the rest.
helper=instantiateConcreteTypeFromMangledName
nm "$binaries/switchyard" | grep "$helper" > /dev/null || { echo "no function is called $helper any more" >&2; exit 1; }

# What is run how much, in percent of all counts: most of what runs is statements. By themselves, the runs count very
# differently, and what few clients do counts for nothing beside the rest.
record() {
    local share=$1
    shift
    local folder
    folder=$(mktemp -d -p "$counts")
    LLVM_PROFILE_FILE="$folder/%p.profraw" python3 -B Benchmarks/compare --binaries "$binaries" "$@"
    [ -n "$(ls "$folder")" ] || { echo "compare $* recorded nothing" >&2; exit 1; }
    "$profdata" merge --no-function="$helper" -o "$folder.profdata" "$folder"/*.profraw
    local total
    total=$("$profdata" show --detailed-summary "$folder.profdata" | sed -n 's/^Total count: //p')
    echo "$share $total $folder.profdata" >> "$counts/runs"
}
record 60 --rounds 2 --seconds 2
record 15 --quick --sharing
record 10 --quick --tls
record 10 --quick --logins
record 5 --quick --memory

# Weights are whole numbers: that of the run that counts most for its share is 10.
mapfile -t weighted < <(awk '
    { file[NR] = $3; each[NR] = $1 / $2; if (least == 0 || each[NR] < least) least = each[NR] }
    END { for (run = 1; run <= NR; run++) printf "--weighted-input=%d,%s\n", 10 * each[run] / least + 0.5, file[run] }
' "$counts/runs")
# Sparse: what never ran is left out, and so is built as without a profile.
"$profdata" merge -sparse -o "$counts/merged" "${weighted[@]}"
mv "$counts/merged" Benchmarks/Profile/switchyard.profdata
