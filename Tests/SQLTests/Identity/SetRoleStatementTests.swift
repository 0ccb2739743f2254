// SET ROLE, read as a whole.

import Testing

@testable import SQL

@Suite struct SetRoleStatementTests {
    private func clause(_ text: String, _ dialect: Dialect = .mariaDB) -> String? {
        Array(text.utf8).withUnsafeBytes {
            SetRoleStatement.clause($0, mode: SQLMode(dialect: dialect)).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test(arguments: [Dialect.mariaDB, .mySQL])
    func `one role is told in quotes that every mode knows`(dialect: Dialect) {
        #expect(clause("SET ROLE r", dialect) == "`r`")
        #expect(clause(" /* x */ set role `My role`;", dialect) == "`My role`")
        #expect(clause("SET ROLE 'r'", dialect) == "`r`")
        #expect(clause("SET ROLE \"r\"", dialect) == "`r`")
        #expect(clause("SET ROLE none", dialect) == "NONE")
        #expect(clause("SET ROLE `none`", dialect) == "`none`")
    }

    @Test func `what only MySQL knows`() {
        let table = [
            ("SET ROLE DEFAULT", "DEFAULT"), ("SET ROLE all", "ALL"), ("SET ROLE 'a'@'%' , b", "`a`@`%`,`b`"),
            ("SET ROLE a@localhost, 'b'@`10.0.0.%`", "`a`@`localhost`,`b`@`10.0.0.%`"),
            ("SET ROLE ALL EXCEPT a, 'b'", "ALL EXCEPT `a`,`b`"),
        ]
        for (text, expected) in table { #expect(clause(text, .mySQL) == expected, "\(text)") }
    }

    @Test func `behind a comma MariaDB takes an assignment`() {
        #expect(clause("SET ROLE r, sql_mode = ''") == nil)
        #expect(clause("SET ROLE a, b") == nil)
        #expect(clause("SET ROLE r, sql_mode = ''", .mySQL) == nil)
    }

    @Test(arguments: [
        "SET ROLE", "SET ROLE ?", "SET ROLE @a", "SET ROLE r @a", "SET ROLE @@version", "SET ROLE CONCAT('a', 'b')",
        "SET ROLE 'a' 'b'", "SET ROLE N'a'", "SET ROLE 'a\\'", "SET ROLE 'it''s'", "SET ROLE é", "SET ROLE ''",
        "SET ROLE r;x",
        "SET ROLE r; SELECT 1", "SET ROLE NONE, r", "SET ROLE ALL EXCEPT", "SET ROLE 'open", "SET DEFAULT ROLE r FOR u",
        "SET PASSWORD = 'x'", "SET role = 5", "SELECT 1",
    ])
    func `what is not plain is not told`(text: String) {
        #expect(clause(text) == nil)
        #expect(clause(text, .mySQL) == nil)
    }

    @Test func `a clause has a bounded length`() {
        let names = (0..<200).map { "role_number_\($0)" }.joined(separator: ",")
        #expect(clause("SET ROLE \(names)", .mySQL) == nil)
        #expect(clause("SET ROLE \(String(repeating: "r", count: SetRoleStatement.clauseBytes))") == nil)
    }

    @Test func `some clauses stand for whatever is granted`() {
        for text in ["SET ROLE DEFAULT", "SET ROLE ALL", "SET ROLE ALL EXCEPT r"] {
            #expect(clause(text, .mySQL).map { SetRoleStatement.dependsOnGrants(Array($0.utf8)) } == true, "\(text)")
        }
        for text in ["SET ROLE NONE", "SET ROLE alliance", "SET ROLE `ALL`", "SET ROLE `DEFAULT`"] {
            #expect(clause(text, .mySQL).map { SetRoleStatement.dependsOnGrants(Array($0.utf8)) } == false, "\(text)")
        }
    }
}
