"""Command-line programs as clients: tools.py PROGRAM. Prints what they print, without times and addresses."""

import difflib
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

from scenario import HOST, PASSWORD, PORT, SCHEMA, USER, steps

MYSQL = os.environ["CLIENT_FLAVOUR"].startswith("mysql")
LOGIN = [f"--host={HOST}", f"--port={PORT}", f"--user={USER}", f"--password={PASSWORD}"]
#: Programs of MySQL's own are those of the server under test.
FOLDER = pathlib.Path(os.environ.get("CLIENT_MYSQL_PROGRAMS", "/opt/mysql-server/bin"))

#: What MySQL's programs say of a password among their arguments.
MYSQL_WARNING = "[Warning] Using a password on the command line interface can be insecure."

#: What differs between two runs for reasons of its own: times, and the dump's name for the server.
MASKS = [
    (re.compile(r"\(\d+(\.\d+)? sec\)|in \d+\.\d+s|\d+ min \d+\.\d+ sec"), "(TIME)"),
    (re.compile(r"^-- (Dump completed).*"), r"-- \1"),
    (re.compile(r'(Create|Update|Check)_time="[^"]*"'), r'\1_time="TIME"'),
    (re.compile(r'(Cardinality|Rows|Avg_row_length|Data_length|Index_length)="\d+"'), r'\1="N"'),
    (re.compile(r"'20(?!30|24)\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?'"), "'TIME'"),
    (re.compile(r"\| 20(?!30|24)\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d\d \|"), "| TIME |"),
    (re.compile(r"SET @@GLOBAL.GTID_PURGED=.*"), "GTID_PURGED"),
]


