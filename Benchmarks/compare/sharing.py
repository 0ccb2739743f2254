"""Many clients on few server connections."""

import subprocess

import budgets
import load
from setting import raise_descriptor_limit

CLIENTS, CONNECTIONS = 2_000, 20
SETTING = {
    "limits": f"server_connections_per_node: {CONNECTIONS}, waiting_clients: {2 * CLIENTS}, wait_timeout: 60s",
}
INJECTED_PER_QUERY = 0.05
# With so many clients a transaction takes seconds; a round of a few of them is over before all clients have had a turn.
STEADY_SECONDS = 20
FIGURES = ["injected_statements_total", "connections_passed_total", "connections_reset_total", "proxy_errors_total"]


def metrics(setting):
    """The cluster's totals, of Switchyard's console."""
    command = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{setting.console}", "-uadmin", "-padmin", "-NBe",
               "SELECT name, value FROM metrics WHERE cluster IS NOT NULL"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name: int(value) for name, value in (line.split("\t") for line in lines)}


def compare(setting, arguments):
    """oltp_read_write: direct and behind HAProxy every client has a server thread, behind Switchyard they share."""
    raise_descriptor_limit()
    seconds = max(arguments.seconds, STEADY_SECONDS)
    print(f"\n{CLIENTS} clients, oltp_read_write, ps disable, {seconds} s; Switchyard with {CONNECTIONS} connections "
          "to each node")
    print(f"{'':<20}{'qps':>9}{'avg ms':>9}{'p95 ms':>9}{'errors':>8}{'injected/q':>12}{'passed':>9}"
          f"{'inj./passed':>13}{'reset':>8}")
    for name in ["direct", "haproxy", "switchyard primary", "switchyard split"]:
        endpoint = setting.endpoints[name]
        # The first round opens the connections: what is counted is the steady state.
        load.turn(setting, endpoint, "oltp_read_write", CLIENTS, "disable", seconds)
        before = metrics(setting)
        figures = load.turn(setting, endpoint, "oltp_read_write", CLIENTS, "disable", seconds)
        grown = {key: value - before[key] for key, value in metrics(setting).items() if key in FIGURES}
        row = f"{name:<20}{figures['qps']:>9.0f}{figures['avg']:>9.0f}{figures['p95']:>9.0f}"
        if not name.startswith("switchyard"):
            print(row + f"{figures['errors']:>8.0f}", flush=True)
            continue
        injected = grown["injected_statements_total"] / figures["queries"]
        for_each_passed = grown["injected_statements_total"] / max(1, grown["connections_passed_total"])
        print(row + f"{figures['errors'] + grown['proxy_errors_total']:>8.0f}{injected:>12.3f}"
              f"{grown['connections_passed_total']:>9}{for_each_passed:>13.2f}{grown['connections_reset_total']:>8}   "
              f"{budgets.at_most(INJECTED_PER_QUERY, injected, 3)}", flush=True)
