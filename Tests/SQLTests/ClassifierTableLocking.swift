// Rows: selects that lock, write to variables or files, or hide a write.

import SQL

extension ClassifierTable {
    static let locking: [Row] = [
        Row("SELECT * FROM t FOR UPDATE", .select, .primary, .lockingRead, why: .lockingRead),
        Row("SELECT * FROM t WHERE id = 1 FOR UPDATE NOWAIT", .select, .primary, .lockingRead),
        Row("SELECT * FROM t FOR UPDATE SKIP LOCKED", .select, .primary, .lockingRead),
        Row("SELECT * FROM t FOR UPDATE WAIT 5", .select, .primary, .lockingRead),
        Row("SELECT * FROM t FOR UPDATE OF t", .select, .primary, .lockingRead, mode: mySQL),
        Row("SELECT * FROM t FOR SHARE", .select, .primary, .lockingRead, mode: mySQL),
        Row("SELECT * FROM t FOR SHARE OF t NOWAIT", .select, .primary, .lockingRead, mode: mySQL),
        Row("SELECT * FROM t LOCK IN SHARE MODE", .select, .primary, .lockingRead, why: .lockingRead),
        Row("SELECT * FROM t FOR\n/* x */ UPDATE", .select, .primary, .lockingRead),
        Row("SELECT * FROM t FOR/**/UPDATE", .select, .primary, .lockingRead),
        Row("(SELECT * FROM t FOR UPDATE)", .select, .primary, .lockingRead),
        Row("SELECT * FROM (SELECT * FROM t FOR UPDATE) AS d", .select, .primary, .lockingRead),
        Row("SELECT 1 UNION SELECT * FROM t FOR UPDATE", .select, .primary, .lockingRead),
        Row("WITH x AS (SELECT 1) SELECT * FROM x FOR UPDATE", .with, .primary, .lockingRead),
        Row("SELECT 'FOR UPDATE'", .select, .read),
        Row("SELECT 1 /* FOR UPDATE */", .select, .read),
        Row("SELECT 1 -- FOR UPDATE", .select, .read),
        Row("SELECT `FOR UPDATE` FROM t", .select, .read),
        Row("SELECT a.for, b.update FROM t", .select, .read),
        Row("SELECT a INTO @x FROM t", .select, .primary, [.selectInto, .writesUserVariables], why: .selectInto),
        Row("SELECT a, b FROM t INTO @x, @y", .select, .primary, [.selectInto, .writesUserVariables]),
        Row(
            "SELECT a INTO @x, @y FROM t WHERE b = @z", .select, .primary,
            [.selectInto, .writesUserVariables, .readsUserVariables]),
        Row("SELECT a FROM t INTO OUTFILE '/tmp/a'", .select, .primary, .selectInto),
        Row("SELECT a INTO DUMPFILE '/tmp/a' FROM t", .select, .primary, .selectInto),
        Row("SELECT a INTO OUTFILE '/tmp/a' FIELDS TERMINATED BY ',' FROM t", .select, .primary, .selectInto),
        Row("SELECT a INTO local_variable FROM t", .select, .primary, .selectInto),
        Row(
            "SELECT a FROM t LIMIT 1 INTO @x FOR UPDATE", .select, .primary,
            [.selectInto, .writesUserVariables, .lockingRead]),
        Row("SELECT @x := 1", .select, .primary, .writesUserVariables, why: .userVariableWrite),
        Row("SELECT @x:=@x+1 FROM t", .select, .primary, [.writesUserVariables, .readsUserVariables]),
        Row(
            "SELECT a, (@n := @n + 1) AS n FROM t, (SELECT @n := 0) AS i", .select, .primary,
            [.writesUserVariables, .readsUserVariables]),
        Row("SELECT @`x` := 1", .select, .primary, .writesUserVariables),
        Row("SELECT @x /* c */ := 1", .select, .primary, .writesUserVariables),
        Row("SELECT @x = 1", .select, .read, .readsUserVariables),
        Row("SELECT a FROM t PROCEDURE ANALYSE()", .select, .primary, why: .procedureAnalyse),
        Row("SELECT a FROM t PROCEDURE ANALYSE(10, 2000)", .select, .primary, why: .procedureAnalyse),
        Row("SELECT 1 UPDATE t SET a = 1", .select, .primary, why: .writeInsideRead),
        Row("SELECT 1 DELETE FROM t", .select, .primary, why: .writeInsideRead),
        Row("SELECT 1 FROM t INSERT", .select, .primary, why: .writeInsideRead),
        Row("SELECT a FROM t LOCK", .select, .primary, why: .writeInsideRead),
        Row("SELECT a FROM t CALL p", .select, .primary),
    ]
}
