// What brings one session's connection to another's state, and how values are quoted.
import Testing
import Wire

@testable import Backend

func setVariable(_ image: inout SessionImage, _ name: String, _ value: [UInt8]) -> Bool {
    Array(name.utf8).withUnsafeBytes { name in value.withUnsafeBytes { image.setVariable(name, $0) } }
}

func image(_ variables: [(String, String)], schema: String = "") -> SessionImage {
    var made = SessionImage()
    for (name, value) in variables { #expect(setVariable(&made, name, Array(value.utf8))) }
    made.setSchema(Array(schema.utf8))
    return made
}

private func text(_ known: SessionImage, _ wanted: SessionImage, autocommit: Bool = true) -> String? {
    SessionSynchronizer.assignments(from: known, to: wanted, isMain: autocommit)
        .map { String(decoding: $0, as: UTF8.self) }
}

@Suite struct SessionImageTests {
    @Test func `a fresh image is of revision zero and empty`() {
        let fresh = SessionImage()
        #expect(fresh.revision == 0 && fresh.schema.isEmpty && fresh.variables.isEmpty)
        #expect(fresh.value(of: "sql_mode") == nil)
    }

    @Test func `each change counts, and setting the same again does not`() {
        var image = SessionImage()
        image.setSchema(Array("a".utf8))
        #expect(image.revision == 1)
        image.setSchema(Array("a".utf8))
        #expect(image.revision == 1)
        #expect(setVariable(&image, "x", [1]))
        #expect(setVariable(&image, "x", [1]))
        #expect(image.revision == 2)
        #expect(setVariable(&image, "x", [2]))
        #expect(image.revision == 3)
        #expect(image.value(of: "x") == [2])
        #expect(image.variables.count == 1)
    }

    @Test func `a name that begins another is another`() {
        let made = image([("time", "1"), ("time_zone", "2")])
        #expect(made.value(of: "time") == Array("1".utf8))
        #expect(made.value(of: "time_zone") == Array("2".utf8))
        #expect(made.value(of: "tim") == nil)
    }

    @Test func `the image takes a bounded number of variables`() {
        var image = SessionImage()
        for number in 0..<BackendLimits.imageVariables { #expect(setVariable(&image, "v\(number)", [1])) }
        let revision = image.revision
        #expect(!setVariable(&image, "one_more", [1]))
        #expect(image.value(of: "one_more") == nil)
        #expect(image.revision == revision)
        #expect(setVariable(&image, "v0", [2]))
    }

    @Test func `the image takes a bounded number of bytes and says when it is full`() {
        var image = SessionImage()
        let half = [UInt8](repeating: 65, count: BackendLimits.imageBytes / 2)
        #expect(setVariable(&image, "a", half))
        #expect(!setVariable(&image, "b", half))
        // What is given back may be used again.
        #expect(setVariable(&image, "a", [1]))
        #expect(setVariable(&image, "b", half))
    }

    @Test func `what does not fit is not held`() {
        var image = SessionImage()
        for number in 0..<100 {
            _ = setVariable(&image, "v\(number)", [UInt8](repeating: 65, count: BackendLimits.imageBytes))
        }
        let held = image.variables.reduce(0) { $0 + $1.name.count + $1.value.count }
        #expect(held <= BackendLimits.imageBytes)
    }
}

@Suite struct SessionSynchronizerTests {
    @Test func `equal states need nothing`() {
        #expect(text(SessionImage(), SessionImage()) == nil)
        let one = image([("sql_mode", "ANSI")])
        #expect(text(one, one) == nil)
    }

    @Test(arguments: [
        ("10", "10"), ("-1", "-1"), ("0.5", "0.5"), ("18446744073709551615", "18446744073709551615"), ("ON", "'ON'"),
        ("OFF", "'OFF'"), ("", "''"), ("utf8mb4", "'utf8mb4'"), ("+00:00", "'+00:00'"), ("-05:00", "'-05:00'"),
        ("-", "'-'"), (".", "'.'"), ("1.2.3", "'1.2.3'"), ("1-1", "'1-1'"),
        ("STRICT_ALL_TABLES,ANSI", "'STRICT_ALL_TABLES,ANSI'"),
        ("a b;c--#", "'a b;c--#'"), ("it's", "CONVERT(x'69742773' USING utf8mb4)"),
        ("a\\b", "CONVERT(x'615C62' USING utf8mb4)"),
        ("é", "CONVERT(x'C3A9' USING utf8mb4)"), ("a\nb", "CONVERT(x'610A62' USING utf8mb4)"),
        ("\u{7F}", "CONVERT(x'7F' USING utf8mb4)"), ("\"", "'\"'"),
    ])
    func `a value is written as an expression that means it`(value: String, expression: String) {
        #expect(text(SessionImage(), image([("v", value)])) == "SET @@session.v=\(expression)")
    }

    @Test func `an empty character_set_results is NULL`() {
        #expect(
            text(SessionImage(), image([("character_set_results", "")])) == "SET @@session.character_set_results=NULL")
        #expect(
            text(SessionImage(), image([("character_set_results", "latin1")]))
                == "SET @@session.character_set_results='latin1'")
    }

    @Test func `SET NAMES is carried as it was written, and what was set behind it behind it`() {
        var wanted = image([
            ("collation_connection", "latin1_bin"), ("character_set_client", "latin1"), ("sql_mode", "ANSI"),
        ])
        let before = wanted
        let isNoted = wanted.setNames(Array("NAMES utf8mb4".utf8))
        #expect(isNoted && wanted.revision > before.revision)
        #expect(text(before, wanted) == "SET NAMES utf8mb4")
        #expect(text(SessionImage(), wanted) == "SET NAMES utf8mb4,@@session.sql_mode='ANSI'")
        let named = wanted
        #expect(setVariable(&wanted, "collation_connection", Array("utf8mb4_bin".utf8)))
        #expect(setVariable(&wanted, "character_set_results", []))
        let behind = "@@session.character_set_results=NULL,@@session.collation_connection='utf8mb4_bin'"
        #expect(text(named, wanted) == "SET NAMES utf8mb4,\(behind)")
        #expect(text(wanted, wanted) == nil)
        let isNotedAgain = wanted.setNames(Array("NAMES utf8mb4".utf8))
        #expect(isNotedAgain)
        #expect(text(named, wanted) == nil)
    }

    @Test func `what SET NAMES set and the same statement changed behind it stays`() {
        var wanted = image([("character_set_client", "latin1"), ("character_set_results", "")])
        let isNoted = wanted.setNames(Array("NAMES latin1".utf8), except: ["character_set_results"])
        #expect(isNoted)
        #expect(text(SessionImage(), wanted) == "SET NAMES latin1,@@session.character_set_results=NULL")
    }

    @Test func `a collation that the character set implies again is not left behind`() {
        let known = image([("character_set_connection", "utf8mb4"), ("collation_connection", "utf8mb4_bin")])
        #expect(
            text(known, image([("character_set_connection", "utf8mb4")]))
                == "SET @@session.character_set_connection='utf8mb4'")
    }

    @Test func `character sets of the session before do not stay`() {
        let login = "character_set_client=45,@@session.character_set_results=45,@@session.collation_connection=45"
        func text(_ known: SessionImage, _ wanted: SessionImage) -> String? {
            SessionSynchronizer.assignments(from: known, to: wanted, isMain: true, loginCollation: 45)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        var named = SessionImage()
        let isNoted = named.setNames(Array("NAMES latin1".utf8))
        #expect(isNoted)
        #expect(text(named, SessionImage()) == "SET @@session.\(login)")
        let client = image([("character_set_client", "latin1")])
        #expect(text(client, SessionImage()) == "SET @@session.\(login)")
        let results = image([("character_set_results", "latin1")])
        #expect(text(client, results) == "SET @@session.\(login),@@session.character_set_results='latin1'")
        #expect(text(client, named) == "SET NAMES latin1")
    }

    @Test func `only differences are set, in the order of the session`() {
        let known = image([("a", "1"), ("b", "2")])
        let wanted = image([("c", "3"), ("b", "2"), ("a", "9")])
        #expect(text(known, wanted) == "SET @@session.c=3,@@session.a=9")
        #expect(text(wanted, known) == "SET @@session.c=DEFAULT,@@session.a=1")
    }

    @Test func `a reader does not take autocommit over`() {
        let wanted = image([("autocommit", "OFF"), ("sql_mode", "")])
        #expect(text(SessionImage(), wanted, autocommit: false) == "SET @@session.sql_mode=''")
        #expect(text(SessionImage(), wanted) == "SET @@session.autocommit='OFF',@@session.sql_mode=''")
        #expect(text(SessionImage(), image([("autocommit", "OFF")]), autocommit: false) == nil)
    }

    @Test func `every byte is written so that only digits, plain words and hex stand outside of quotes`() {
        for byte in UInt8.min...UInt8.max {
            var wanted = SessionImage()
            #expect(setVariable(&wanted, "v", [65, byte]))
            let sql = SessionSynchronizer.assignments(from: SessionImage(), to: wanted, isMain: true) ?? []
            let quotes = sql.filter { $0 == UInt8(ascii: "'") }.count
            #expect(quotes == 2)
            #expect(!sql.contains(UInt8(ascii: "\\")))
            #expect(sql.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        }
    }
}

@Suite struct RoleTests {
    private func statement(_ known: SessionImage, _ wanted: SessionImage) -> String? {
        SessionSynchronizer.roleStatement(from: known, to: wanted).map { String(decoding: $0, as: UTF8.self) }
    }

    private func inRole(_ clause: String, dependsOnGrants: Bool = false) -> SessionImage {
        var made = SessionImage()
        let isNoted = made.setRole(Array(clause.utf8), dependsOnGrants: dependsOnGrants)
        #expect(isNoted)
        return made
    }

    @Test func `a connection is told a role that it is not in`() {
        #expect(statement(SessionImage(), inRole("`r`")) == "SET ROLE `r`")
        #expect(statement(inRole("`a`"), inRole("NONE")) == "SET ROLE NONE")
        #expect(statement(inRole("`r`"), inRole("`r`")) == nil)
        #expect(statement(SessionImage(), SessionImage()) == nil)
    }

    @Test func `a role that depends on the grants is told again`() {
        let all = inRole("ALL", dependsOnGrants: true)
        #expect(statement(all, all) == "SET ROLE ALL")
    }

    @Test func `after a reset nobody knows the role`() {
        let afterReset = SessionImage(afterResetIn: [], multiStatements: nil, hadRole: true)
        #expect(statement(afterReset, inRole("`r`")) == "SET ROLE `r`")
        #expect(!afterReset.isLike(SessionImage()) && !afterReset.isLike(inRole("`r`")))
        #expect(SessionImage(afterResetIn: [], multiStatements: nil).isLike(SessionImage()))
    }

    @Test func `a role counts as a change, and one that is too long is none`() {
        var made = inRole("`r`")
        let revision = made.revision
        #expect(revision == 1 && !made.isLike(SessionImage()))
        let long = [UInt8](repeating: 65, count: BackendLimits.imageRoleBytes + 1)
        let isLongNoted = made.setRole(long, dependsOnGrants: false)
        #expect(!isLongNoted)
        #expect(made.revision == revision && made.role == Array("`r`".utf8))
    }

    @Test func `variables that may need a privilege are told from those that need none`() {
        #expect(image([("time_zone", "+01:00"), ("sql_mode", ""), ("character_set_client", "latin1")]).anyRoleMaySet)
        #expect(!image([("time_zone", "+01:00"), ("binlog_format", "ROW")]).anyRoleMaySet)
    }
}

@Suite struct ResponseLedgerTests {
    @Test func `replies come off in the order they were owed`() {
        var ledger = ResponseLedger()
        #expect(ledger.isEmpty && ledger.first == nil && ledger.count == 0)
        ledger.append(LedgerEntry(kind: .query, use: .swallowState))
        ledger.append(LedgerEntry(kind: .okOrError, use: .swallowReset))
        ledger.append(LedgerEntry(kind: .prepare, use: .forward))
        #expect(ledger.count == 3 && ledger.first?.use == .swallowState)
        ledger.removeFirst()
        #expect(ledger.count == 2 && ledger.first?.use == .swallowReset)
        ledger.append(LedgerEntry(kind: .fetch, use: .forward))
        ledger.removeFirst()
        #expect(ledger.first?.kind == .prepare)
        ledger.removeFirst()
        #expect(ledger.first?.kind == .fetch)
        ledger.removeFirst()
        #expect(ledger.isEmpty)
    }

    @Test func `a ledger that was emptied is filled again`() {
        var ledger = ResponseLedger()
        for _ in 0..<1_000 {
            for _ in 0..<BackendLimits.ledgerEntries { ledger.append(LedgerEntry(kind: .query, use: .forward)) }
            for _ in 0..<BackendLimits.ledgerEntries { ledger.removeFirst() }
        }
        #expect(ledger.isEmpty)
    }
}
