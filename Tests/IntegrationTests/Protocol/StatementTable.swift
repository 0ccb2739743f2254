// Statements whose answers must not depend on whether a proxy stands in between.

import TestSupport
import Testing

enum StatementTable {
    /// Statements that run one after the other in one session.
    struct Program: Sendable, CustomTestStringConvertible {
        let name: String
        let steps: [DifferentialStep]

        var testDescription: String { name }
    }

    static let programs = [
        literals, types, metadata, queries, writes, errors, definitions, showing, transactions, results, variables,
        commands, sizes,
    ]

    private static let literals = Program(
        name: "literals and expressions",
        steps: [
            "SELECT 1", "SELECT -1, 0, 18446744073709551615, 1.10, 1e10, TRUE", "SELECT NULL", "SELECT ''",
            "SELECT 'a''b', \"c\"",
            "SELECT 'ä€😀', _latin1'abc', N'n', X'41', 0x4142, b'1010', x''",
            "SELECT DATE'2024-02-29', TIME'10:11:12', TIMESTAMP'2024-02-29 10:11:12.5'",
            "SELECT 1 AS `a b`, 2 AS '', 3 AS `😀`", "SELECT 1/0, 1 DIV 0, 5 % 3, -7 DIV 2",
            "SELECT 'a' = 'A', 'a' < 'b', NULL <=> NULL",
            "SELECT CAST('12abc' AS UNSIGNED), CONVERT('ä' USING latin1), HEX('ä')",
            "SELECT CONCAT('a', NULL), CONCAT_WS(',', 'a', NULL, 'b')",
            "SELECT JSON_OBJECT('a', 1, 'b', JSON_ARRAY(1, 2, NULL))", "SELECT INET6_ATON('::1'), UNHEX('00ff')",
            "SELECT ROUND(2.5), TRUNCATE(1.999, 2), RAND(3)",
            "SELECT /* comment */ 1 # another", "SELECT 1 -- the last", "SELECT /*!50000 1 + */ 1",
            "SELECT /*M!100000 2 + */ 1",
            "VALUES (1, 2), (3, 4)", "SELECT ~0, 1 << 63, 5 & 3, 5 | 3, 5 ^ 3",
            "SELECT INTERVAL(3, 1, 2, 4), ELT(2, 'a', 'b')",
        ])

    private static let types = Program(
        name: "every column type",
        steps: [
            """
            CREATE OR REPLACE TABLE all_types (id INT PRIMARY KEY, b BIT(9), t TINYINT UNSIGNED ZEROFILL, s SMALLINT,
                m MEDIUMINT, i INT UNSIGNED, l BIGINT, d DECIMAL(30,10), f FLOAT, g DOUBLE, c CHAR(5), v VARCHAR(300),
                bi BINARY(4), vb VARBINARY(10), tt TINYTEXT, tx TEXT, mt MEDIUMTEXT, lt LONGTEXT, bl BLOB, lb LONGBLOB, da DATE,
                ti TIME(3), dt DATETIME(6), ts TIMESTAMP(2) NULL, y YEAR, e ENUM('x','y'), se SET('p','q','r'),
                js JSON, ge POINT, u UUID, ip INET6)
            """,
            """
            INSERT INTO all_types VALUES (1, b'100000001', 7, -32768, -8388608, 4294967295, -9223372036854775808,
                12345678901234567890.0123456789,
                1.5, 1e-300, 'abc', REPEAT('v', 300), 'ab', x'00ff', 'tiny', 'text', 'medium', 'long', x'0001ff', x'',
                '2024-02-29', '-838:59:59', '9999-12-31 23:59:59.999999', '2024-01-01 00:00:00.12', 2024, 'y', 'p,r',
                '{"a": [1, null]}', POINT(1, 2), '123e4567-e89b-12d3-a456-426655440000', '::1')
            """,
            "INSERT INTO all_types (id) VALUES (2)", "SELECT * FROM all_types", "SELECT * FROM all_types WHERE id = 2",
            "SELECT * FROM all_types WHERE id = 3",
            .prepared("SELECT * FROM all_types", [[]]), .fields("all_types"),
            "SELECT MIN(d), MAX(dt), SUM(l), AVG(f), GROUP_CONCAT(v), COUNT(e) FROM all_types",
            "SELECT ST_AsText(ge), JSON_VALUE(js, '$.a[0]'), HEX(b + 0), e + 0 FROM all_types", "DESCRIBE all_types",
            "SHOW COLUMNS FROM all_types LIKE 'd%'",
        ])

