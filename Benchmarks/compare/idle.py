"""What thousands of idle clients cost those that are active."""

import statistics
import time

import budgets
import load
import memory
from setting import raise_descriptor_limit

IDLE_CLIENTS, ACTIVE_CLIENTS = 10_000, 100
LOSS = 0.05
CLOSING_SECONDS = 1


def compare(setting, arguments):
    """Before, beside and after the idle clients, who log in once: what changes in the machine meanwhile shows."""
    raise_descriptor_limit()
    endpoint = setting.endpoints["switchyard split"]
    print(f"\n{ACTIVE_CLIENTS} active clients, oltp_point_select, ps disable, {arguments.rounds} rounds of "
          f"{arguments.seconds} s each without and with {IDLE_CLIENTS} idle clients")
    # The first round opens the connections to the servers.
    rates(setting, endpoint, arguments, rounds=1)
    before = rates(setting, endpoint, arguments)
    clients = [memory.connect(setting, endpoint) for _ in range(IDLE_CLIENTS)]
    beside = rates(setting, endpoint, arguments)
    close(clients)
    after = rates(setting, endpoint, arguments)
    print_loss(before, beside, after)


def close(clients):
    lost = sum(not client.is_open() for client in clients)
    if lost:
        raise SystemExit(f"{lost} of the idle clients lost their connections meanwhile")
    for client in clients:
        client.close()
    time.sleep(CLOSING_SECONDS)


def rates(setting, endpoint, arguments, rounds=None):
    """Queries per second of each round."""
    return [
        load.turn(setting, endpoint, "oltp_point_select", ACTIVE_CLIENTS, "disable", arguments.seconds)["qps"]
        for _ in range(rounds or arguments.rounds)]


def print_loss(before, beside, after):
    shares = [2 * with_them / (first + last) for first, with_them, last in zip(before, beside, after)]
    loss = 1 - statistics.median(shares)
    drift = statistics.median(after) / statistics.median(before) - 1
    print(f"{'without, before':<20}{statistics.median(before):>9.0f} qps")
    print(f"{'with idle clients':<20}{statistics.median(beside):>9.0f} qps")
    print(f"{'without, after':<20}{statistics.median(after):>9.0f} qps   drift {drift:+.1%}")
    print(f"loss of the active clients: {loss:.1%}, at most {LOSS:.0%} wanted: {budgets.at_most(LOSS, loss, 3)}",
          flush=True)
