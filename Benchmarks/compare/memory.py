"""Resident memory of the proxies: a client that hardly reads a large result, and thousands of idle clients."""

import time

import budgets
import load
from mysqlclient import Client
from setting import raise_descriptor_limit

# Each row is sysbench's 119-character column c, 8,000 times.
ROW_BYTES = 119 * 8_000
LARGE_RESULT_BYTES = 400_000_000
LARGE_RESULT = f"SELECT REPEAT(c, 8000) FROM sbtest1 LIMIT {LARGE_RESULT_BYTES // ROW_BYTES}"
SLOW_SECONDS = 8
SLOW_PIECE = 64 * 1024
CLIENT_BUFFER = 64 * 1024
# Behind the TCP proxies every idle client holds a server thread, so that there are fewer of them.
IDLE_CLIENTS = {"relay": 1_000, "haproxy": 1_000, "switchyard split": 5_000}
# So many of them run a query, and may hold on to server connections afterwards.
ACTIVE_CLIENTS = 900
# The clock of a process ticks every 10 ms: a round must take many of them.
FAST_READS = 3
PROXIES = ["relay", "haproxy", "switchyard primary", "switchyard split"]
GROWTH_KILOBYTES, CPU_AGAINST_HAPROXY, IDLE_KILOBYTES = 2_048, 1.00, 4.0


def connect(setting, endpoint, **options):
    return Client(endpoint.port, setting.app["user"], setting.app["password"], "sbtest", **options)


def slow_read_growth(setting, endpoint):
    """Peak growth in KB while a slow client drains."""
    slow = connect(setting, endpoint, receive_buffer=CLIENT_BUFFER)
    idle = endpoint.resident_kilobytes()
    slow.send_query(LARGE_RESULT)
    peak = idle
    received = 0
    end = time.monotonic() + SLOW_SECONDS
    while time.monotonic() < end:
        received += len(slow.socket.recv(SLOW_PIECE))
        peak = max(peak, endpoint.resident_kilobytes())
        time.sleep(0.01)
    peak = max(peak, drain(slow, LARGE_RESULT_BYTES * 0.99 - received, endpoint))
    slow.close()
    return peak - idle


def fast_reads(setting, endpoint):
    """CPU in ms per MB."""
    before = endpoint.cpu_seconds()
    for _ in range(FAST_READS):
        fast = connect(setting, endpoint)
        fast.send_query(LARGE_RESULT)
        drain(fast, LARGE_RESULT_BYTES * 0.99)
        fast.close()
    after = endpoint.cpu_seconds()
    megabytes = FAST_READS * LARGE_RESULT_BYTES / 1e6
    return {
        "user": (after[0] - before[0]) * 1e3 / megabytes,
        "system": (after[1] - before[1]) * 1e3 / megabytes,
    }


def drain(client, count, endpoint=None):
    """Reads `count` bytes as fast as it can; the endpoint's peak meanwhile."""
    buffer = bytearray(1 << 20)
    peak = 0
    while count > 0:
        received = client.socket.recv_into(buffer)
        if not received:
            raise SystemExit(f"the large result ended {count:.0f} bytes early")
        count -= received
        if endpoint:
            peak = max(peak, endpoint.resident_kilobytes())
    return peak


def idle_clients(setting, endpoint, number):
    """KB per client that has only logged in, and what one query adds to each that runs one."""
    before = endpoint.resident_kilobytes()
    clients = [connect(setting, endpoint) for _ in range(number)]
    logged_in = endpoint.resident_kilobytes()
    for client in clients[:ACTIVE_CLIENTS]:
        client.query_is_answered("SELECT 1")
    queried = endpoint.resident_kilobytes()
    for client in clients:
        client.close()
    time.sleep(1)
    return (logged_in - before) / number, (queried - logged_in) / ACTIVE_CLIENTS


def compare_large_results(setting, arguments):
    endpoints = [setting.endpoints[name] for name in PROXIES]
    print(f"\nA result of {LARGE_RESULT_BYTES // 10**6} MB: growth while the client reads 64 KiB every 10 ms for "
          f"{SLOW_SECONDS} s and then the rest; CPU of fast reads, {arguments.rounds} rounds")
    print(f"{'':<20}{'growth KB':>12}{'cpu ms/MB':>12}")
    growth = {endpoint.name: slow_read_growth(setting, endpoint) for endpoint in endpoints}
    medians = load.medians_in_turns(endpoints, arguments.rounds, lambda endpoint: fast_reads(setting, endpoint))
    for name, figures in medians.items():
        print(f"{name:<20}{growth[name]:>12}{figures['cpu']:>12.3f}")
    print_budgets_of_large_results(growth, medians)


def print_budgets_of_large_results(growth, medians):
    print(f"\nBudgets: growth at most {GROWTH_KILOBYTES} KB, CPU at most {CPU_AGAINST_HAPROXY:.2f} of HAProxy's")
    for name in ["switchyard primary", "switchyard split"]:
        cpu = load.ratio(medians[name], medians["haproxy"])
        print(f"{name:<20}growth {growth[name]} {budgets.at_most(GROWTH_KILOBYTES, growth[name], 0)}   "
              f"/haproxy {cpu:.2f} {budgets.at_most(CPU_AGAINST_HAPROXY, cpu, 2)}", flush=True)


def compare_idle_clients(setting):
    """In a fresh setting: a proxy that has done other work has free memory that hides what clients take."""
    raise_descriptor_limit()
    print("\nIdle clients: resident KB for each that has logged in, and what a first query adds "
          f"({ACTIVE_CLIENTS} clients)")
    print(f"{'':<20}{'clients':>12}{'logged in':>12}{'first query':>13}")
    for name, number in IDLE_CLIENTS.items():
        logged_in, queried = idle_clients(setting, setting.endpoints[name], number)
        print(f"{name:<20}{number:>12}{logged_in:>12.1f}{queried:>13.1f}", flush=True)
        if name.startswith("switchyard"):
            print(f"{name}: {logged_in:.1f} KB for each idle client, at most {IDLE_KILOBYTES:.0f} wanted: "
                  f"{budgets.at_most(IDLE_KILOBYTES, logged_in, 1)}", flush=True)