    private static let metadata = Program(
        name: "names and flags of columns",
        steps: [
            .query(
                "CREATE OR REPLACE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, "
                    + "code VARCHAR(10) NOT NULL UNIQUE, note TEXT, KEY (note(5)))"),
            "CREATE OR REPLACE VIEW seen AS SELECT id AS number, UPPER(code) AS upper_code FROM parent",
            "INSERT INTO parent (code) VALUES ('a'), ('b')",
            "SELECT p.id, p.code AS c, q.note FROM parent AS p JOIN parent AS q ON p.id = q.id", "SELECT * FROM seen",
            "SELECT app.parent.id FROM app.parent",
            "SELECT id, COUNT(*) AS n FROM parent GROUP BY id WITH ROLLUP",
            "SELECT * FROM (SELECT id AS x FROM parent) AS derived", "SELECT id FROM parent WHERE FALSE",
            "SELECT *, parent.* FROM parent ORDER BY id DESC LIMIT 1",
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'app' AND table_name = 'parent'",
            .prepared("SELECT id, code AS c, note FROM parent WHERE id = ?", [[.int(1)]]), .fields("seen"),
            .fields("missing"),
        ])

    private static let queries = Program(
        name: "queries",
        steps: [
            "CREATE OR REPLACE TABLE item (id INT PRIMARY KEY, kind CHAR(1), price DECIMAL(8,2))",
            "INSERT INTO item VALUES (1,'a',1.50), (2,'a',2.50), (3,'b',NULL), (4,'b',10), (5,'c',0)",
            "SELECT * FROM item ORDER BY id",
            "SELECT kind, COUNT(*), SUM(price) FROM item GROUP BY kind HAVING COUNT(*) > 1 ORDER BY kind",
            "SELECT DISTINCT kind FROM item ORDER BY 1",
            "SELECT a.id, b.id FROM item a LEFT JOIN item b ON b.id = a.id + 3 ORDER BY a.id",
            "SELECT id FROM item WHERE price IS NULL UNION ALL SELECT id FROM item WHERE price = 0",
            "SELECT id FROM item WHERE id IN (SELECT MAX(id) FROM item GROUP BY kind) ORDER BY id",
            "SELECT id, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY id) FROM item ORDER BY id",
            "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 20) SELECT * FROM n",
            "SELECT seq FROM seq_1_to_50", "SELECT id FROM item LIMIT 2 OFFSET 1",
            "SELECT * FROM item WHERE kind LIKE 'A%' ORDER BY id", "SELECT EXISTS (SELECT 1 FROM item WHERE id = 9)",
            "(SELECT id FROM item ORDER BY id LIMIT 1) UNION (SELECT 99)",
            "SELECT id FROM item PROCEDURE ANALYSE()", "TABLE item",
            "SELECT HIGH_PRIORITY SQL_SMALL_RESULT kind FROM item GROUP BY kind ORDER BY NULL",
            "EXPLAIN SELECT * FROM item WHERE id = 1", "EXPLAIN FORMAT=JSON SELECT 1",
            "SELECT id FROM item INTERSECT SELECT 3", "SELECT id FROM item EXCEPT SELECT 3",
        ])

