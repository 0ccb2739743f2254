"""The scenario through a driver of Python's database API: dbapi.py DRIVER."""

import asyncio
import hashlib
import importlib
import sys

import scenario
from scenario import HOST, PASSWORD, PORT, SCHEMA, USER, shown


class Driver:
    """What PyMySQL and mysqlclient have in common; the others say where they differ."""

    module = ""
    #: Whether `?` is the driver's placeholder.
    question_marks = False

    def __init__(self):
        self.api = importlib.import_module(self.module)
        self.connection = None

    # How the driver is called.

    def options(self, charset):
        return dict(host=HOST, port=PORT, user=USER, password=PASSWORD, database=SCHEMA, charset=charset,
                    autocommit=True)

    def connect(self, **options):
        return self.api.connect(**options)

    def multiple(self):
        """Options with which one text may hold several statements."""
        return {}

    def done(self, value):
        """What a call came to; the asynchronous drivers wait here."""
        return value

    def cursor(self):
        return self.done(self.connection.cursor())

    def streaming(self):
        return self.done(self.connection.cursor(importlib.import_module(self.module + ".cursors").SSCursor))

    def described(self, error):
        state = getattr(error, "sqlstate", None)
        number = getattr(error, "errno", None)
        return " ".join(str(part) for part in (number, state, error.args) if part is not None)

    # The steps.

    def reconnect(self, charset):
        self.close()
        self.connection = self.done(self.connect(**self.options(charset), **self.multiple()))
        print("  server", self.done_or_none(getattr(self.connection, "get_server_info", None)))

    def done_or_none(self, call):
        return None if call is None else self.done(call())

    def close(self):
        if self.connection is not None:
            self.done(self.connection.close())
            self.connection = None

    def refused(self, user, password, schema):
        options = dict(self.options("utf8mb4"), user=user, password=password, database=schema)
        self.done(self.connect(**options))
        print("  was let in")

    def query(self, sql):
        cursor = self.cursor()
        try:
            self.done(cursor.execute(sql))
            self.show(cursor)
        finally:
            self.done(cursor.close())

    def execute(self, sql, parameters):
        cursor = self.cursor()
        try:
            self.done(cursor.execute(self.placeholders(sql), parameters))
            self.show(cursor)
        finally:
            self.done(cursor.close())

    def batch(self, sql, rows):
        cursor = self.cursor()
        try:
            self.done(cursor.executemany(self.placeholders(sql), rows))
            self.show(cursor)
        finally:
            self.done(cursor.close())

    def placeholders(self, sql):
        return sql if self.question_marks else sql.replace("%", "%%").replace("?", "%s")

    def stream(self, sql):
        cursor = self.streaming()
        count, sum = 0, hashlib.md5()
        try:
            self.done(cursor.execute(sql))
            while row := self.done(cursor.fetchone()):
                count += 1
                sum.update(repr(row).encode())
        finally:
            self.done(cursor.close())
        print(f"  {count} rows, md5 {sum.hexdigest()}")

    def show(self, cursor):
        while True:
            if cursor.description:
                for column in cursor.description:
                    print("  column", *(shown(part) for part in column))
                for row in self.done(cursor.fetchall()):
                    print("  row", *(shown(value) for value in row))
            print(f"  rowcount={cursor.rowcount} lastrowid={cursor.lastrowid} {self.extras(cursor)}")
            if not self.done(cursor.nextset()):
                break

    def extras(self, cursor):
        """What the driver knows beside the API."""
        names = ("warning_count", "server_status", "affected_rows")
        result = getattr(cursor, "_result", None)
        return " ".join(f"{name}={getattr(result, name)}" for name in names if hasattr(result, name))

    def begin(self):
        self.done(self.connection.begin())

    def commit(self):
        self.done(self.connection.commit())

    def rollback(self):
        self.done(self.connection.rollback())

    def autocommit(self, value):
        self.done(self.connection.autocommit(value == "1"))

    def schema(self, name):
        self.done(self.connection.select_db(name))

    def ping(self):
        print("  ping", self.done(self.connection.ping()))

    def reset(self):
        raise NotImplementedError

    def user(self, name, password):
        raise NotImplementedError


class PyMySQL(Driver):
    module = "pymysql"

    def multiple(self):
        return {"client_flag": self.api.constants.CLIENT.MULTI_STATEMENTS}


