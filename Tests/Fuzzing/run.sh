#!/usr/bin/env bash
# Runs the fuzz targets under libFuzzer, guided by coverage, and prints executions and time of each.
#
# usage: Tests/Fuzzing/run.sh [SECONDS for each target, default 60] [TARGET…]
#
# An input that fails stays in .build/fuzzing/failures; put it into Tests/Fuzzing/Corpus/TARGET, where the ordinary tests
# run it from then on. What was learnt stays in .build/fuzzing/learnt.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-60}
shift || true

SWITCHYARD_FUZZING=1 SWITCHYARD_PROFILE=off swift build -c release --sanitize fuzzer --scratch-path .build/fuzzing/build \
    -Xswiftc -enable-testing --product Fuzzing >/dev/null
program=.build/fuzzing/build/release/Fuzzing
SWITCHYARD_FUZZ_SEEDS=.build/fuzzing/seeds "$program" >.build/fuzzing/targets

# Swift's own report of a crash ends the process before libFuzzer has saved the input.
export SWIFT_BACKTRACE=enable=no

failed=0
passed=0
while read -r target; do
    if [ $# -gt 0 ] && [[ " $* " != *" $target "* ]]; then continue; fi
    mkdir -p ".build/fuzzing/learnt/$target" ".build/fuzzing/failures" "Tests/Fuzzing/Corpus/$target"
    log=.build/fuzzing/$target.log
    if SWITCHYARD_FUZZ_TARGET=$target "$program" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix=".build/fuzzing/failures/$target-" \
        ".build/fuzzing/learnt/$target" ".build/fuzzing/seeds/$target" "Tests/Fuzzing/Corpus/$target" 2>"$log"; then
        passed=$((passed + 1))
        verdict=ok
    else
        failed=$((failed + 1))
        verdict="FAILED, see $log"
    fi
    rmdir --ignore-fail-on-non-empty "Tests/Fuzzing/Corpus/$target"
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1)
    printf '%-18s %12s executions in %s s, %s: %s\n' "$target" "${executions:-?}" "$seconds" "${edges:-cov: ?}" "$verdict"
done <.build/fuzzing/targets
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