    private static let writes = Program(
        name: "writes",
        steps: [
            "CREATE OR REPLACE TABLE store (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(10), n INT DEFAULT 7)",
            "INSERT INTO store (name) VALUES ('a')",
            "INSERT INTO store (name) VALUES ('b'), ('c'), ('d')", "INSERT INTO store SET name = 'e'",
            "INSERT IGNORE INTO store (id, name) VALUES (1, 'x'), (10, 'y')",
            "INSERT INTO store (id, name) VALUES (1, 'x') ON DUPLICATE KEY UPDATE name = 'z', n = n + 1",
            "REPLACE INTO store VALUES (2, 'r', 1)", "UPDATE store SET n = n + 1",
            "UPDATE store SET n = n WHERE id = 1", "UPDATE store SET n = 1 WHERE id = 999",
            "DELETE FROM store WHERE id = 3", "DELETE FROM store WHERE id = 3",
            "INSERT INTO store (name) SELECT name FROM store",
            "INSERT INTO store (name) VALUES ('ret') RETURNING id, name",
            "DELETE FROM store WHERE name = 'ret' RETURNING id",
            "SELECT * FROM store ORDER BY id", "TRUNCATE TABLE store", "SELECT COUNT(*) FROM store",
            "INSERT INTO store VALUES ()", "SELECT LAST_INSERT_ID()",
            "CREATE OR REPLACE TABLE store2 AS SELECT * FROM store",
            "UPDATE store, store2 SET store.n = 3, store2.n = 4", "DELETE store FROM store JOIN store2 USING (id)",
            "ALTER TABLE store ADD COLUMN extra INT", "INSERT DELAYED INTO store (name) VALUES ('late')",
        ])

    private static let errors = Program(
        name: "errors",
        steps: [
            "SELEC 1", "SELECT", "SELECT * FROM", "SELECT nonsense", "SELECT * FROM missing",
            "SELECT * FROM nowhere.missing", "SELECT unknown_function(1)",
            "SELECT 1, (SELECT 1 UNION SELECT 2)", "SELECT 'unterminated", "SELECT `unterminated",
            "SELECT /* unterminated", "INSERT INTO missing VALUES (1)",
            "CREATE OR REPLACE TABLE strict (id INT PRIMARY KEY, t TINYINT NOT NULL)",
            "INSERT INTO strict VALUES (1, 1)", "INSERT INTO strict VALUES (1, 1)",
            "INSERT INTO strict VALUES (2, 1000)",
            "INSERT INTO strict VALUES (2, NULL)", "INSERT INTO strict (id) VALUES (3)",
            "INSERT INTO strict VALUES (1)", "UPDATE strict SET id = 'x'",
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'own words', MYSQL_ERRNO = 3001",
            "CALL missing()", "DROP TABLE missing", "CREATE TABLE strict (id INT)", "SET nonsense = 1",
            "SET sql_mode = 'NONSENSE'", "SET group_concat_max_len = 'x'", "SET GLOBAL max_connections = 5",
            "EXECUTE missing", "USE", "USE nowhere", "GRANT ALL ON *.* TO app@'%'", "SELECT 1 FROM DUAL WHERE",
            "SELECT JSON_EXTRACT('{', '$')", "SELECT * FROM strict WHERE id = (SELECT 1, 2)",
            "SELECT 9223372036854775807 + 1", "SELECT ST_GeomFromText('POINT(1')",
            "BEGIN NOT ATOMIC DECLARE EXIT HANDLER FOR SQLEXCEPTION RESIGNAL; SELECT nonsense; END", "COMMIT nonsense",
            "SELECT 1",
        ])

    private static let definitions = Program(
        name: "definitions",
        steps: [
            "DROP TABLE IF EXISTS d1, d2", "DROP VIEW IF EXISTS v1", "DROP PROCEDURE IF EXISTS p1",
            "DROP FUNCTION IF EXISTS f1", "DROP SEQUENCE IF EXISTS s1", "CREATE TABLE d1 (id INT)",
            "CREATE TABLE IF NOT EXISTS d1 (id INT)",
            "CREATE TABLE d2 LIKE d1", "CREATE INDEX i1 ON d1 (id)",
            "ALTER TABLE d1 ADD COLUMN x INT DEFAULT 5, ALGORITHM=INSTANT", "RENAME TABLE d2 TO d3", "SELECT * FROM d3",
            "DROP TABLE d3", "CREATE VIEW v1 AS SELECT 1 AS one", "SELECT * FROM v1",
            "CREATE FUNCTION f1(a INT) RETURNS INT DETERMINISTIC RETURN a * 2", "SELECT f1(21)",
            "CREATE PROCEDURE p1() SELECT 'p'", "CALL p1()",
            "CREATE TRIGGER t1 BEFORE INSERT ON d1 FOR EACH ROW SET NEW.x = 9",
            "INSERT INTO d1 (id) VALUES (1)", "SELECT * FROM d1", "SHOW CREATE TABLE d1", "SHOW CREATE VIEW v1",
            "SHOW CREATE FUNCTION f1", "ANALYZE TABLE d1", "CHECK TABLE d1", "OPTIMIZE TABLE d1", "CHECKSUM TABLE d1",
            "DROP VIEW v1", "DROP PROCEDURE p1", "DROP FUNCTION f1", "DROP TRIGGER t1", "DROP TABLE d1",
        ])

