#!/usr/bin/env python3
"""Runs every client twice, against the primary and through the proxy, and compares what they print.

usage: run.py [--server FLAVOUR] [--only NAME[,NAME…]] [--transcripts FOLDER] [--show LINES] [--list]

Started by run.sh, which sees to it that the clients are there. Each client prints the transcript of one scenario; the
two transcripts must be equal. The proxy has few server connections and other sessions beside the client's, so that
connections are really shared.
"""

import argparse
import difflib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from clients import CLIENTS

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
PROGRAMS = TOP / ".build" / "debug"
#: How long one run of one client may take.
CLIENT_SECONDS = 90
#: Enough for one client and few enough for the sessions beside it to have to share.
SERVER_CONNECTIONS = 4
BACKGROUND_SESSIONS = 8


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_port(port, process, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"a program ended at its start, with status {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"nobody listens on port {port}")


class Scene:
    """A cluster, the proxy in front of it, sessions beside the clients, and a folder for what they write."""

    def __init__(self, flavour):
        self.flavour = flavour
        self.processes = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="switchyard-clients-"))
        self.cluster = self.start([PROGRAMS / "local-cluster", *self.flavour_arguments(), "2"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        line = self.cluster.stdout.readline()
        if not line:
            raise SystemExit("the cluster did not start")
        self.about = json.loads(line)
        self.direct_port = self.about["nodes"][0]["port"]
        self.proxy_port = free_port()
        configuration = self.folder / "switchyard.json"
        monitor = self.about["monitor"]
        configuration.write_text(json.dumps({
            "clusters": [{
                "name": "main", "nodes": [f"127.0.0.1:{node['port']}" for node in self.about["nodes"]],
                "monitor": {"user": monitor["user"], "password": monitor["password"]}}],
            "listeners": [{"name": "main", "bind": f"127.0.0.1:{self.proxy_port}", "cluster": "main"}],
            "limits": {"server_connections_per_node": SERVER_CONNECTIONS},
            "lanes": 1,
        }))
        self.proxy_log = self.folder / "switchyard.log"
        self.proxy = self.start([PROGRAMS / "switchyard", "run", "--config", configuration],
                                stderr=self.proxy_log.open("w"))
        wait_for_port(self.proxy_port, self.proxy)
        self.prepare()

    def flavour_arguments(self):
        return [f"--server={self.flavour}"]

    def start(self, command, **options):
        process = subprocess.Popen([str(part) for part in command], **options)
        self.processes.append(process)
        return process

    def root(self, port=None):
        import pymysql
        account = self.about["root"]
        return pymysql.connect(host="127.0.0.1", port=port or self.direct_port, user=account["user"],
                               password=account["password"], autocommit=True)

    def prepare(self):
        """Schemas and rights of the application's account; what the server can do."""
        app = self.about["app"]["user"]
        connection = self.root()
        cursor = connection.cursor()
        cursor.execute("SELECT VERSION()")
        self.version = cursor.fetchone()[0]
        mariadb = "MariaDB" in self.version
        cursor.execute("SHOW COLLATION LIKE '%uca1400%'")
        self.conditions = {"mariadb" if mariadb else "mysql"} | ({"uca1400"} if cursor.fetchone() else set())
        cursor.execute(rf"GRANT ALL PRIVILEGES ON `client\_%`.* TO '{app}'@'%'")
        cursor.execute(f"GRANT ALL PRIVILEGES ON test.* TO '{app}'@'%'")
        cursor.execute("CREATE DATABASE IF NOT EXISTS test")
        cursor.execute("CREATE DATABASE IF NOT EXISTS client_background")
        connection.close()

    def settle(self, primary):
        """Waits until the replicas have what was just written beside the proxy."""
        mysql = "mysql" in self.conditions
        primary.execute(f"SELECT @@global.{'gtid_executed' if mysql else 'gtid_binlog_pos'}")
        position = primary.fetchone()[0]
        wait = "WAIT_FOR_EXECUTED_GTID_SET" if mysql else "MASTER_GTID_WAIT"
        for node in self.about["nodes"][1:]:
            replica = self.root(node["port"])
            replica.cursor().execute(f"SELECT {wait}(%s, 20)", (position,))
            replica.close()

    def begin_background(self):
        account = self.about["app"]
        self.start([sys.executable, HERE / "background.py", str(self.proxy_port), account["user"],
                    account["password"], "client_background", str(BACKGROUND_SESSIONS)], stdin=subprocess.PIPE)

    def scenario(self, schema):
        """The steps for this server and this client, in a file."""
        account = self.about["app"]
        lines = []
        for line in (HERE / "scenario.txt").read_text(encoding="utf-8").splitlines():
            condition, _, rest = line.partition(" ")
            if condition.startswith("@"):
                if condition[1:] not in self.conditions:
                    continue
                line = rest
            line = re.sub(r"\$\{([^*}]*)\*(\d+)\}", lambda match: match[1] * int(match[2]), line)
            for name, value in (("$db", schema), ("$user", account["user"]), ("$password", account["password"])):
                line = line.replace(name, value)
            lines.append(line)
        path = self.folder / f"{schema}.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def environment(self, client, schema, port):
        account = self.about[client.account]
        return dict(
            os.environ, CLIENT_HOST="127.0.0.1", CLIENT_PORT=str(port), CLIENT_USER=account["user"],
            CLIENT_PASSWORD=account["password"], CLIENT_SCHEMA=schema, CLIENT_SCENARIO=str(self.scenario(schema)),
            CLIENT_NODES=json.dumps([node["port"] for node in self.about["nodes"]]),
            CLIENT_ROOT=json.dumps(self.about["root"]), CLIENT_FOLDER=str(self.folder), CLIENT_PYTHON=sys.executable, CLIENT_FLAVOUR=self.flavour,
            LC_ALL="C.UTF-8", NODE_PATH="/usr/share/nodejs", HOME=str(self.folder))

    def transcript(self, client, port):
        """What the client prints, with its port masked."""
        schema = f"client_{re.sub('[^a-z0-9]', '_', client.name.lower())}"
        connection = self.root()
        connection.cursor().execute(f"DROP DATABASE IF EXISTS {schema}")
        connection.cursor().execute(f"CREATE DATABASE {schema} CHARACTER SET utf8mb4")
        self.settle(connection.cursor())
        connection.close()
        try:
            run = subprocess.run(client.command(self.folder), env=self.environment(client, schema, port),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 timeout=CLIENT_SECONDS, cwd=self.folder)
            output, status = run.stdout, run.returncode
        except subprocess.TimeoutExpired as expired:
            output, status = expired.stdout or b"", f"none: it ran for longer than {CLIENT_SECONDS} s"
        text = output.decode("utf-8", "surrogateescape")
        # As a word: its digits may be part of a number in hex.
        number = re.compile(rf"(?<![0-9A-Za-z]){port}(?![0-9A-Za-z])")
        lines = [client.masked(number.sub("PORT", line)) for line in text.splitlines()]
        return lines + [f"exit status {status}"]

    def end(self):
        for process in reversed(self.processes):
            if process.stdin:
                process.stdin.close()
            else:
                process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def compare(scene, client, arguments):
    """One line about this client; whether it passed."""
    began = time.monotonic()
    direct = scene.transcript(client, scene.direct_port)
    proxied = scene.transcript(client, scene.proxy_port)
    if arguments.transcripts:
        folder = pathlib.Path(arguments.transcripts)
        folder.mkdir(parents=True, exist_ok=True)
        for kind, lines in (("direct", direct), ("proxied", proxied)):
            (folder / f"{client.name}.{kind}").write_text("\n".join(lines) + "\n", errors="surrogateescape")
    differences = [line for line in difflib.unified_diff(direct, proxied, "direct", "proxied", lineterm="", n=0)
                   if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    seconds = f"{time.monotonic() - began:.1f} s"
    whole = direct[-1] == "exit status 0" and (client.last is None or client.last in direct)
    if not whole:
        report(client, f"BROKEN without the proxy: {' / '.join(direct[-3:])}")
    elif differences and client.known:
        report(client, f"known ({len(differences)} lines): {client.known}, {seconds}")
    elif differences:
        report(client, f"DIFFERENT ({len(differences)} lines), {seconds}")
        context = difflib.unified_diff(direct, proxied, "direct", "proxied", lineterm="", n=2)
        for line in list(context)[:arguments.show]:
            print("    " + line[:240].encode(errors="replace").decode())
    else:
        report(client, f"ok, {len(direct)} lines, {seconds}")
    return whole and (not differences or client.known is not None)


def report(client, text):
    print(f"{client.name:<24} {text}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default="mariadb")
    parser.add_argument("--only")
    parser.add_argument("--transcripts")
    parser.add_argument("--show", type=int, default=40)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    chosen = [client for client in CLIENTS if not arguments.only or client.name in arguments.only.split(",")]
    if arguments.list:
        for client in chosen:
            print(client.name)
        return 0
    # A runner that is told to end must not leave servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    passed = failed = missing = 0
    for group in ([client for client in chosen if not client.alone], *([client] for client in chosen if client.alone)):
        if not group:
            continue
        scene = Scene(arguments.server)
        try:
            if not group[0].alone:
                scene.begin_background()
            print(f"server {scene.version}", flush=True)
            for client in group:
                reason = client.missing(scene)
                if reason:
                    missing += 1
                    report(client, f"missing: {reason}")
                elif compare(scene, client, arguments):
                    passed += 1
                else:
                    failed += 1
            if scene.proxy.poll() is not None:
                failed += 1
                print(f"the proxy ended with status {scene.proxy.returncode}")
        finally:
            scene.end()
    if missing:
        print(f"{missing} missing")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