def run(*words, text=None, keep=None):
    """Runs a program and prints its output and status; `keep` writes the output to a file as well."""
    done = subprocess.run([str(word) for word in words], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if keep:
        pathlib.Path(keep).write_bytes(done.stdout)
    for line in (done.stdout + b"\n" + done.stderr).decode("utf-8", "backslashreplace").splitlines():
        for pattern, replacement in MASKS:
            line = pattern.sub(replacement, line)
        if "Using a password on the command line" not in line:
            print(line if len(line) < 2000 else f"{line[:100]}… {len(line)} long, hash {hash_of(line)}")
    print(f"# {pathlib.Path(words[0]).name} ended with {done.returncode}", flush=True)


def hash_of(text):
    return hashlib.md5(text.encode()).hexdigest()


def program(name):
    """`mariadb-NAME`, or MySQL's."""
    if not MYSQL:
        return "mariadb" if name == "" else f"mariadb-{name}"
    return FOLDER / f"mysql{name}"


def settle():
    """Waits until the replicas have what was written: the next program's session has not seen it yet."""
    import pymysql
    login = json.loads(os.environ["CLIENT_ROOT"])
    primary, *replicas = [pymysql.connect(host="127.0.0.1", port=port, **login).cursor()
                          for port in json.loads(os.environ["CLIENT_NODES"])]
    primary.execute("SELECT @@global.gtid_executed" if MYSQL else "SELECT @@global.gtid_binlog_pos")
    position = primary.fetchone()[0]
    for replica in replicas:
        wait = "WAIT_FOR_EXECUTED_GTID_SET(%s, 20)" if MYSQL else "MASTER_GTID_WAIT(%s, 20)"
        replica.execute(f"SELECT {wait}", (position,))
    for cursor in (primary, *replicas):
        cursor.connection.close()


def client(statements, *options, schema=SCHEMA):
    run(program(""), "--no-defaults", *LOGIN, "--default-character-set=utf8mb4", *options, schema,
        text=statements.encode())
    settle()


def command_line():
    """The scenario's statements, typed into the client; then its output formats and commands."""
    typed = ["DELIMITER //"]
    typed += [argument + " //" for verb, argument in steps() if verb == "query" and len(argument) < 100_000]
    client("\n".join(typed) + "\n", "--force", "-vvv", "--table", "--show-warnings", "--column-type-info")
    for style in ("--batch", "--xml", "--html", "--vertical", "--raw", "--quick"):
        client("SELECT 1 AS a, NULL AS b, 'ä\\t<&>' AS c; SHOW VARIABLES LIKE 'sql_mode'; SELECT nonsense;\n", style)
    client("use test\nwarnings\nSELECT DATABASE();\nrehash\ncharset latin1\nSELECT @@character_set_client;\n", "--table")


def sample():
    """A schema with everything that a dump may hold."""
    client("""
        SET NAMES utf8mb4;
        CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) NOT NULL DEFAULT 'ä', bits BIT(5),
            data BLOB, price DECIMAL(10,3), at DATETIME(6), js JSON, place POINT, twice INT AS (id_copy * 2) STORED,
            id_copy INT, UNIQUE KEY (name), FULLTEXT KEY (name)) AUTO_INCREMENT = 100 COMMENT = 'it''s "here"';
        CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parent (id)
            ON DELETE CASCADE);
        CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10),
            PARTITION p1 VALUES LESS THAN MAXVALUE);
        CREATE TABLE `strange ``name``` (`a b` TEXT CHARACTER SET latin1) COLLATE utf8mb4_bin;
        INSERT INTO parent (name, bits, data, price, at, js, place, id_copy) VALUES
            ('one', b'10101', x'00ff275c0a', 1.5, '2024-02-29 12:00:00.000001', '{"a": "ä"}', POINT(1, 2), 1),
            ('quote '' and \\\\ and \\n', NULL, '', -0.001, NULL, NULL, NULL, NULL), ('😀', b'0', REPEAT(x'00', 5000), 0,
            '1000-01-01', '[]', POINT(-1, 0), 7);
        INSERT INTO child SELECT id, id FROM parent;
        INSERT INTO parts VALUES (1), (10), (100);
        INSERT INTO `strange ``name``` VALUES ('é'), (NULL);
        CREATE VIEW seen AS SELECT p.name AS `the name`, COUNT(*) AS n FROM parent p JOIN child c ON c.parent_id = p.id
            GROUP BY p.name;
        CREATE VIEW later AS SELECT * FROM seen WHERE n > 0;
        DELIMITER //
        CREATE FUNCTION doubled(n INT) RETURNS INT DETERMINISTIC COMMENT 'twice; really' RETURN n * 2 //
        CREATE PROCEDURE work(IN a INT, OUT b INT) MODIFIES SQL DATA
        BEGIN
            -- a comment; with a semicolon
            DECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET b = -1;
            INSERT INTO child VALUES (a, NULL);
            SET b = doubled(a);
        END //
        CREATE TRIGGER before_child BEFORE INSERT ON child FOR EACH ROW
        BEGIN
            IF NEW.id < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'negative'; END IF;
        END //
        CREATE TRIGGER after_parent AFTER UPDATE ON parent FOR EACH ROW INSERT IGNORE INTO parts VALUES (NEW.id) //
        CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM parts //
        DELIMITER ;
        """ + ("" if MYSQL else """
        CREATE SEQUENCE counter START WITH 7 INCREMENT BY 3; SELECT NEXTVAL(counter);
        CREATE TABLE versions (id INT) WITH SYSTEM VERSIONING;
        """))


EVERYTHING = ["--routines", "--triggers", "--events", "--hex-blob", "--single-transaction", "--skip-dump-date"]
CHECKS = """
    SELECT * FROM later; SELECT id, name, HEX(bits), HEX(data), price, at, js, ST_AsText(place), twice FROM parent;
    CALL work(77, @b); SELECT @b; INSERT INTO child VALUES (-1, 1);
    UPDATE parent SET price = 1 WHERE name = 'one'; SELECT * FROM parts ORDER BY id; SHOW EVENTS; SHOW TRIGGERS LIKE 'c%';
    SELECT * FROM `strange ``name```; SHOW CREATE VIEW later;
    """


def dump():
    """A schema dumped, restored into another, checked there, and dumped again; then in the other formats."""
    sample()
    file = f"{os.environ['CLIENT_FOLDER']}/{SCHEMA}.{PORT}.sql"
    run(program("dump"), "--no-defaults", *LOGIN, *EVERYTHING, SCHEMA, keep=file)
    restored = pathlib.Path(file).read_text(encoding="utf-8", errors="surrogateescape")
    copy = SCHEMA + "_copy"
    client(f"DROP DATABASE IF EXISTS {copy}; CREATE DATABASE {copy} CHARACTER SET utf8mb4;")
    run(program(""), "--no-defaults", *LOGIN, "--default-character-set=utf8mb4", copy,
        text=restored.encode("utf-8", "surrogateescape"))
    settle()
    client(CHECKS, "--table", "--force", schema=copy)
    run(program("dump"), "--no-defaults", *LOGIN, *EVERYTHING, copy)
    for more in (["--xml"], ["--skip-extended-insert", "--complete-insert", "--quick", "--order-by-primary"],
                 ["--lock-tables", "--skip-opt"], ["--no-data", "--compatible=ansi" if not MYSQL else "--no-data"],
                 ["--where=id > 1", SCHEMA, "parts"]):
        target = [] if SCHEMA in more else [SCHEMA]
        run(program("dump"), "--no-defaults", "--skip-dump-date", *LOGIN, *more, *target)
    client(f"DROP DATABASE {copy};")


def dump_all():
    """Everything on the server, as its administrator, with the position in the binary log."""
    sample()
    position = ["--source-data=2"] if MYSQL else ["--master-data=2"]
    file = f"{os.environ['CLIENT_FOLDER']}/all.{PORT}.sql"
    done = subprocess.run([str(program("dump")), "--no-defaults", *LOGIN, "--all-databases", *EVERYTHING, *position,
                           "--flush-privileges"], stdout=open(file, "wb"), stderr=subprocess.PIPE)
    print(done.stderr.decode())
    # What the other sessions write meanwhile, statistics and the position itself are not part of the comparison.
    volatile = re.compile(r"^(INSERT (?:IGNORE )?INTO `(beside|innodb_\w+_stats|\w+_stats|gtid_slave_pos|gtid_executed|event|"
                          r"general_log|slow_log|server_cost|slave_\w+)`|.*(MASTER|SOURCE)_LOG_(FILE|POS)|"
                          r".*AUTO_INCREMENT=\d+|.*GTID_PURGED|\(\d+,'x'\)|.*gtid_slave_pos)")
    schema = None
    # The server keeps its routines in no order, and those of other clients come and go.
    routine = re.compile(r"^(INSERT INTO `proc` VALUES )?\('(?!sys)(?!" + SCHEMA + "')")
    for line in open(file, encoding="utf-8", errors="backslashreplace"):
        if routine.match(line) and schema == "USE `mysql`;\n":
            continue
        if line.startswith("USE "):
            schema = line
        if schema and ("client_" in schema and SCHEMA not in schema or "sys" in schema) or volatile.match(line):
            continue
        line = line.rstrip()
        for pattern, replacement in MASKS:
            line = pattern.sub(replacement, line)
        print(line if len(line) < 2000 else f"{line[:100]}… {len(line)} long, hash {hash_of(line)}")
    print(f"# the dump ended with {done.returncode}")


def compare(name, one, other):
    """Says whether two dumps are equal, and where they differ."""
    print(name, "is equal" if one == other else "DIFFERS")
    texts = [dump.decode("utf-8", "backslashreplace").splitlines() for dump in (one, other)]
    for line in difflib.unified_diff(*texts, lineterm="", n=0):
        print(line[:300])


def restore_all():
    """Everything on the server dumped, partly lost, and restored into the running cluster: content, accounts, code.

    On MySQL without the server's own schema: a replica that is given another one stops, with and without a proxy.
    """
    sample()
    second = f"{SCHEMA}_second"
    client(f"""
        CREATE DATABASE {second} CHARACTER SET utf8mb4;
        CREATE TABLE {second}.words (id INT PRIMARY KEY, word VARCHAR(20) CHARACTER SET latin1, KEY (word));
        INSERT INTO {second}.words VALUES (1, 'größer'), (2, NULL), (3, '');
        CREATE VIEW {second}.across AS SELECT w.word, p.name
            FROM {second}.words w JOIN {SCHEMA}.parent p ON w.id = p.id - 99;
        CREATE USER restored@'%' IDENTIFIED BY 'secret';
        GRANT SELECT, EXECUTE ON {SCHEMA}.* TO restored@'%'; GRANT SELECT ON {second}.* TO restored@'%';
        """)
    everything = [*EVERYTHING, *(["--set-gtid-purged=OFF"] if MYSQL else [])]
    options = ["--databases", SCHEMA, second] if MYSQL else ["--all-databases", "--flush-privileges"]
    file = f"{os.environ['CLIENT_FOLDER']}/restore.{PORT}.sql"

    def dumped(*words, login=LOGIN):
        done = subprocess.run([str(program("dump")), "--no-defaults", *login, *everything, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        print(f"# a dump ended with {done.returncode}", done.stderr.decode().replace(MYSQL_WARNING, ""))
        return done.stdout

    before = dumped(*options)
    pathlib.Path(file).write_bytes(before)
    parts = [dumped(schema) for schema in (SCHEMA, second)]
    client(f"DROP DATABASE {SCHEMA}; DROP DATABASE {second};" + ("" if MYSQL else "DROP USER restored@'%';"),
           schema="test")
    run(program(""), "--no-defaults", *LOGIN, "--default-character-set=utf8mb4",
        text=before)
    settle()
    for schema, part in zip((SCHEMA, second), parts):
        compare(schema, part, dumped(schema))
    nodes = [dumped("--databases", SCHEMA, second, login=[f"--port={port}" if "--port" in word else word for word in LOGIN])
             for port in json.loads(os.environ["CLIENT_NODES"])]
    # A replica disables the events that it got, and the host is followed by the port.
    nodes = [re.sub(rb"DISABLE ON (SLAVE|REPLICA)|-- Host: .*", lambda found: found[0][:7], node) for node in nodes]
    for number, node in enumerate(nodes):
        compare(f"node {number}", nodes[0], node)
    client(CHECKS, "--table", "--force")
    as_restored = [f"--host={HOST}", f"--port={PORT}", "--user=restored", "--password=secret"]
    run(program(""), "--no-defaults", *as_restored, "--default-character-set=utf8mb4", "--table", SCHEMA, text=f"""
        SHOW GRANTS; SELECT doubled(21); SELECT * FROM {second}.across ORDER BY word; SELECT * FROM later;
        """.encode())
    client(f"DROP DATABASE {second}; DROP USER restored@'%';")


def load():
    """Text files into tables and back."""
    client("CREATE TABLE numbers (id INT PRIMARY KEY, name VARCHAR(40), price DECIMAL(8,2));")
    folder = pathlib.Path(os.environ["CLIENT_FOLDER"])
    file = folder / "numbers.txt"
    file.write_text("".join(f"{n}\tn\\tame {n} ä\t{n / 4:.2f}\n" for n in range(1, 20_001)) + "20001\t\\N\tnot a number\n",
                    encoding="utf-8")
    for options in ([], ["--replace"], ["--ignore"], ["--delete", "--columns=id,name,price"]):
        run(program("import"), "--no-defaults", *LOGIN, "--local", "--default-character-set=utf8mb4", *options, SCHEMA, file)
        settle()
    client(f"SELECT COUNT(*), SUM(price), MD5(GROUP_CONCAT(name ORDER BY id)), MAX(id) FROM numbers;"
           f"LOAD DATA LOCAL INFILE '{file}' REPLACE INTO TABLE numbers; SHOW WARNINGS;"
           f"LOAD DATA LOCAL INFILE '/nowhere/missing' INTO TABLE numbers; SELECT COUNT(*) FROM numbers;",
           "--local-infile=1", "-vvv", "--force")
    client(f"LOAD DATA LOCAL INFILE '{file}' REPLACE INTO TABLE numbers; SELECT 1;", "--local-infile=0", "--force")
    file.unlink()


def slap():
    """mysqlslap's own load, ended without an error."""
    run(program("slap"), "--no-defaults", *LOGIN, "--concurrency=4", "--iterations=2", "--number-of-queries=400",
        "--auto-generate-sql", "--auto-generate-sql-load-type=mixed", f"--create-schema={SCHEMA}_slap", "--silent")


def sysbench():
    """The usual loads, each with prepared statements and without: how many transactions, how many lost connections."""
    login = ["--db-driver=mysql", f"--mysql-host={HOST}", f"--mysql-port={PORT}", f"--mysql-user={USER}",
             f"--mysql-password={PASSWORD}", f"--mysql-db={SCHEMA}"]
    shape = ["--tables=2", "--table-size=500", "--threads=2", "--time=0", "--rand-seed=7"]
    subprocess.run(["sysbench", "oltp_read_write", *login, *shape, "prepare"], check=True, stdout=subprocess.DEVNULL)
    settle()
    for load in ("oltp_point_select", "oltp_read_only", "oltp_read_write", "oltp_update_index", "oltp_insert",
                 "oltp_delete", "select_random_points"):
        for mode in ("auto", "disable"):
            words = ["sysbench", load, *login, *shape, "--events=100", f"--db-ps-mode={mode}", "run"]
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            found = re.findall(r"^ +(transactions|reconnects): +(\d+)|(FATAL.*)", done.stdout, re.MULTILINE)
            print(load, mode, done.returncode, found)


def administration():
    """The small programs."""
    run(program("admin"), "--no-defaults", *LOGIN, "ping")
    run(program("show"), "--no-defaults", *LOGIN, SCHEMA)
    sample()
    run(program("show"), "--no-defaults", *LOGIN, "--count", SCHEMA)
    if not MYSQL:  # whose index statistics come when they come
        client("ANALYZE TABLE parent;")
        run(program("show"), "--no-defaults", *LOGIN, "--keys", SCHEMA, "parent")
    run(program("check"), "--no-defaults", *LOGIN, SCHEMA)
    run(program("check"), "--no-defaults", *LOGIN, "--optimize", SCHEMA)
    run(program("admin"), "--no-defaults", *LOGIN, "create", SCHEMA + "_made")
    run(program("admin"), "--no-defaults", *LOGIN, "--force", "drop", SCHEMA + "_made")


{
    "command-line": command_line, "dump": dump, "dump-all": dump_all, "restore-all": restore_all, "import": load,
    "slap": slap, "sysbench": sysbench, "admin": administration,
}[sys.argv[1]]()
print("== end")
