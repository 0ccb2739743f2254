"""sysbench through every endpoint in turns, and the table of medians."""

import re
import statistics
import subprocess
import sys

TABLES, TABLE_SIZE = 2, 20_000
WRITING = {"oltp_read_write"}
WORKLOADS = {
    "oltp_point_select": [],
    "oltp_read_only": [],
    # Without transactions around them, so that a split may spread the reads.
    "oltp_read_only, no transactions": ["--skip-trx=on"],
    "oltp_read_write": [],
}


def sysbench(setting, port, workload, threads, *options):
    command = [
        "sysbench", workload.split(",")[0], "--mysql-host=127.0.0.1", f"--mysql-port={port}",
        f"--mysql-user={setting.app['user']}", f"--mysql-password={setting.app['password']}", f"--tables={TABLES}",
        f"--table-size={TABLE_SIZE}", f"--threads={threads}", *WORKLOADS[workload], *options]
    run = subprocess.run(command, capture_output=True, text=True, cwd=setting.folder)
    if run.returncode:
        raise SystemExit(f"failed: {' '.join(command)}\n{run.stdout[-1500:]}\n{run.stderr[-1500:]}\n"
                         f"{setting.log('switchyard')}")
    return run.stdout


def prepare(setting):
    sysbench(setting, setting.primary["port"], "oltp_point_select", 1, "prepare")
    setting.wait_until_replicated()


def turn(setting, endpoint, workload, threads, ps, seconds):
    """One run: queries per second, latencies in ms, CPU of the endpoint's process in µs per query."""
    before = endpoint.cpu_seconds()
    options = [f"--time={seconds}", f"--db-ps-mode={ps}"] + (["--mysql-ssl=on"] if endpoint.speaks_tls else [])
    output = sysbench(setting, endpoint.port, workload, threads, *options, "run")
    after = endpoint.cpu_seconds()

    def figure(pattern):
        return float(re.search(pattern, output).group(1))

    queries = figure(r"total:\s+(\d+)")
    return {
        "qps": figure(r"queries:\s+\d+\s+\(([\d.]+)"),
        "avg": figure(r"avg:\s+([\d.]+)"),
        "p95": figure(r"95th percentile:\s+([\d.]+)"),
        "user": (after[0] - before[0]) / queries * 1e6,
        "system": (after[1] - before[1]) / queries * 1e6,
        "queries": queries,
        "errors": figure(r"ignored errors:\s+(\d+)"),
    }


def measure(setting, workload, ps, threads, rounds, seconds):
    """Medians by endpoint of one workload."""
    def run(endpoint):
        figures = turn(setting, endpoint, workload, threads, ps, seconds)
        if workload in WRITING:
            setting.wait_until_replicated()
        return figures

    return medians_in_turns(setting.endpoints.values(), rounds, run)


def medians_in_turns(endpoints, rounds, run):
    """Medians by endpoint of what `run` finds there, "cpu" being "user" and "system" together.

    The order changes from round to round, so that nobody always follows the same neighbour.
    """
    endpoints = list(endpoints)
    runs = {endpoint.name: [] for endpoint in endpoints}
    for number in range(rounds):
        first = number % len(endpoints)
        for endpoint in endpoints[first:] + endpoints[:first]:
            runs[endpoint.name].append(run(endpoint))
    medians = {
        name: {key: statistics.median(run[key] for run in turns) for key in turns[0]} for name, turns in runs.items()}
    for figures in medians.values():
        figures["cpu"] = figures["user"] + figures["system"]
    return medians


def compare(setting, workload, ps, threads, rounds, seconds):
    """The same, printed."""
    medians = measure(setting, workload, ps, threads, rounds, seconds)
    print_table(f"{workload}, ps {ps}, {threads} threads, {rounds} rounds of {seconds} s", medians)
    return medians


def print_table(title, medians):
    print(f"\n{title}")
    print(f"{'':<20}{'qps':>9}{'avg ms':>9}{'p95 ms':>9}{'cpu µs/q':>10}{'user':>7}{'sys':>7}"
          f"{'/relay':>8}{'/haproxy':>9}{'errors':>8}")
    for name, figures in medians.items():
        row = f"{name:<20}{figures['qps']:>9.0f}{figures['avg']:>9.2f}{figures['p95']:>9.2f}"
        if name == "direct":
            row += f"{'-':>10}{'-':>7}{'-':>7}{'-':>8}{'-':>9}"
        else:
            row += f"{figures['cpu']:>10.2f}{figures['user']:>7.2f}{figures['system']:>7.2f}"
            row += f"{ratio(figures, medians['relay']):>8.2f}{ratio(figures, medians['haproxy']):>9.2f}"
        print(row + f"{figures['errors']:>8.0f}")
    sys.stdout.flush()


def ratio(figures, base):
    return figures["cpu"] / base["cpu"] if base["cpu"] else float("nan")
