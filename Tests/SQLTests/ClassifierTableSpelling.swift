// Rows: comments, quoting, modes, several statements, and what drivers send.

import SQL

extension ClassifierTable {
    private static let ansi = SQLMode(ansiQuotes: true)
    private static let noEscapes = SQLMode(noBackslashEscapes: true)
    private static let open: StatementEffects = .unterminated

    static let spelling: [Row] = [
        Row("/* c */ SELECT 1", .select, .read),
        Row("-- c\nSELECT 2", .select, .read),
        Row("# c\nSELECT 2", .select, .read),
        Row("--\tc\nSELECT 3", .select, .read),
        Row("SELECT 1 --1", .select, .read),
        Row("SELECT 1--1 FROM t FOR UPDATE", .select, .primary, .lockingRead),
        Row("SELECT 1 -- 1 FROM t FOR UPDATE", .select, .read),
        Row("SELECT 1 --", .select, .read),
        Row("SELECT/**/1", .select, .read),
        Row("SELECT /*+ MAX_EXECUTION_TIME(1000) */ a FROM t", .select, .read),
        Row("SELECT /*+ SET_VAR(sort_buffer_size = 16M) */ a FROM t", .select, .read),
        Row("/*! SELECT 1 */", .select, .read),
        Row("/*!40000 SELECT 1 */", .select, .read),
        Row("/*!99999 DELETE FROM t */ SELECT 1", .select, .read),
        Row("/*!40101 DELETE FROM t */", .delete, .primary),
        Row("/*!40101 SET NAMES utf8 */", .setNames, .sessionState, [.setsSystemVariable, .changesCharacterSet]),
        Row(
            "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */", .setVariables, .primary,
            [.writesUserVariables, .setsSystemVariable]),
        Row("SELECT 1 /*! FOR UPDATE */", .select, .primary, .lockingRead),
        Row("SELECT 1 /*!50000 FOR UPDATE */", .select, .primary, .lockingRead),
        Row("SELECT 1 /*!50700 FOR UPDATE */", .select, .read),
        Row("SELECT 1 /*!50700 FOR UPDATE */", .select, .primary, .lockingRead, mode: mySQL),
        Row("SELECT 1 /*!80100 FOR UPDATE */", .select, .read, mode: mySQL),
        Row("SELECT 1 /*!100100 FOR UPDATE */", .select, .primary, .lockingRead),
        Row("SELECT 1 /*!120000 FOR UPDATE */", .select, .read),
        Row("SELECT 1 /*M! FOR UPDATE */", .select, .primary, .lockingRead),
        Row("SELECT 1 /*M!100100 FOR UPDATE */", .select, .primary, .lockingRead),
        Row("SELECT 1 /*M!50700 FOR UPDATE */", .select, .primary, .lockingRead),
        Row("SELECT 1 /*M!999999 FOR UPDATE */", .select, .read),
        Row("SELECT 1 /*M! FOR UPDATE */", .select, .read, mode: mySQL),
        Row("SELECT 1 /*!99999 a /* b */ FOR UPDATE */", .select, .read),
        Row("SELECT 1 /*!99999 a /* b */ */ FOR UPDATE", .select, .primary, .lockingRead),
        Row("SELECT 1 /* a /* b */ FOR UPDATE", .select, .primary, .lockingRead),
        Row("SELECT f/*! ( */ 1 /*! ) */", .select, .primary, .callsUnknownFunction),
        Row("SELECT 1 /*! ; DELETE FROM t */", .select, .primary, .multiStatement, count: 2),
        Row("SELECT 1 /*! FOR", .unknown, .primary, open, why: .unterminated),
        Row("SELECT 1 /* open", .unknown, .primary, open, why: .unterminated),
        Row("/* open", .unknown, .primary, open),
        Row("SELECT 'open", .unknown, .primary, open),
        Row("SELECT \"open", .unknown, .primary, open),
        Row("SELECT `open", .unknown, .primary, open),
        Row("SELECT 'it\\'s'", .select, .read),
        Row("SELECT 'it''s'", .select, .read),
        Row("SELECT 'a\\' FOR UPDATE -- '", .select, .read),
        Row("SELECT 'a\\' FOR UPDATE -- '", .select, .primary, .lockingRead, mode: noEscapes),
        Row("SELECT 'a\\\\' FOR UPDATE", .select, .primary, .lockingRead),
        Row("SELECT 'open\\'", .unknown, .primary, open),
        Row("SELECT 'closed\\'", .select, .read, mode: noEscapes),
        Row("SELECT \"a\\\" FOR UPDATE -- \"", .select, .read),
        Row("SELECT \"a\\\" FOR UPDATE -- \"", .select, .primary, .lockingRead, mode: ansi),
        Row("SELECT \"a\" FROM \"t\"", .select, .read, mode: ansi),
        Row("SELECT `a``b` FROM t", .select, .read),
        Row("SELECT `a\\` FROM t FOR UPDATE", .select, .primary, .lockingRead),
        Row("SELECT @'open", .unknown, .primary, open),
        Row("SELECT @@`open", .unknown, .primary, open),
        Row("SELECT \\N", .select, .read),
        Row("SELECT a\u{A0}FROM t", .select, .primary, why: .ambiguousBytes),
        Row("SELECT 'a\u{A0}b'", .select, .read),
        Row("SELECT 'ü'", .select, .read),
        Row("SELECT 'ü'", .select, .primary, why: .ambiguousBytes, mode: SQLMode(ambiguousCharacterSet: true)),
        Row("SELECT 'u'", .select, .read, mode: SQLMode(ambiguousCharacterSet: true)),
        Row("SELECT a FROM straße", .select, .read),
    ]

