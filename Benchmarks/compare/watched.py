"""What those who watch cost those who work: a scrape and ten console queries in a second.

The watcher runs on the processors of those who work, too: what it takes itself is told, and is no cost of the proxy."""

import http.client
import os
import statistics
import threading
import time

import budgets
import load
from mysqlclient import Client

CLIENTS = 32
LOSS = 0.01
QUERIES = [
    "SELECT * FROM routing_table", "SELECT * FROM sessions", "SELECT * FROM pools", "SELECT * FROM digests LIMIT 10",
    "SELECT * FROM metrics", "SELECT node, role, state, reason, lag_ms FROM routing_table",
    "SELECT * FROM pins LIMIT 20", "SELECT * FROM routing_history ORDER BY time DESC LIMIT 20",
    "SELECT user, COUNT(*) FROM sessions GROUP BY user", "SELECT * FROM errors LIMIT 10",
]


class Watcher:
    """Asks in the background from `with` on, each question at its time of the second, until the block is left."""

    def __init__(self, setting):
        self.setting = setting
        self.ended = threading.Event()
        self.scrapes = self.queries = self.bytes = 0
        self.own_seconds = 0
        self.failure = None

    def __enter__(self):
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        if self.failure:
            raise SystemExit(f"the watcher failed: {self.failure}\n{self.setting.log('switchyard')}")

    def _run(self):
        try:
            self._ask()
        except (OSError, RuntimeError, http.client.HTTPException) as failure:
            self.failure = failure
        self.own_seconds = time.thread_time()

    def _ask(self):
        console = Client(self.setting.console, "admin", "admin", "switchyard")
        web = http.client.HTTPConnection("127.0.0.1", self.setting.http, timeout=10)
        step = 1 / len(QUERIES)
        due = time.monotonic()
        while not self.ended.wait(max(0, due - time.monotonic())):
            query = QUERIES[self.queries % len(QUERIES)]
            if query is QUERIES[0]:
                web.request("GET", "/metrics")
                answer = web.getresponse()
                self.bytes += len(answer.read())
                if answer.status != 200:
                    raise RuntimeError(f"/metrics answered {answer.status}")
                self.scrapes += 1
            console.query_is_answered(query)
            self.queries += 1
            due += step
        console.close()
        web.close()


def compare(setting, arguments):
    """Turns without and with a watcher, one after the other, so that what changes in the machine meanwhile hits both."""
    endpoint = setting.endpoints["switchyard split"]
    print(f"\n{CLIENTS} clients, oltp_point_select, ps disable, {arguments.rounds} rounds of {arguments.seconds} s each "
          f"without and with a scrape and {len(QUERIES)} console queries in a second")
    load.turn(setting, endpoint, "oltp_point_select", CLIENTS, "disable", arguments.seconds)
    alone, watched, scrapes, queries, size = [], [], 0, 0, 0
    own = answering = elapsed = 0
    for number in range(arguments.rounds):
        for has_watcher in ([False, True] if number % 2 == 0 else [True, False]):
            if not has_watcher:
                alone.append(load.turn(setting, endpoint, "oltp_point_select", CLIENTS, "disable", arguments.seconds))
                continue
            began, before = time.monotonic(), answering_seconds(endpoint)
            with Watcher(setting) as watcher:
                watched.append(load.turn(setting, endpoint, "oltp_point_select", CLIENTS, "disable", arguments.seconds))
            elapsed += time.monotonic() - began
            own, answering = own + watcher.own_seconds, answering + answering_seconds(endpoint) - before
            scrapes, queries, size = scrapes + watcher.scrapes, queries + watcher.queries, size + watcher.bytes
    print(f"{scrapes} scrapes of {size / max(1, scrapes):.0f} bytes, {queries} console queries")
    processors = elapsed * os.cpu_count()
    print_costs(alone, watched, own / processors, answering / processors)


def answering_seconds(endpoint):
    """CPU time of a proxy without its lanes: the console's, HTTP's and the watchers of the clusters, ended threads included."""
    seconds = sum(endpoint.cpu_seconds())
    tasks = f"/proc/{endpoint.process.pid}/task"
    for thread in os.listdir(tasks):
        try:
            with open(f"{tasks}/{thread}/comm") as name:
                if not name.read().startswith("lane-"):
                    continue
            with open(f"{tasks}/{thread}/schedstat") as file:
                seconds -= int(file.read().split()[0]) / 1e9
        except (FileNotFoundError, ProcessLookupError):
            continue  # It has ended since.
    return seconds


def print_costs(alone, watched, own, answering):
    def median(turns, figure):
        return statistics.median(figure(turn) for turn in turns)

    for name, turns in [("alone", alone), ("watched", watched)]:
        print(f"{name:<20}{median(turns, lambda t: t['qps']):>9.0f} qps{median(turns, lambda t: t['p95']):>9.2f} ms p95"
              f"{median(turns, lambda t: t['user'] + t['system']):>9.2f} µs of CPU per query")
    pairs = [with_watcher["qps"] / without["qps"] for without, with_watcher in zip(alone, watched)]
    loss = 1 - statistics.median(pairs)
    print(f"all processors' time: the watcher itself {own:.2%}, the proxy's threads beside its lanes {answering:.2%}")
    print(f"loss of the clients: {loss:.1%} ({loss - own:.1%} without the watcher itself), at most {LOSS:.0%} wanted: "
          f"{budgets.at_most(LOSS, loss - own, 3)}", flush=True)
