"""Sessions beside the clients': each with a state of its own, and none that holds a connection for long.

usage: background.py PORT USER PASSWORD SCHEMA SESSIONS      (until standard input ends)
"""

import select
import sys

import pymysql

port, user, password, schema, sessions = sys.argv[1:]
STATES = [
    "SET NAMES latin1", "SET time_zone = '+05:00'", "SET sql_mode = 'ANSI_QUOTES'", "SET sql_select_limit = 1",
    "SET autocommit = 0", "SET lc_time_names = 'de_DE'", "SET NAMES utf8mb4 COLLATE utf8mb4_bin", "USE test",
]
STATEMENTS = [
    "SELECT COUNT(*) FROM client_background.beside", "SELECT nonsense", "SELECT 1 / 0",
    "INSERT INTO client_background.beside VALUES (NULL, 'x')", "COMMIT", "SELECT LAST_INSERT_ID()",
    "SHOW WARNINGS", "SELECT @@sql_mode, @@time_zone",
]


def connect():
    return pymysql.connect(host="127.0.0.1", port=int(port), user=user, password=password, database=schema,
                           autocommit=True)


first = connect()
first.cursor().execute("CREATE TABLE IF NOT EXISTS beside (id INT PRIMARY KEY AUTO_INCREMENT, word VARCHAR(9))")
first.close()
connections = []
for number in range(int(sessions)):
    connection = connect()
    connection.cursor().execute(STATES[number % len(STATES)])
    connections.append(connection)

turn = 0
while not select.select([sys.stdin], [], [], 0.005)[0]:
    number = turn % len(connections)
    statement = STATEMENTS[(turn // len(connections) + number) % len(STATEMENTS)]
    turn += 1
    try:
        connections[number].cursor().execute(statement)
    except pymysql.err.OperationalError as error:
        # An unknown column is what this list asks for; any other operational error would be the proxy's.
        if error.args[0] != 1054:
            print("background session:", error, file=sys.stderr, flush=True)
            connections[number] = connect()
