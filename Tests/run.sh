#!/usr/bin/env bash
# Runs all tests: installs what is missing, builds the program that the integration tests start, and tests. Then those of
# the integration tests that may depend on it again for each further kind of server, and other people's clients
# (Tests/Clients). The last line sums up: `N passed, N failed`.
# Arguments go to `swift test`, which then runs once: `Tests/run.sh --filter WireTests`. SWITCHYARD_TEST_SERVER
# (mariadb, mariadb-current, mysql) chooses the server.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install-requirements.sh build servers tests
swift build --product switchyard
# One test after the other: the integration tests start servers, and a few of those fill two processors.
if [ $# -gt 0 ]; then exec swift test --no-parallel "$@"; fi

output=$(mktemp)
# What failed, said again at the end: the middle of a long log is the part that gets lost.
faults=$(mktemp)
trap 'rm -f "$output" "$faults"' EXIT
passed=0
failed=0

# run SERVER ARGUMENT…: one run of `swift test`, and what it says of itself.
run() {
    local server=$1 status=0 failures runs tests
    shift
    echo "== the tests on $server"
    SWITCHYARD_TEST_SERVER=$server swift test --no-parallel "$@" 2>&1 | tee "$output" || status=$?
    # Swift Testing counts a test with arguments once; a suite that fails is no test.
    tests=$(sed -n 's/^.* Test run with \([0-9]*\) tests\{0,1\} .*/\1/p' "$output" | tail -n 1)
    failures=$(grep -cE '^[^[:alnum:]]+ Test (case )?.* failed after ' "$output" || true)
    runs=$(grep -cE '^[^[:alnum:]]+ Test run with .* failed after ' "$output" || true)
    failures=$((failures - runs))
    # Without that line the tests did not run to their end, which is a failure too.
    if [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then failures=1; fi
    grep -aE '^[^[:alnum:]]+ Test .*(recorded an issue| failed after )|(^|: )(Fatal error|error): ' "$output" |
        cut -c 1-600 | sed "s/^/$server: /" >>"$faults" || true
    tests=${tests:-$failures}
    if [ "$tests" -lt "$failures" ]; then tests=$failures; fi
    passed=$((passed + tests - failures))
    failed=$((failed + failures))
}

# clients SERVER ARGUMENT…: each client directly and through the proxy; one that differs is a failure.
clients() {
    local server=$1 status=0 sum
    shift
    echo "== other people's clients on $server"
    Tests/Clients/run.sh --server "$server" "$@" >"$output" 2>&1 || status=$?
    sed "s/^[0-9]* passed, [0-9]* failed\$/$server: &/" "$output"
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$output" | tail -n 1 || true)
    if [[ $sum =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        if [ "$status" -ne 0 ] && [ "${BASH_REMATCH[2]}" -eq 0 ]; then failed=$((failed + 1)); fi
    else
        failed=$((failed + 1))
        { echo "$server: no summary, status $status" && tail -n 5 "$output"; } >>"$faults"
    fi
    grep -aiE 'different|failed' "$output" | grep -v ', 0 failed$' | cut -c 1-600 | sed "s/^/$server: /" >>"$faults" || true
}

# The time of a whole run is bounded: what no server answers in its own way runs on the first one only, and on the newer
# MariaDB what its versions may answer differently. With ALL_SUITES=yes everything runs everywhere.
alike='Account|AccountHost|BoundsRegression|CarelessRead|CausalVariable|Chaos|ClientCompression|ClientMisfortune|CommandLine'
alike="$alike|Consistency|ConsoleCommand|ContinuedResult|Dashboard|DeploymentFiles|EncryptedCompression|GlobalRead"
alike="$alike|HandOver|Hint|HintsOff|History|HostileClient|HTTP|LaggingSchema|LagLimit|LargePacket|LeastLaggingReader"
alike="$alike|LentConnection|LiveSettings|MinimumIdle|MonitoringFiles|NodeFault|OtherClients|Partition|PatientRead|Pause"
alike="$alike|PreparedMisfortune|ProgressReport|ServerMisfortune|ServiceManager|Shutdown|StatusCommand"
alike="/($alike|UnboundAccount|Zone)Tests"
versions='CheckConnect|Collation|Command|CommandLine|Failover|Identity|LocalFile|Login|PreparedState|RandomProgram'
versions="/($versions|RawProtocol|ReplicationThroughProxy|ResultKind|Role|SessionState)Tests"
if [ "${ALL_SUITES:-no}" = yes ]; then alike=nothing versions=IntegrationTests; fi

run mariadb
run mysql --skip-build --filter IntegrationTests --skip "$alike"
run mariadb-current --skip-build --filter "^IntegrationTests.*$versions"
for server in mariadb mysql; do clients "$server"; done
# Those that this server is most likely to answer in another way.
clients mariadb-current --only libmariadb,php-mysqli,java,restore-all
echo
if [ "$failed" -ne 0 ]; then head -n 100 "$faults"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
