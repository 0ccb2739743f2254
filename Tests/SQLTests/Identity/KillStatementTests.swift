// KILL and SHOW PROCESSLIST, read as a whole.

import Testing

@testable import SQL

@Suite struct KillStatementTests {
    private func read(_ text: String, _ dialect: Dialect = .mariaDB) -> KillStatement.Reading {
        Array(text.utf8).withUnsafeBytes { KillStatement.read($0, mode: SQLMode(dialect: dialect)) }
    }

    private func kill(_ victim: KillStatement.Victim, query: Bool = false) -> KillStatement.Reading {
        .kill(KillStatement(isQueryOnly: query, victim: victim))
    }

    @Test func `what both servers know`() {
        for dialect in [Dialect.mariaDB, .mySQL] {
            #expect(read("KILL 5", dialect) == kill(.connection(5)))
            #expect(read(" /* x */ kill connection 5;", dialect) == kill(.connection(5)))
            #expect(
                read("Kill Query 18446744073709551616", dialect) == kill(.connection(UInt64(Int64.max)), query: true))
            #expect(read("KILL CONNECTION_ID()", dialect) == kill(.own))
            #expect(read("KILL QUERY connection_id ( ) ;;", dialect) == kill(.own, query: true))
        }
    }

    @Test func `what only MariaDB knows`() {
        let table: [(String, KillStatement.Reading)] = [
            ("KILL HARD 7", kill(.connection(7))), ("KILL SOFT CONNECTION 7", kill(.connection(7))),
            ("KILL SOFT QUERY 7", kill(.connection(7), query: true)),
            ("KILL QUERY ID 9", kill(.statement(9), query: true)),
            ("KILL USER app", kill(.user(name: "app", host: nil))),
            ("KILL HARD QUERY USER 'a''p'", kill(.user(name: "a'p", host: nil), query: true)),
            ("KILL USER `app`@'%'", kill(.user(name: "app", host: "%"))),
            ("KILL USER app@localhost;", kill(.user(name: "app", host: "localhost"))),
            ("KILL USER CURRENT_USER", kill(.ownUser)), ("KILL USER current_user()", kill(.ownUser)),
        ]
        for (text, reading) in table {
            #expect(read(text) == reading, "\(text)")
            #expect(read(text, .mySQL) == .syntaxError, "\(text)")
        }
    }

    @Test func `what only a server can evaluate is not taken for a number`() {
        for text in [
            "KILL 1+1", "KILL -1", "KILL @x", "KILL (SELECT 5)", "KILL 'x'", "KILL NULL", "KILL 1 2", "KILL 0x5",
            "KILL CONNECTION_ID", "KILL QUERY 5; SELECT 1", "KILL user()", "KILL 1.5", "KILL QUERY ID 1+1",
        ] {
            #expect(read(text) == .expression, "\(text)")
        }
        #expect(read("KILL") == .syntaxError)
        #expect(read("KILL QUERY ;") == .syntaxError)
        #expect(read("KILL USER") == .syntaxError)
    }

    @Test func `the process list, and nothing else`() {
        func isFull(_ text: String) -> Bool? {
            Array(text.utf8).withUnsafeBytes { ProcesslistStatement.isFull($0, mode: SQLMode()) }
        }
        #expect(isFull("SHOW PROCESSLIST") == false)
        #expect(isFull(" show /* all */ full processlist ;") == true)
        #expect(isFull("SHOW PROCESSLIST LIKE 'x'") == nil)
        #expect(isFull("SHOW FULL TABLES") == nil)
        #expect(isFull("SHOW `PROCESSLIST`") == nil)
    }
}
