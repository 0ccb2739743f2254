"""The steps of the scenario and how a transcript looks, for the programs in Python."""

import datetime
import decimal
import hashlib
import os
import re
import sys

HOST = os.environ["CLIENT_HOST"]
PORT = int(os.environ["CLIENT_PORT"])
USER = os.environ["CLIENT_USER"]
PASSWORD = os.environ["CLIENT_PASSWORD"]
SCHEMA = os.environ["CLIENT_SCHEMA"]


def shortened(text, limit=200):
    """The text itself, or its length and checksum when it is long."""
    if len(text) <= limit:
        return text
    return f"{text[:20]}… {len(text)} long, md5 {hashlib.md5(text.encode(errors='surrogateescape')).hexdigest()}"


def shown(value):
    """A value with its type."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return shortened(f"{type(value).__name__}:{bytes(value).hex()}")
    if isinstance(value, float):
        return f"float:{value!r}"
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal)):
        return f"{type(value).__name__}:{value}"
    if isinstance(value, (set, frozenset)):
        return f"set:{sorted(value)}"
    return shortened(repr(value))


def values(text):
    """The parameters of one exec step."""
    found = []
    for word in text.split(" | "):
        kind, _, rest = word.strip().partition(":")
        found.append({"i": int, "f": float, "s": str, "x": bytes.fromhex, "n": lambda _: None}[kind](rest))
    return tuple(found)


def steps():
    """The verbs and arguments of the scenario."""
    with open(os.environ["CLIENT_SCENARIO"], encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                verb, _, argument = line.partition(" ")
                yield verb, argument


def run(client):
    """Calls the client's method for each step and prints what it prints, or the error."""
    out = open(1, "w", encoding="utf-8", errors="surrogateescape", buffering=1)
    sys.stdout = out
    statement = None
    client.reconnect("utf8mb4")
    for verb, argument in steps():
        if verb == "section":
            print(f"\n== {argument}")
            continue
        print(shortened(f"> {verb} {argument}", 300))
        try:
            if verb == "prepare":
                statement = argument
            elif verb == "exec":
                client.execute(statement, values(argument))
            elif verb == "batch":
                client.batch(statement, [values(row) for row in argument.split(" ; ")])
            elif verb in ("user", "refused"):
                getattr(client, verb)(*argument.split(" "))
            elif argument:
                getattr(client, verb)(argument)
            else:
                getattr(client, verb)()
        except NotImplementedError:
            print("  (the driver has no call for this)")
        except Exception as error:  # whatever a driver raises is part of its transcript
            print(f"  {type(error).__module__}.{type(error).__name__} {client.described(error)}")
    client.close()
    print("\n== end")