class MySQLClient(Driver):
    module = "MySQLdb"

    def extras(self, cursor):
        return f"info={self.connection.info()} warnings={self.connection.warning_count()} flags={cursor.description_flags}"

    def user(self, name, password):
        self.connection.change_user(name, password, SCHEMA)


class Connector(Driver):
    """MySQL Connector/Python: in pure Python, or around libmysqlclient."""

    module = "mysql.connector"
    pure = True

    def __init__(self):
        super().__init__()
        if not self.pure and not self.api.HAVE_CEXT:
            raise SystemExit("this build of mysql-connector-python has no C extension")

    def options(self, charset):
        return dict(super().options(charset), use_pure=self.pure, ssl_disabled=False, allow_local_infile=False,
                    get_warnings=True)

    def cursor(self):
        return self.connection.cursor(buffered=True)

    def streaming(self):
        return self.connection.cursor()

    def execute(self, sql, parameters):
        if sql.startswith("CALL"):
            # Its prepared statements cannot have several results, and the connection is lost when one has.
            return super().execute(sql, parameters)
        cursor = self.connection.cursor(prepared=True)
        try:
            cursor.execute(sql, parameters)
            self.show(cursor)
        finally:
            cursor.close()

    def extras(self, cursor):
        return f"warnings={cursor.warnings} warning_count={getattr(cursor, 'warning_count', None)}"

    def begin(self):
        self.connection.start_transaction()

    def autocommit(self, value):
        self.connection.autocommit = value == "1"

    def schema(self, name):
        self.connection.database = name

    def reset(self):
        self.connection.cmd_reset_connection()

    def user(self, name, password):
        self.connection.cmd_change_user(name, password, SCHEMA)

    def ping(self):
        self.connection.ping()
        print("  connected", self.connection.is_connected())


class ConnectorExtension(Connector):
    pure = False


class MariaDBConnector(Driver):
    """MariaDB Connector/Python, around libmariadb: real prepared statements, bulk execution."""

    module = "mariadb"
    question_marks = True

    def options(self, charset):
        options = super().options(charset)
        del options["charset"]
        return options

    def multiple(self):
        return {"client_flag": importlib.import_module("mariadb.constants.CLIENT").MULTI_STATEMENTS}

    def reconnect(self, charset):
        super().reconnect(charset)
        print("  flags", self.connection.server_version, self.connection.character_set, self.connection.collation)

    def cursor(self):
        return self.connection.cursor(binary=False)

    def execute(self, sql, parameters):
        cursor = self.connection.cursor(prepared=True)
        try:
            cursor.execute(sql, parameters)
            self.show(cursor)
        finally:
            cursor.close()

    def streaming(self):
        return self.connection.cursor(buffered=False)

    def extras(self, cursor):
        return f"affected={cursor.affected_rows} warnings={cursor.warnings} metadata={cursor.metadata}"

    def autocommit(self, value):
        self.connection.autocommit = value == "1"

    def reset(self):
        self.connection.reset()

    def user(self, name, password):
        self.connection.change_user(name, password, SCHEMA)


class Asynchronous(Driver):
    loop = asyncio.new_event_loop()

    def done(self, value):
        if asyncio.iscoroutine(value) or hasattr(value, "__await__"):
            async def finish():
                return await value
            return self.loop.run_until_complete(finish())
        return value

    def options(self, charset):
        options = super().options(charset)
        options["db"] = options.pop("database")
        return options

    def refused(self, user, password, schema):
        options = dict(self.options("utf8mb4"), user=user, password=password, db=schema)
        self.done(self.connect(**options))
        print("  was let in")

    def close(self):
        if self.connection is not None:
            closing = getattr(self.connection, "ensure_closed", None) or self.connection.close
            self.done(closing())
            self.connection = None


class AioMySQL(Asynchronous):
    module = "aiomysql"

    def multiple(self):
        return {"client_flag": importlib.import_module("pymysql.constants.CLIENT").MULTI_STATEMENTS}


class AsyncMy(Asynchronous):
    module = "asyncmy"

    def multiple(self):
        return {"client_flag": importlib.import_module("asyncmy.constants.CLIENT").MULTI_STATEMENTS}


DRIVERS = {
    "PyMySQL": PyMySQL, "mysqlclient": MySQLClient, "mysql-connector": Connector,
    "mysql-connector-c": ConnectorExtension, "mariadb": MariaDBConnector, "aiomysql": AioMySQL, "asyncmy": AsyncMy,
}

if __name__ == "__main__":
    scenario.run(DRIVERS[sys.argv[1]]())