    static let multiples: [Row] = [
        Row("SELECT 1; SELECT 2", .select, .primary, .multiStatement, why: .multipleStatements, count: 2),
        Row("SELECT 1;;SELECT 2;", .select, .primary, .multiStatement, count: 2),
        Row(";SELECT 1", .select, .read),
        Row("SELECT 1; -- c", .select, .read),
        Row("SELECT 1; DELETE FROM t", .select, .primary, .multiStatement, count: 2),
        Row("SELECT 1; DELETE FROM t; SELECT 3", .select, .primary, .multiStatement, count: 3),
        Row("BEGIN; UPDATE t SET a = 1; COMMIT", .begin, .primary, .multiStatement, .commit, count: 3),
        Row("BEGIN; UPDATE t SET a = 1", .begin, .primary, .multiStatement, .beginReadWrite, count: 2),
        Row("COMMIT; SELECT 1", .commit, .primary, .multiStatement, .commit, count: 2),
        Row(
            "SET @a = 1; SELECT @a", .setVariables, .primary,
            [.multiStatement, .writesUserVariables, .readsUserVariables], count: 2),
        Row(
            "SET sql_mode = ''; INSERT INTO t (a) VALUES (1)", .setVariables, .primary,
            [.multiStatement, .setsSystemVariable], count: 2),
        Row("USE db; SELECT 1", .use, .primary, [.multiStatement, .changesSchema], count: 2),
        Row("SELECT 1; SELECT 'open", .unknown, .primary, [.multiStatement, .unterminated], count: 2),
        Row("SELECT ';'; SELECT `;`", .select, .primary, .multiStatement, count: 2),
        Row(
            "SELECT 1; CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END", .select, .primary, .multiStatement,
            .implicitCommit, count: 2),
        Row(
            "CREATE TEMPORARY TABLE x (a INT); DROP TEMPORARY TABLE x", .create, .primary,
            [.multiStatement, .createsTemporaryTable, .dropsTemporaryTable, .dropsTable], count: 2),
        Row(
            "INSERT INTO t VALUES (1); SELECT LAST_INSERT_ID()", .insert, .primary,
            [.multiStatement, .readsLastInsertID], count: 2),
        Row("INSERT INTO t VALUES (1); SELECT ROW_COUNT()", .insert, .primary, .multiStatement, count: 2),
        Row("SELECT ROW_COUNT(); SELECT 1", .select, .primary, [.multiStatement, .readsRowCount], count: 2),
        Row(
            "SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 1; SELECT FOUND_ROWS()", .select, .primary,
            [.multiStatement, .calculatesFoundRows], count: 2),
        Row(
            "INSERT INTO t VALUES (1); SELECT SQL_CALC_FOUND_ROWS a FROM t; SELECT FOUND_ROWS()", .insert, .primary,
            [.multiStatement, .calculatesFoundRows], count: 3),
        Row(
            "INSERT INTO t VALUES (1); SELECT FOUND_ROWS()", .insert, .primary, [.multiStatement, .readsFoundRows],
            count: 2),
        Row(
            "SELECT 1 INTO @a; SELECT FOUND_ROWS()", .select, .primary,
            [.multiStatement, .selectInto, .writesUserVariables, .readsFoundRows], count: 2),
        Row("INSERT IGNORE INTO t VALUES (1); SHOW WARNINGS", .insert, .primary, .multiStatement, count: 2),
        Row("DO 1; SHOW WARNINGS", .do_, .primary, [.multiStatement, .readsWarnings], count: 2),
        Row(
            "SELECT GET_LOCK('a', 1); SELECT RELEASE_LOCK('a')", .select, .primary,
            [.multiStatement, .acquiresUserLock, .releasesUserLock], count: 2),
    ]

