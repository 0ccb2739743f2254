"""The clients of the matrix: how each is started, and why it may be missing."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"

MYSQL = pathlib.Path(os.environ.get("CLIENT_MYSQL_PROGRAMS", "/opt/mysql-server/bin"))
JDBC = "/usr/share/java/mariadb-java-client.jar"


class Client:
    """A program that prints a transcript."""

    #: The line with which a whole transcript ends, or nothing.
    last = "== end"

    def __init__(self, name, *command, probe=(), build=(), account="app", only=None, last="== end", masks=(),
                 program=None, known=None, alone=False):
        self.name = name
        self.words = command
        self.probe = probe
        self.build = build
        self.account = account
        self.only = only
        self.last = last
        self.program = program
        #: Why its transcripts differ for now, as README.md says too.
        self.known = known
        #: Whether it gets a cluster of its own, without other sessions: it changes what they use.
        self.alone = alone
        self.masks = [(re.compile(pattern), text) for pattern, text in masks]

    def command(self, folder):
        return [word.replace("FOLDER", str(folder)) for word in map(str, self.words)]

    def masked(self, line):
        for pattern, text in self.masks:
            line = pattern.sub(text, line)
        return line

    def missing(self, scene):
        """Why this client cannot run here, or nothing. Compiles what must be."""
        if self.only and self.only not in scene.conditions:
            return f"it is for {self.only} servers"
        if self.program is not None and "mysql" in scene.conditions and not (MYSQL / f"mysql{self.program}").exists():
            return f"there is no {MYSQL}/mysql{self.program}"
        if self.program is not None and "mariadb" in scene.conditions and not shutil.which(
                f"mariadb-{self.program}" if self.program else "mariadb"):
            return "it is not installed"
        for words in filter(None, (self.probe, self.build)):
            try:
                run = subprocess.run([word.replace("FOLDER", str(scene.folder)) for word in map(str, words)],
                                     capture_output=True, text=True, timeout=180, env=self.environment(scene))
            except (OSError, subprocess.TimeoutExpired) as error:
                return str(error)
            if run.returncode != 0:
                said = (run.stderr or run.stdout).strip().splitlines()
                return said[-1] if said else f"status {run.returncode}"
        return None

    def environment(self, scene):
        return dict(os.environ, HOME=str(scene.folder), GOCACHE=f"{sys.prefix}/go",
                    GOPATH="/usr/share/gocode", GO111MODULE="off", GOFLAGS="", NODE_PATH="/usr/share/nodejs")


def python(name, module, **options):
    return Client(name, sys.executable, PROGRAMS / "dbapi.py", name,
                  probe=(sys.executable, "-c", f"import {module}"), **options)


def tool(name, program, **options):
    """A command-line program: MariaDB's, or for MySQL its own."""
    return Client(name, sys.executable, PROGRAMS / "tools.py", name, program=program, **options)


CLIENTS = [
    python("PyMySQL", "pymysql"),
    python("mysqlclient", "MySQLdb"),
    python("mysql-connector", "mysql.connector"),
    python("mysql-connector-c", "_mysql_connector"),
    python("mariadb", "mariadb"),
    python("aiomysql", "aiomysql"),
    python("asyncmy", "asyncmy"),
    *(Client(f"sqlalchemy-{dialect}", sys.executable, PROGRAMS / "sqlalchemy_orm.py", dialect,
             probe=(sys.executable, "-c", f"import sqlalchemy, {module}"))
      for dialect, module in (("pymysql", "pymysql"), ("mysqldb", "MySQLdb"), ("mysqlconnector", "mysql.connector"))),
    Client("django", sys.executable, PROGRAMS / "django_orm.py",
           probe=(sys.executable, "-c", "import django, MySQLdb")),
    Client("libmariadb", "FOLDER/c-client",
           build=("sh", "-c", f"cc -O1 -o FOLDER/c-client {PROGRAMS / 'client.c'} $(pkg-config --cflags --libs libmariadb)"),
           # TLS and compression are offered by the proxy for itself, bulk results as far as all servers have them.
           masks=[(r"capabilities \w+ \w+", "capabilities")]),
    Client("php-mysqli", "php", PROGRAMS / "mysqli.php", probe=("php", "-r", "exit((int) !extension_loaded('mysqli'));")),
    Client("php-pdo", "php", PROGRAMS / "pdo.php", probe=("php", "-r", "exit((int) !extension_loaded('pdo_mysql'));")),
    Client("perl-dbd-mysql", "perl", PROGRAMS / "dbi.pl", "mysql", probe=("perl", "-e", "use DBD::mysql")),
    Client("perl-dbd-mariadb", "perl", PROGRAMS / "dbi.pl", "MariaDB", probe=("perl", "-e", "use DBD::MariaDB")),
    Client("ruby-mysql2", "ruby", PROGRAMS / "mysql2.rb", probe=("ruby", "-e", "require 'mysql2'")),
    Client("node-mysql", "node", PROGRAMS / "node.js", probe=("node", "-e", "require('mysql')"),
           only="mariadb"),  # it does not know caching_sha2_password
    Client("go", "FOLDER/go-client", build=("go", "build", "-o", "FOLDER/go-client", PROGRAMS / "go" / "main.go")),
    tool("command-line", ""),
    tool("dump", "dump"),
    tool("dump-all", "dump", account="root"),
    tool("restore-all", "dump", account="root", alone=True, only="mariadb"),
    tool("import", "import"),
    tool("slap", "slap"),
    tool("admin", "admin"),
    Client("sysbench", sys.executable, PROGRAMS / "tools.py", "sysbench", probe=("sysbench", "--version")),
    Client("java", "java", "-XX:TieredStopAtLevel=1", "-cp", f"{JDBC}:FOLDER/classes", "Jdbc", probe=("test", "-e", JDBC),
           masks=[(r"\(conn=\d+\)", "(conn=N)")],
           build=("javac", "-cp", JDBC, "-d", "FOLDER/classes", PROGRAMS / "Jdbc.java")),
]
