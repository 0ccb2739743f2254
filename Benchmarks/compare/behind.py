"""How many reads replicas serve that are behind, under writes, and what waiting for them costs.

The replicas receive the primary's changes through a relay that holds them back for some milliseconds. Sessions write
one time in ten and read what they want otherwise, from anywhere; they must see their own writes.
"""

import asyncio
import random
import statistics
import threading
import time

import budgets
from load import TABLE_SIZE
from mysqlclient import Client

WRITES = 0.10
DELAY_MILLISECONDS = 20
SHARE_OF_REPLICAS = 0.80
SETTLING_SECONDS = 3
PIECE = 1 << 16


class DelayingRelay:
    """Passes connections on to a port of this machine; what comes back from there comes late, in its order."""

    def __init__(self, target):
        self.target, self.delay = target, 0.0
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.server = asyncio.run_coroutine_threadsafe(serving, self.loop).result()
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._pump(reader, server_writer), self._hold_back(server_reader, writer))

    async def _pump(self, reader, writer):
        while piece := await reader.read(PIECE):
            writer.write(piece)
        writer.close()

    async def _hold_back(self, reader, writer):
        pieces = asyncio.Queue()
        passing = asyncio.create_task(self._pass_on(pieces, writer))
        while piece := await reader.read(PIECE):
            pieces.put_nowait((self.loop.time() + self.delay, piece))
        pieces.put_nowait(None)
        await passing

    async def _pass_on(self, pieces, writer):
        while entry := await pieces.get():
            due, piece = entry
            await asyncio.sleep(max(0, due - self.loop.time()))
            writer.write(piece)
        writer.close()


class Load(threading.Thread):
    """One session that writes now and then, and the times of what it did, in milliseconds."""

    def __init__(self, setting, port, seconds):
        super().__init__()
        self.client = Client(port, setting.app["user"], setting.app["password"], "sbtest")
        self.seconds, self.reads, self.writes, self.failure = seconds, [], [], None

    def run(self):
        end = time.monotonic() + self.seconds
        try:
            while (begun := time.monotonic()) < end:
                row = random.randint(1, TABLE_SIZE)
                if random.random() < WRITES:
                    self.client.statement_is_done(f"UPDATE sbtest1 SET k = k + 1 WHERE id = {row}")
                    times = self.writes
                else:
                    self.client.query_is_answered(f"SELECT c FROM sbtest1 WHERE id = {row}")
                    times = self.reads
                times.append((time.monotonic() - begun) * 1e3)
        except Exception as failure:
            self.failure = failure
        self.client.close()


def compare(setting, arguments):
    relay = DelayingRelay(setting.primary["port"])
    for replica in setting.cluster["nodes"][1:]:
        setting.run_as_root(replica, f"STOP SLAVE; CHANGE MASTER TO MASTER_PORT = {relay.port}; START SLAVE")
    port = setting.endpoints["switchyard split"].port
    print(f"\n{arguments.threads} sessions, {WRITES:.0%} writes, {arguments.rounds} rounds of {arguments.seconds} s")
    print(f"{'':<24}{'reads/s':>9}{'replicas':>10}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    results = {}
    for milliseconds in [0, DELAY_MILLISECONDS]:
        relay.delay = milliseconds / 1e3
        time.sleep(SETTLING_SECONDS)
        rounds = [measure(setting, port, arguments) for _ in range(arguments.rounds)]
        figures = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        results[milliseconds] = figures
        print(f"{f'replicas {milliseconds} ms behind':<24}{figures['rate']:>9.0f}{figures['share']:>10.1%}"
              f"{figures['p50']:>9.2f}{figures['p99']:>9.2f}{figures['max']:>9.2f}", flush=True)
    share = results[DELAY_MILLISECONDS]["share"]
    added = results[DELAY_MILLISECONDS]["p99"] - results[0]["p99"]
    print(f"\nreads served by replicas {DELAY_MILLISECONDS} ms behind: {share:.1%}, at least {SHARE_OF_REPLICAS:.0%} "
          f"wanted: {budgets.at_least(SHARE_OF_REPLICAS, share, 3)}; added wait, p99: {added:.2f} ms")


def measure(setting, port, arguments):
    """Reads that the primary did not run, replicas did: waits that a proxy adds elsewhere do not count."""
    before = selects(setting)
    loads = [Load(setting, port, arguments.seconds) for _ in range(arguments.threads)]
    for load in loads:
        load.start()
    for load in loads:
        load.join()
        if load.failure:
            raise SystemExit(f"a session failed: {load.failure}\n{setting.log('switchyard')}")
    reads = sorted(read for load in loads for read in load.reads)
    return {
        "rate": len(reads) / arguments.seconds,
        "share": max(0.0, 1 - (selects(setting) - before) / len(reads)),
        "p50": reads[len(reads) // 2], "p99": reads[len(reads) * 99 // 100], "max": reads[-1]}


def selects(setting):
    """Reads that the primary has run so far."""
    return int(setting.run_as_root(setting.primary, "SHOW GLOBAL STATUS LIKE 'Com_select'").split()[1])
