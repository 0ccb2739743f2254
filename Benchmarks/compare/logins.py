"""Clients that log in for every query: how many do, beside the server itself, and what a login costs the proxies.

The client is mariadb-slap, as sysbench keeps its connections. Its clients log in once, and again before every query.
"""

import re
import subprocess

import budgets
import load

AGAINST_SERVER = 1.00
# Enough for a guess of the speed, from which the number of the logins of a round follows.
TRIAL_QUERIES = 250


def compare(setting, arguments):
    server = setting.endpoints["direct"]
    speed = turn(setting, server, arguments.threads, TRIAL_QUERIES)["rate"]
    queries = max(TRIAL_QUERIES, int(speed * arguments.seconds / arguments.threads))
    medians = load.medians_in_turns(
        setting.endpoints.values(), arguments.rounds,
        lambda endpoint: turn(setting, endpoint, arguments.threads, queries))
    print(f"\nLogins: a new connection for every query, {arguments.threads} clients, {queries} queries of each, "
          f"{arguments.rounds} rounds")
    print(f"{'':<20}{'logins/s':>10}{'/direct':>9}{'cpu µs/login':>14}{'user':>8}{'sys':>8}{'/haproxy':>10}")
    for name, figures in medians.items():
        row = f"{name:<20}{figures['rate']:>10.0f}{figures['rate'] / medians['direct']['rate']:>9.2f}"
        if name != "direct":
            row += f"{figures['cpu']:>14.1f}{figures['user']:>8.1f}{figures['system']:>8.1f}"
            row += f"{load.ratio(figures, medians['haproxy']):>10.2f}"
        print(row)
    print_budget(medians)


def print_budget(medians):
    share = medians["switchyard primary"]["rate"] / medians["direct"]["rate"]
    print(f"\nswitchyard primary's logins: {share:.2f} of the server's own, at least {AGAINST_SERVER:.2f} wanted: "
          f"{budgets.at_least(AGAINST_SERVER, share, 2)}", flush=True)


def turn(setting, endpoint, clients, queries):
    """One run: logins per second, CPU of the endpoint's process in µs per login."""
    before = endpoint.cpu_seconds()
    seconds = slap(setting, endpoint.port, clients, queries)
    after = endpoint.cpu_seconds()
    logins = clients * (1 + queries)
    return {
        "rate": logins / seconds,
        "user": (after[0] - before[0]) / logins * 1e6,
        "system": (after[1] - before[1]) / logins * 1e6,
    }


def slap(setting, port, clients, queries):
    """Runs so many queries with each of the clients; how many seconds it took."""
    command = [
        "mariadb-slap", "--no-defaults", "--protocol=tcp", "--skip-ssl", "-h127.0.0.1", f"-P{port}",
        f"-u{setting.app['user']}", f"-p{setting.app['password']}", "--create-schema=sbtest", "--no-drop",
        f"--concurrency={clients}", f"--number-of-queries={clients * queries}", "--detach=1",
        "--query=SELECT c FROM sbtest1 WHERE id = 1"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=setting.folder)
    time = re.search(r"Average number of seconds to run all queries: ([\d.]+)", run.stdout)
    # It goes on without the clients that failed, says so, and tells of success.
    if run.returncode or run.stderr or not time:
        raise SystemExit(f"failed: {' '.join(command)}\n{run.stdout[-1500:]}\n{run.stderr[-1500:]}\n"
                         f"{setting.log('switchyard')}")
    return float(time.group(1))