    private static let showing = Program(
        name: "SHOW and its like",
        steps: [
            "SHOW DATABASES", "SHOW TABLES LIKE 'node_marker'", "SHOW FULL TABLES LIKE 'node_marker'",
            "SHOW VARIABLES LIKE 'character_set_client'", "SHOW SESSION VARIABLES LIKE 'sql_mode'",
            "SHOW GLOBAL VARIABLES LIKE 'max_allowed_packet'",
            "SHOW CHARACTER SET LIKE 'latin1'", "SHOW COLLATION LIKE 'utf8mb4_bin'", "SHOW ENGINES", "SHOW GRANTS",
            "SHOW GRANTS FOR CURRENT_USER", "SHOW PRIVILEGES", "SHOW INDEX FROM node_marker", "DESC node_marker",
            "SELECT DATABASE(), USER(), CURRENT_USER(), SCHEMA()", "SELECT VERSION(), @@version_comment LIMIT 1",
            "SELECT @@max_allowed_packet, @@autocommit, @@sql_mode, @@tx_isolation",
            "SELECT @@server_id, @@port, @@read_only",
            "SHOW VARIABLES LIKE 'read_only'", "SHOW VARIABLES LIKE 'server_id'", "SHOW WARNINGS", "SHOW ERRORS",
            "HELP 'SELECT'", "SHOW PLUGINS SONAME 'none'", "SHOW CREATE DATABASE app",
            "SHOW TABLE STATUS LIKE 'nothing'", "SHOW OPEN TABLES LIKE 'nothing'",
        ])

    private static let transactions = Program(
        name: "transactions",
        steps: [
            "CREATE OR REPLACE TABLE account (id INT PRIMARY KEY, balance INT)",
            "INSERT INTO account VALUES (1, 100), (2, 0)", "BEGIN",
            "UPDATE account SET balance = balance - 10 WHERE id = 1", "SELECT * FROM account", "SAVEPOINT here",
            "UPDATE account SET balance = 0", "ROLLBACK TO here", "SELECT * FROM account", "RELEASE SAVEPOINT here",
            "ROLLBACK TO here", "COMMIT", "SELECT * FROM account", "SET autocommit = 0",
            "UPDATE account SET balance = 1", "SELECT * FROM account",
            "ROLLBACK", "SELECT * FROM account", "SET autocommit = 1", "BEGIN", "INSERT INTO account VALUES (1, 1)",
            "SELECT COUNT(*) FROM account", "ROLLBACK", "COMMIT", "START TRANSACTION READ ONLY",
            "SELECT * FROM account", "UPDATE account SET balance = 2",
            "COMMIT", "START TRANSACTION WITH CONSISTENT SNAPSHOT", "SELECT * FROM account FOR UPDATE",
            "COMMIT AND CHAIN", "SELECT @@in_transaction", "ROLLBACK AND NO CHAIN", "SELECT @@in_transaction", "BEGIN",
            "BEGIN", "COMMIT", "SET @@completion_type = 1", "BEGIN",
            "COMMIT", "SELECT @@in_transaction", "ROLLBACK", "SET completion_type = 0", "ROLLBACK", "XA START 'x'",
            "INSERT INTO account VALUES (3, 3)", "XA END 'x'", "XA ROLLBACK 'x'", "SELECT COUNT(*) FROM account",
        ])

