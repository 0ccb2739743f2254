"""The clients of the matrix: how each is started, and why it may be missing."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"


class Client:
    """A program that prints a transcript."""

    #: The line with which a whole transcript ends, or nothing.
    last = "== end"

    def __init__(self, name, *command, probe=(), build=(), account="app", only=None, last="== end", masks=()):
        self.name = name
        self.words = command
        self.probe = probe
        self.build = build
        self.account = account
        self.only = only
        self.last = last
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
        for words in filter(None, (self.probe, self.build)):
            try:
                run = subprocess.run([word.replace("FOLDER", str(scene.folder)) for word in map(str, words)],
                                     capture_output=True, text=True, timeout=180, env=self.environment(scene))
            except (OSError, subprocess.TimeoutExpired) as error:
                return str(error)
            if run.returncode != 0:
                return (run.stderr or run.stdout).strip().splitlines()[-1:] or f"status {run.returncode}"
        return None

    def environment(self, scene):
        return dict(os.environ, HOME=str(scene.folder), GOCACHE=str(scene.folder / "go"))


def python(name, module):
    return Client(name, sys.executable, PROGRAMS / "dbapi.py", name, probe=(sys.executable, "-c", f"import {module}"))


CLIENTS = [
    python("PyMySQL", "pymysql"),
    python("mysqlclient", "MySQLdb"),
    python("mysql-connector", "mysql.connector"),
    python("mysql-connector-c", "_mysql_connector"),
    python("mariadb", "mariadb"),
    python("aiomysql", "aiomysql"),
    python("asyncmy", "asyncmy"),
]
