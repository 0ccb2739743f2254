// Which statements go to the proxy and which to SQL.

import Testing

@testable import Admin

@Suite struct ConsoleStatementTests {
    @Test(arguments: [
        ("PAUSE CLUSTER main", ConsoleStatement.pauseCluster("main")),
        ("  pause\n\tcluster `main`;", .pauseCluster("main")),
        ("PAUSE CLUSTER main FOR 30 SECONDS", .pauseCluster("main", seconds: 30)),
        ("pause cluster 'for' for 1 second;", .pauseCluster("for", seconds: 1)),
        ("PAUSE CLUSTER main FOR 2 /* or so */ MINUTES", .pauseCluster("main", seconds: 120)),
        ("/* tool */ RESUME CLUSTER 'my cluster' ;", .resumeCluster("my cluster")),
        ("drain node db-1.example", .drainNode("db-1.example")),
        ("DRAIN NODE 127.0.0.1:23306", .drainNode("127.0.0.1:23306")),
        ("enable node \"db2\" -- back again", .enableNode("db2")),
        ("reload", .reload), ("RELOAD; # now", .reload),
        ("KILL 7", .kill(query: false, id: 7)), ("kill query 8;", .kill(query: true, id: 8)),
        ("RESET DIGESTS", .resetDigests), ("show errors;", .showErrors),
        ("SHOW ERROR 'E-1-2'", .showError(id: "E-1-2")),
        ("show error E-1a2b-000123 ;", .showError(id: "E-1a2b-000123")),
        ("KILL CONNECTION 18446744073709551615", .kill(query: false, id: .max)),
    ])
    func `a command is recognised`(text: String, expected: ConsoleStatement) {
        #expect(ConsoleStatement.parse(text) == expected)
    }

    @Test(arguments: [
        (
            "EXPLAIN ROUTE SELECT 1",
            ConsoleStatement.explainRoute(user: nil, schema: nil, statement: "SELECT 1")
        ),
        (
            "explain route for user app in schema shop UPDATE t SET a = ';' ;",
            .explainRoute(user: "app", schema: "shop", statement: "UPDATE t SET a = ';'")
        ),
        (
            "EXPLAIN ROUTE FOR USER 'a b'@'%' SELECT 1",
            .explainRoute(user: "a b", schema: nil, statement: "SELECT 1")
        ),
        (
            "EXPLAIN ROUTE IN SCHEMA `s` /* primary */ SELECT 2",
            .explainRoute(user: nil, schema: "s", statement: "/* primary */ SELECT 2")
        ),
        (
            "EXPLAIN ROUTE SELECT 1 /* switchyard: route=last */ ; ",
            .explainRoute(user: nil, schema: nil, statement: "SELECT 1 /* switchyard: route=last */")
        ),
        (
            "EXPLAIN /* x */ ROUTE EXPLAIN ROUTE SELECT 1",
            .explainRoute(user: nil, schema: nil, statement: "EXPLAIN ROUTE SELECT 1")
        ),
    ])
    func `EXPLAIN ROUTE keeps its statement as written`(text: String, expected: ConsoleStatement) {
        #expect(ConsoleStatement.parse(text) == expected)
    }

    @Test(arguments: [
        "", "SELECT 1", "SHOW TABLES", "PAUSE CLUSTER", "PAUSE CLUSTER a b",
        "PAUSE CLUSTER a FOR", "PAUSE CLUSTER a FOR 30", "PAUSE CLUSTER a FOR -1 SECONDS",
        "PAUSE CLUSTER a FOR 1.5 SECONDS", "PAUSE CLUSTER a FOR 1 HOUR", "PAUSE CLUSTER a FOR 30 SECONDS please",
        "PAUSE CLUSTER a FOR 9223372036854775807 MINUTES", "RESUME CLUSTER a FOR 30 SECONDS", "RELOAD everything",
        "KILL", "KILL x",
        "KILL 7 8", "KILL -1", "KILL 18446744073709551616", "EXPLAIN ROUTE", "EXPLAIN ROUTE FOR USER app",
        "EXPLAIN SELECT 1", "PAUSE", "'PAUSE' CLUSTER a", "KILL 'open", "DRAIN NODE ''",
    ])
    func `anything else is SQL, unchanged`(text: String) {
        #expect(ConsoleStatement.parse(text) == .sql(text))
    }

    @Test(arguments: [
        ("PAUSE CLUSTER", "PAUSE CLUSTER <name>"), ("KILL x", "KILL [QUERY] <id>"),
        ("EXPLAIN ROUTE", "EXPLAIN ROUTE [FOR USER u]"),
    ])
    func `a malformed command is answered with how it is written`(text: String, usage: String) throws {
        let error = try SampleConsole.error(text)
        #expect(error.code == 1064)
        #expect(error.message.contains(usage))
    }
}