    private static let results = Program(
        name: "many results",
        steps: [
            .query(
                "CREATE OR REPLACE PROCEDURE mixed(n INT) BEGIN SELECT n; SELECT 'a', 'b' UNION SELECT 'c', 'd'; "
                    + "SELECT * FROM seq_1_to_300; DO 1; SELECT 1 WHERE FALSE; END"),
            "CALL mixed(1)", "SELECT 1", "CALL mixed(2); SELECT 'after'; CALL mixed(3)",
            "CREATE OR REPLACE PROCEDURE fails() BEGIN SELECT 1; SELECT * FROM missing; SELECT 2; END", "CALL fails()",
            "SELECT 1; CALL fails(); SELECT 3", "CREATE OR REPLACE PROCEDURE nothing() BEGIN END", "CALL nothing()",
            "SELECT 1; INSERT INTO missing VALUES (1)", "SELECT 1; SELECT REPEAT('x', 70000); SELECT 2",
            .prepared("CALL mixed(?)", [[.int(5)], [.int(6)]]), .prepared("CALL fails()", [[]]), "SELECT 'well'",
        ])

    private static let variables = Program(
        name: "variables",
        steps: [
            "SET @x = 1, @y = 'two', @z = NULL", "SELECT @x, @y, @z, @unset", "SELECT @x := @x + 1, @x",
            "SET @t = NOW(6)", "SELECT @t = @t", "SET sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES'",
            "SELECT \"node_marker\".\"marker\" >= 0 FROM \"node_marker\"", "SET sql_mode = DEFAULT",
            "SELECT \"text\"", "SET NAMES latin1", "SELECT 'abc', @@collation_connection", "SET NAMES utf8mb4",
            "SET NAMES nonsense", "SET time_zone = '+02:00'", "SELECT FROM_UNIXTIME(1700000000)",
            "SET time_zone = 'Nowhere/None'", "SET SESSION sql_mode = (SELECT @@global.sql_mode)",
            "SET @@sql_auto_is_null = 1", "SELECT @@sql_auto_is_null", "SET sql_auto_is_null = 0",
            "SET insert_id = 500", "CREATE OR REPLACE TABLE chosen (id INT PRIMARY KEY AUTO_INCREMENT)",
            "SET insert_id = 500", "INSERT INTO chosen VALUES (NULL)", "SELECT LAST_INSERT_ID()",
            "SET STATEMENT max_statement_time = 10 FOR SELECT 1",
            "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT \"marker\" >= 0 FROM node_marker",
            "SET max_statement_time = 0.001", "SELECT BENCHMARK(100000000, MD5('x'))", "SET max_statement_time = 0",
            "SELECT 1",
            "SET sql_select_limit = 2", "SELECT seq FROM seq_1_to_10", "SET sql_select_limit = DEFAULT",
            "SELECT seq FROM seq_1_to_3", "SET ROLE NONE", "SET PASSWORD = ''  nonsense", "SET autocommit = 2",
        ])

    private static let commands = Program(
        name: "other commands",
        steps: [
            .ping, .schema("other"), "SELECT DATABASE()", .schema("nowhere"), "SELECT DATABASE()", .schema("mysql"),
            "SELECT DATABASE()", .schema("app"), "SELECT DATABASE()", "SET @a = 1", .reset, "SELECT @a, DATABASE()",
            .fields("node_marker"), .ping, .reset, .reset, .ping, "SELECT 1",
        ])

    private static let sizes = Program(
        name: "sizes of rows and texts",
        steps: [250, 251, 252, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1].flatMap { count -> [DifferentialStep] in
            [
                .query("SELECT REPEAT('x', \(count))"),
                .query("SELECT LENGTH('\(String(repeating: "y", count: count))')"),
            ]
        } + [
            "SELECT * FROM seq_1_to_20000", "SELECT seq, REPEAT('z', seq) FROM seq_1_to_2000",
            .query("SELECT " + (1...1_000).map { "\($0) AS c\($0)" }.joined(separator: ", ")),
            .query("SELECT '' FROM seq_1_to_1000"),
        ])
}
