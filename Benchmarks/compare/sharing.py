"""Many clients on few server connections, and clients that log in for every transaction."""

import resource
import subprocess

import load

CLIENTS, CONNECTIONS = 2_000, 20
SETTING = {
    "limits": f"server_connections_per_node: {CONNECTIONS}, waiting_clients: {2 * CLIENTS}, wait_timeout: 60s",
}
INJECTED_PER_QUERY = 0.05
FIGURES = ["injected_statements_total", "connections_passed_total", "connections_reset_total", "proxy_errors_total"]


def metrics(setting):
    """The cluster's totals, of Switchyard's console."""
    command = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{setting.console}", "-uadmin", "-padmin", "-NBe",
               "SELECT name, value FROM metrics WHERE cluster IS NOT NULL"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name: int(value) for name, value in (line.split("\t") for line in lines)}


def compare_sharing(setting, arguments):
    """oltp_read_write: direct and behind HAProxy every client has a server thread, behind Switchyard they share."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"\n{CLIENTS} clients, oltp_read_write, ps disable; Switchyard with {CONNECTIONS} connections to each node")
    print(f"{'':<20}{'qps':>9}{'avg ms':>9}{'p95 ms':>9}{'errors':>8}{'injected/q':>12}{'passed':>9}{'reset':>8}")
    for name in ["direct", "haproxy", "switchyard primary", "switchyard split"]:
        endpoint = setting.endpoints[name]
        # The first round opens the connections: what is counted is the steady state.
        load.turn(setting, endpoint, "oltp_read_write", CLIENTS, "disable", arguments.seconds)
        before = metrics(setting)
        figures = load.turn(setting, endpoint, "oltp_read_write", CLIENTS, "disable", arguments.seconds)
        grown = {key: value - before[key] for key, value in metrics(setting).items() if key in FIGURES}
        row = f"{name:<20}{figures['qps']:>9.0f}{figures['avg']:>9.0f}{figures['p95']:>9.0f}"
        if not name.startswith("switchyard"):
            print(row + f"{figures['errors']:>8.0f}", flush=True)
            continue
        injected = grown["injected_statements_total"] / figures["queries"]
        verdict = "met" if round(injected, 3) <= INJECTED_PER_QUERY else "MISSED"
        print(row + f"{figures['errors'] + grown['proxy_errors_total']:>8.0f}{injected:>12.3f}"
              f"{grown['connections_passed_total']:>9}{grown['connections_reset_total']:>8}   {verdict}", flush=True)


def compare_logins(setting, arguments):
    """One connection, login and point select after the other, from many clients at once."""
    print(f"\nLogins: a new connection for every query, {arguments.threads} clients")
    print(f"{'':<20}{'logins/s':>10}{'avg ms':>9}{'p95 ms':>9}{'cpu µs/login':>14}")
    for name in ["direct", "relay", "haproxy", "switchyard primary", "switchyard split"]:
        figures = load.turn(
            setting, setting.endpoints[name], "oltp_point_select", arguments.threads, "disable", arguments.seconds,
            "--reconnect=1")
        cpu = figures["user"] + figures["system"]
        print(f"{name:<20}{figures['qps']:>10.0f}{figures['avg']:>9.2f}{figures['p95']:>9.2f}{cpu:>14.1f}", flush=True)
