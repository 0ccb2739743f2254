"""The setting of a comparison: a real cluster, and the endpoints in front of it, each with two threads."""

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import encryption

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30
END_SECONDS = 20
THREADS = 2
DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
# A proxy without pools needs two descriptors for each client, and some for the rest.
CLIENTS = min(8_000, DESCRIPTORS // 2 - 100)
# Switchyard needs one, and some for its server connections.
CLIENTS_OF_POOLS = min(12_000, DESCRIPTORS * 3 // 4)

HAPROXY_SETTINGS = """
global
    nbthread {threads}
    maxconn {clients}
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen mysql
    bind 127.0.0.1:{port}
    maxconn {clients}
    server primary 127.0.0.1:{primary}
"""

SWITCHYARD_SETTINGS = """
clusters:
  - name: main
    nodes: [{nodes}]
    monitor: {{user: {monitor[user]}, password: {monitor[password]}}}
listeners:
  - {{name: split, bind: 127.0.0.1:{split}, cluster: main}}
  - {{name: primary, bind: 127.0.0.1:{primary}, cluster: main, mode: primary}}
users:
  - {{name: {app[user]}, password: {app[password]}}}
console: {{bind: 127.0.0.1:{console}, users: [{{name: admin, password: admin}}]}}
http: {{bind: 127.0.0.1:{http}}}
limits: {{clients: {clients}{limits}}}
log: {{level: warning}}
lanes: {threads}
"""


class Endpoint:
    """A port to send load to, and the process that serves it (None for the server itself)."""

    def __init__(self, name, port, process=None):
        self.name, self.port, self.process = name, port, process
        self.speaks_tls = False

    def cpu_seconds(self):
        """User and system time of the process so far."""
        if not self.process:
            return 0.0, 0.0
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) / TICKS_PER_SECOND, int(fields[12]) / TICKS_PER_SECOND

    def resident_kilobytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


class Setting:
    """Starts everything, and ends all of it when the `with` block is left."""

    def __init__(self, binaries, encrypts=False, limits=""):
        self.binaries = binaries
        self.encrypts = encrypts
        self.limits = f", {limits}" if limits else ""
        self.console = free_port()
        self.http = free_port()
        self.processes = []
        self.folder = tempfile.mkdtemp(prefix="switchyard-compare-")

    def __enter__(self):
        try:
            if self.encrypts:
                encryption.make_certificate(self.folder)
            self._start_cluster()
            if self.encrypts:
                encryption.start_endpoints(self)
            else:
                self._start_endpoints()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.stdin:
                process.stdin.close()  # the cluster ends with its input, and removes its files
            else:
                process.terminate()  # not killed: a program that counts what runs writes it down at its end
        deadline = time.monotonic() + END_SECONDS
        try:
            for process in self.processes:
                try:
                    process.wait(max(0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    print(f"killed, since it did not end: {process.args[0]}", file=sys.stderr)
        finally:
            for process in self.processes:
                process.kill()
                process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start_cluster(self):
        # Without fsync and with room for the tables: what is measured is in front of the servers.
        options = ["--innodb-buffer-pool-size=128M"]
        if self.encrypts:
            options += [f"--ssl-cert={self.folder}/cacert.pem", f"--ssl-key={self.folder}/client-key.pem"]
        process = self._start(
            "local-cluster", [f"{self.binaries}/local-cluster", "2", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"the cluster did not start:\n{self.log('local-cluster')}")
        self.cluster = json.loads(line)
        self.app = self.cluster["app"]
        self.primary = self.cluster["nodes"][0]

    def _start_endpoints(self):
        primary = self.primary["port"]
        relay, haproxy, split, only_primary = (free_port() for _ in range(4))
        haproxy_file = self._write(
            "haproxy.cfg",
            HAPROXY_SETTINGS.format(threads=THREADS, clients=CLIENTS, port=haproxy, primary=primary))
        nodes = ", ".join(f"127.0.0.1:{node['port']}" for node in self.cluster["nodes"])
        switchyard_file = self._write(
            "switchyard.yaml",
            SWITCHYARD_SETTINGS.format(
                nodes=nodes, monitor=self.cluster["monitor"], app=self.app, split=split, primary=only_primary,
                threads=THREADS, clients=CLIENTS_OF_POOLS, console=self.console, http=self.http, limits=self.limits))
        relaying = self._start("relay", [f"{self.binaries}/relay", str(relay), str(primary), str(THREADS)])
        balancing = self._start("haproxy", [find_haproxy(), "-db", "-f", haproxy_file])
        switching = self._start("switchyard", [f"{self.binaries}/switchyard", "run", "--config", switchyard_file])
        self.endpoints = {
            endpoint.name: endpoint
            for endpoint in [
                Endpoint("direct", primary),
                Endpoint("relay", relay, relaying),
                Endpoint("haproxy", haproxy, balancing),
                Endpoint("switchyard primary", only_primary, switching),
                Endpoint("switchyard split", split, switching),
            ]
        }
        for endpoint in self.endpoints.values():
            self._await_port(endpoint)

    def wait_until_replicated(self):
        """Replicas that still apply an earlier turn's writes would take CPU from the next."""
        sql = "SELECT @@gtid_binlog_pos"
        goal = self.run_as_root(self.primary, sql)
        deadline = time.monotonic() + 60
        for replica in self.cluster["nodes"][1:]:
            while self.run_as_root(replica, "SELECT @@gtid_slave_pos") != goal:
                if time.monotonic() > deadline:
                    raise SystemExit(f"{replica['name']} did not catch up within a minute")
                time.sleep(0.05)

    def run_as_root(self, node, sql):
        """Runs statements on a node itself; gives what they print."""
        command = ["mariadb", "--no-defaults", f"--socket={node['socket']}", "-uroot", "-NBe", sql]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def log(self, name):
        with open(f"{self.folder}/{name}.log") as file:
            return file.read()[-4000:]

    def _write(self, name, text):
        path = f"{self.folder}/{name}"
        with open(path, "w") as file:
            file.write(text)
        return path

    def _start(self, name, command, stdin=None, stdout=None):
        with open(f"{self.folder}/{name}.log", "w") as log:
            process = subprocess.Popen(
                command, stdin=stdin, stdout=stdout or log, stderr=log, text=True, start_new_session=True)
        self.processes.append(process)
        return process

    def _await_port(self, endpoint):
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", endpoint.port), timeout=1).close()
                return
            except OSError:
                ended = endpoint.process and endpoint.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    name = endpoint.name.split()[0]
                    raise SystemExit(f"{endpoint.name} does not listen:\n{self.log(name)}")
                time.sleep(0.05)


def raise_descriptor_limit():
    """For this process, and those that it starts."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


def find_haproxy():
    return shutil.which("haproxy") or "/usr/sbin/haproxy"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
