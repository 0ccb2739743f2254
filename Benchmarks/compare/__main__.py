"""Compares Switchyard with the server itself, with HAProxy in TCP mode and with a bare relay, on this machine.

Everything runs here: a real primary with two replicas, the proxies in front of it with two threads each, and sysbench
(for logins mariadb-slap). The endpoints take turns, figures are medians over the rounds, CPU is the proxy's own time.
Ratios within one run mean something; absolute figures of different machines or days do not. "switchyard primary" does
what the others do: it sends everything to the primary. "switchyard split" sends reads to the replicas.
"""

import argparse

import behind
import budgets
import encryption
import idle
import load
import logins
import memory
import sharing
import watched
from setting import Setting

CPU_AGAINST_RELAY, CPU_AGAINST_HAPROXY, USER_MICROSECONDS = 1.10, 1.00, 4.0


def main():
    parser = argparse.ArgumentParser(prog="compare.sh", description=__doc__)
    parser.add_argument("--binaries", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="one round of two seconds, two workloads")
    parser.add_argument("--memory", action="store_true", help="large results and idle clients, instead of sysbench")
    parser.add_argument("--sharing", action="store_true", help="2000 clients on 20 server connections")
    parser.add_argument("--logins", action="store_true", help="a new connection for every query")
    parser.add_argument("--idle", action="store_true", help="memory of idle clients, and what they cost active ones")
    parser.add_argument("--watched", action="store_true", help="what scrapes and console queries cost the clients")
    parser.add_argument("--tls", action="store_true", help="TLS to clients and to the server, beside HAProxy's")
    parser.add_argument("--behind", action="store_true", help="replicas 20 ms behind under writes, instead of sysbench")
    parser.add_argument("--workload", action="append", choices=load.WORKLOADS, help="default: all of them")
    parser.add_argument("--ps", choices=["disable", "auto"], action="append", help="sysbench's mode; default: both")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 2
    if arguments.sharing or arguments.logins or arguments.idle or arguments.watched:
        return compare_scale(arguments)
    with Setting(arguments.binaries, encrypts=arguments.tls) as setting:
        load.prepare(setting)
        if arguments.tls:
            encryption.compare(setting, arguments)
        elif arguments.behind:
            behind.compare(setting, arguments)
        elif arguments.memory:
            memory.compare_large_results(setting, arguments)
        else:
            compare_load(setting, arguments)
    if arguments.memory:
        with Setting(arguments.binaries) as setting:
            memory.compare_idle_clients(setting)


def compare_scale(arguments):
    """Each in a fresh setting, so that none finds what another left."""
    if arguments.sharing:
        with Setting(arguments.binaries, **sharing.SETTING) as setting:
            load.prepare(setting)
            sharing.compare(setting, arguments)
    if arguments.logins:
        with Setting(arguments.binaries) as setting:
            load.prepare(setting)
            logins.compare(setting, arguments)
    if arguments.idle:
        with Setting(arguments.binaries) as setting:
            memory.compare_idle_clients(setting)
        with Setting(arguments.binaries) as setting:
            load.prepare(setting)
            idle.compare(setting, arguments)
    if arguments.watched:
        with Setting(arguments.binaries) as setting:
            load.prepare(setting)
            watched.compare(setting, arguments)


def compare_load(setting, arguments):
    few = ["oltp_point_select", "oltp_read_write"]
    results = []
    for workload in arguments.workload or (few if arguments.quick else load.WORKLOADS):
        for ps in arguments.ps or ["disable", "auto"]:
            medians = load.compare(setting, workload, ps, arguments.threads, arguments.rounds, arguments.seconds)
            results.append((f"{workload}, ps {ps}", medians))
    print_budgets(results)
    if arguments.workload is None:
        medians = load.compare(setting, "oltp_point_select", "disable", 1, arguments.rounds, arguments.seconds)
        print_added_latency(medians)


def print_budgets(results):
    print(f"\nBudgets, with everything sent to the primary: CPU at most {CPU_AGAINST_RELAY:.2f} of the relay's and "
          f"{CPU_AGAINST_HAPROXY:.2f} of HAProxy's, {USER_MICROSECONDS:.0f} µs of it in user space")
    for name, medians in results:
        ours = medians["switchyard primary"]
        checks = [
            ("/relay", load.ratio(ours, medians["relay"]), CPU_AGAINST_RELAY),
            ("/haproxy", load.ratio(ours, medians["haproxy"]), CPU_AGAINST_HAPROXY),
            ("user", ours["user"], USER_MICROSECONDS),
        ]
        words = [
            f"{label} {value:.2f} {budgets.at_most(budget, value, 2)}" for label, value, budget in checks]
        print(f"{name:<48}{'   '.join(words)}")


def print_added_latency(medians):
    print("\nAdded average latency, one client, in ms")
    direct = medians["direct"]["avg"]
    for name, figures in medians.items():
        if name != "direct":
            print(f"{name:<20}{figures['avg'] - direct:>9.3f}")


main()
