// Statements of a text, and what running them ends in.

import Testing

@testable import CommandLineClient
@testable import switchyard

@Suite struct StatementTests {
    @Test(arguments: [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;", ["SELECT 1"]),
        (" SELECT 1 ;\n SELECT ';' ; ", ["SELECT 1", "SELECT ';'"]),
        ("SELECT \";\", `a;b`; -- c;\n# d;\nSELECT 2", ["SELECT \";\", `a;b`", "-- c;\n# d;\nSELECT 2"]),
        (
            "SELECT 1 /* a; b */; SELECT 2 /* switchyard: route=primary */",
            [
                "SELECT 1 /* a; b */", "SELECT 2 /* switchyard: route=primary */",
            ]
        ),
        ("", []), (" ;; /* nothing */ ; -- nothing\n", []),
        ("SELECT 'open; SELECT 2", ["SELECT 'open; SELECT 2"]),
    ])
    func `statements stand between semicolons`(text: String, statements: [String]) {
        #expect(StatementSplitter.statements(of: text) == statements)
    }

    private func run(_ statements: [String], _ console: FakeConsole) -> (ClientExit, output: String, errors: [String]) {
        var (output, errors) = ("", [String]())
        let run = StatementRun(
            format: .csv, isForTerminal: false, write: { output += $0 }, complain: { errors.append($0) })
        return (run.run(statements, with: console), output, errors)
    }

    @Test func `all are answered in order`() {
        let console = FakeConsole([("one", result(["a"], [["1"]])), ("two", result(["b"], [["2"]]))])
        let ran = run(["one", "two"], console)
        #expect(ran.0 == .success && ran.output == "a\r\n1\r\nb\r\n2\r\n" && ran.errors.isEmpty)
    }

    @Test func `nothing is run behind one that fails, whose number and text are told`() {
        let console = FakeConsole([("one", result(["a"], [["1"]]))])
        let ran = run(["one", "bad", "one"], console)
        #expect(ran.0 == .statementFailed && ran.output == "a\r\n1\r\n")
        #expect(console.statements == ["one", "bad"])
        #expect(ran.errors == ["ERROR 1064 (42000): what is \\u{1b}[2Jbad?", "in: bad"])
    }

    @Test func `a route is asked for with names that are quoted`() {
        #expect(
            StatementRun.explanation(of: "SELECT 1", user: "a`b", schema: nil, cluster: "main")
                == "EXPLAIN ROUTE FOR USER `a``b` IN CLUSTER `main` SELECT 1")
    }

    @Test func `a route is told with the answer first`() {
        let text = RouteText.render(
            result(
                ["item", "value"],
                [["kind", "select"], ["route reason", "a read"], ["runs on", "db2"], ["node db1", "in \u{1B}[1m"]]))
        #expect(text == "runs on: db2\nbecause: a read\n\n  kind  select\n\nnodes:\n  db1  in \\u{1b}[1m\n")
    }

    @Test(arguments: [
        (["switchyard", "sql", "--formt"], 2), (["switchyard", "explain"], 2), (["switchyard", "top", "x"], 2),
        (["switchyard", "status", "x"], 3), (["switchyard", "run"], nil), (["switchyard"], nil),
    ])
    func `a wrong command line ends as the command says`(arguments: [String], code: Int?) {
        #expect(Switchyard.usageCode(arguments).map(Int.init) == code)
    }
}
