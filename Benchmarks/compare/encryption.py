"""TLS: the CPU of Switchyard beside that of HAProxy, each ending TLS from the same eight sysbench threads.

HAProxy cannot end the TLS that MySQL clients begin in the middle of their protocol. So sysbench reaches it in the clear
through a process of its own ("wrap") that only adds TLS, and where HAProxy encrypts to the server too, another
("unwrap") takes it off again in front of it. Only the process in question is measured: one TLS connection with TLS 1.3 and
the same P-256 certificate for each client, and as many to the server. Switchyard's clients speak MySQL's own TLS.
"""

import subprocess

import load
import setting as settings

HEAD = """
global
    nbthread {threads}
    maxconn {clients}
    ssl-server-verify none
    ssl-default-bind-options ssl-min-ver TLSv1.3
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
"""
LISTEN = """
listen {name}
    bind 127.0.0.1:{port} {bind}
    server next 127.0.0.1:{next} {server}
"""

SETTINGS = """
clusters:
  - name: main
    nodes: [127.0.0.1:{node}]
    discover: false
    monitor: {{user: {monitor[user]}, password: {monitor[password]}}}
    tls: {{mode: {nodes}}}
listeners:
  - name: main
    bind: 127.0.0.1:{port}
    cluster: main
    mode: primary
    tls: {{mode: preferred, certificate: cacert.pem, key: client-key.pem}}
users:
  - {{name: {app[user]}, password: {app[password]}}}
log: {{level: warning}}
lanes: {threads}
"""


def make_certificate(folder):
    """One for everybody, under the names that sysbench looks for in its working folder."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=compare", "-keyout", "client-key.pem", "-out", "cacert.pem"],
        cwd=folder, check=True, capture_output=True)
    with open(f"{folder}/cacert.pem") as certificate, open(f"{folder}/client-key.pem") as key:
        both = certificate.read() + key.read()
    for name in ["client-cert.pem", "both.pem"]:
        with open(f"{folder}/{name}", "w") as file:
            file.write(both)


def start_endpoints(setting):
    """Replaces the setting's endpoints by those of this comparison."""
    server = setting.primary["port"]
    crt = f"ssl crt {setting.folder}/both.pem"
    wrap, wrap_both, plain, ending, both, unwrap = (settings.free_port() for _ in range(6))

    def haproxy(name, listens):
        text = HEAD.format(threads=settings.THREADS, clients=settings.CLIENTS)
        text += "".join(LISTEN.format(name=f"l{number}", **listen) for number, listen in enumerate(listens))
        path = setting._write(f"{name}.cfg", text)
        return setting._start(name, [settings.find_haproxy(), "-db", "-f", path])

    def listen(port, following, bind="", server=""):
        return {"port": port, "next": following, "bind": bind, "server": server}

    haproxy("wrap", [listen(wrap, ending, server="ssl"), listen(wrap_both, both, server="ssl")])
    haproxy("unwrap", [listen(unwrap, server, bind=crt)])
    clear = haproxy("haproxy-clear", [listen(plain, server)])
    ends = haproxy("haproxy-tls", [listen(ending, server, bind=crt)])
    ends_both = haproxy("haproxy-both", [listen(both, unwrap, bind=crt, server="ssl")])

    def switchyard(name, nodes):
        port = settings.free_port()
        path = setting._write(
            f"{name}.yaml", SETTINGS.format(
                node=server, nodes=nodes, port=port, monitor=setting.cluster["monitor"], app=setting.app,
                threads=settings.THREADS))
        return port, setting._start(name, [f"{setting.binaries}/switchyard", "run", "--config", path])

    ours, our_process = switchyard("switchyard-tls", "disabled")
    ours_both, our_both_process = switchyard("switchyard-both", "required")
    endpoints = [
        settings.Endpoint("haproxy clear", plain, clear), settings.Endpoint("haproxy", wrap, ends),
        settings.Endpoint("haproxy both", wrap_both, ends_both), settings.Endpoint("switchyard clear", ours, our_process),
        settings.Endpoint("switchyard", ours, our_process), settings.Endpoint("switchyard both", ours_both, our_both_process)]
    for endpoint in endpoints:
        endpoint.speaks_tls = endpoint.name in ("switchyard", "switchyard both")
        setting._await_port(endpoint)
    setting.endpoints = {endpoint.name: endpoint for endpoint in endpoints}


def compare(setting, arguments):
    for workload in arguments.workload or ["oltp_point_select"]:
        medians = load.measure(setting, workload, "disable", arguments.threads, arguments.rounds, arguments.seconds)
        print(f"\nTLS, {workload}, {arguments.threads} threads, {arguments.rounds} rounds of {arguments.seconds} s")
        print(f"{'':<20}{'qps':>9}{'avg ms':>9}{'cpu µs/q':>10}{'user':>7}{'sys':>7}{'/haproxy':>10}")
        for name, figures in medians.items():
            base = medians[name.replace("switchyard", "haproxy")]
            print(f"{name:<20}{figures['qps']:>9.0f}{figures['avg']:>9.2f}{figures['cpu']:>10.2f}{figures['user']:>7.2f}"
                  f"{figures['system']:>7.2f}{load.ratio(figures, base):>10.2f}")