    static let drivers: [Row] = [
        Row("select @@version_comment limit 1", .select, .read),
        Row("SELECT DATABASE()", .select, .read),
        Row("SELECT CURRENT_TIMESTAMP", .select, .read),
        Row("select 1 from dual", .select, .read),
        Row("/* ping */ SELECT 1", .select, .read),
        Row(
            "/* mysql-connector-j-8.0.33 */SELECT @@session.auto_increment_increment AS auto_increment_increment, "
                + "@@character_set_client AS character_set_client, @@collation_server AS collation_server, "
                + "@@license AS license, @@sql_mode AS sql_mode, @@wait_timeout AS wait_timeout", .select, .read),
        Row(
            "SHOW VARIABLES WHERE Variable_name ='language' OR Variable_name = 'net_write_timeout' OR Variable_name = 'sql_mode'",
            .show, .read),
        Row("SET NAMES utf8mb4", .setNames, .sessionState, [.setsSystemVariable, .changesCharacterSet], mode: mySQL),
        Row(
            "SET character_set_results = NULL", .setVariables, .sessionState,
            [.setsSystemVariable, .changesCharacterSet], mode: mySQL),
        Row("SET sql_mode='STRICT_TRANS_TABLES'", .setVariables, .sessionState, .setsSystemVariable),
        Row(
            "SET autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')", .setVariables, .primary,
            [.setsSystemVariable, .setsUntracked], .autocommitOn),
        Row("SET @ApplicationName = 'DBeaver'", .setVariables, .primary, .writesUserVariables),
        Row(
            "SET SESSION TRANSACTION READ ONLY", .setTransaction, .sessionState,
            .setsSystemVariable,
            .setSessionCharacteristics, mode: mySQL),
        Row("select @@session.transaction_read_only", .select, .primary, .readsWritability),
        Row("select @@session.tx_read_only", .select, .primary, .readsWritability),
        Row("select @@session.tx_isolation", .select, .read),
        Row("SELECT @@global.read_only, @@innodb_read_only", .select, .primary, .readsWritability),
        Row("SELECT @@max_allowed_packet,@@wait_timeout", .select, .read),
        Row("SELECT @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment", .select, .read),
        Row("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA='x' AND TABLE_NAME='y'", .select, .read),
        Row("SELECT c FROM sbtest1 WHERE id BETWEEN 1 AND 100 ORDER BY c", .select, .read),
        Row("SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN ? AND ?", .select, .read, .readsPlaceholders),
        Row("UPDATE sbtest1 SET k=k+1 WHERE id=4993", .update, .primary),
        Row("SET SQL_AUTO_IS_NULL=0", .setVariables, .sessionState, .setsSystemVariable),
        Row(
            "SET @@SESSION.sql_mode = CONCAT(CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), ',NO_AUTO_VALUE_ON_ZERO'),  "
                + "@@SESSION.sql_auto_is_null = 0, @@SESSION.wait_timeout = 2147483", .setVariables, .primary,
            [.setsSystemVariable, .setsUntracked]),
        Row("SELECT @@tx_isolation, @@transaction_isolation", .select, .read),
        Row("SHOW FULL FIELDS FROM `users`", .show, .read),
        Row("SELECT 1 AS one FROM `users` WHERE `users`.`email` = BINARY 'a' LIMIT 1", .select, .read),
        Row("SELECT `users`.* FROM `users` WHERE `users`.`id` = 1 LIMIT 1 FOR UPDATE", .select, .primary, .lockingRead),
        Row("SELECT /*!40001 SQL_NO_CACHE */ * FROM `t`", .select, .read),
        Row("SET FOREIGN_KEY_CHECKS=0", .setVariables, .sessionState, .setsSystemVariable),
        Row("SET time_zone='+00:00'", .setVariables, .sessionState, .setsSystemVariable),
        Row("SELECT ROW_COUNT() AS n, LAST_INSERT_ID() AS i", .select, .primary, [.readsRowCount, .readsLastInsertID]),
        Row("show variables like 'aurora_version'", .show, .read),
        Row("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.VIEWS WHERE TABLE_SCHEMA = schema()", .select, .read),
    ]
}
