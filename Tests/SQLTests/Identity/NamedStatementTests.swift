import SQL
import Testing

private func read(_ text: String, _ mode: SQLMode = SQLMode()) -> NamedStatement {
    Array(text.utf8).withUnsafeBytes { NamedStatement.read($0, mode: mode) }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct NamedStatementTests {
    @Test(
        arguments: [
            ("PREPARE p FROM 'SELECT 1'", "p", "SELECT 1"), ("prepare `P` from \"SELECT 1\";", "p", "SELECT 1"),
            ("PREPARE p FROM 'SELECT ''a''' /* end */", "p", "SELECT 'a'"),
            (#"PREPARE p FROM 'SELECT \'a\', "b", \n\%\\'"#, "p", "SELECT 'a', \"b\", \n\\%\\"),
        ])
    func `the text of a literal is what it means`(text: String, name: String, content: String) {
        #expect(read(text) == .prepare(name: bytes(name), text: bytes(content)))
    }

    @Test func `without escapes a backslash is one`() {
        let mode = SQLMode(noBackslashEscapes: true)
        #expect(read(#"PREPARE p FROM 'SELECT \'"#, mode) == .prepare(name: bytes("p"), text: bytes(#"SELECT \"#)))
    }

    @Test func `names are read in all forms`() {
        #expect(read("PREPARE p FROM @X") == .prepareFromVariable(name: bytes("p"), variable: bytes("x")))
        #expect(read("PREPARE p FROM @'é'") == .prepareFromVariable(name: bytes("p"), variable: nil))
        #expect(read("EXECUTE Ab_1") == .execute(name: bytes("ab_1"), hasParameters: false))
        #expect(read("EXECUTE p USING @a, 'b', 3") == .execute(name: bytes("p"), hasParameters: true))
        #expect(read("DEALLOCATE PREPARE p") == .deallocate(name: bytes("p")))
        #expect(read("/* x */ DROP PREPARE `p`;") == .deallocate(name: bytes("p")))
    }

    private func immediate(_ text: String, _ source: String) -> ImmediateStatement? {
        guard case .executeImmediate(let immediate) = read(text) else { return nil }
        // What is in front of the rest is the source.
        #expect(Array(text.utf8)[..<immediate.sourceEnd].elementsEqual("EXECUTE IMMEDIATE \(source)".utf8))
        return immediate
    }

    @Test func `EXECUTE IMMEDIATE is read by its parts`() {
        let literal = immediate("EXECUTE IMMEDIATE 'SELECT ''1' USING @a, 5", "'SELECT ''1'")
        #expect(literal?.source == .literal(bytes("SELECT '1")) && literal?.parameters == .plain)
        let variable = immediate("EXECUTE IMMEDIATE @X;", "@X")
        #expect(variable?.source == .variable(bytes("x")) && variable?.parameters == .absent)
        #expect(immediate("EXECUTE IMMEDIATE 'KILL 5' USING f()", "'KILL 5'")?.parameters == .other)
        #expect(immediate("EXECUTE IMMEDIATE 'KI' 'LL 5'", "'KI'")?.parameters == .other)
        #expect(read("EXECUTE IMMEDIATE CONCAT('a', 'b')") == .other)
        #expect(read("EXECUTE IMMEDIATE @'é'") == .other)
        #expect(read("EXECUTE immediate") == .execute(name: bytes("immediate"), hasParameters: false))
    }

    @Test(arguments: [false, true])
    func `a text that is executed in the place of another means itself`(noBackslashEscapes: Bool) {
        let mode = SQLMode(noBackslashEscapes: noBackslashEscapes)
        let text = bytes(#"SELECT 'it''s \' , ?"#)
        let rest = bytes(" USING @a")
        let written = rest.withUnsafeBytes { NamedStatement.executing(text, behind: $0, mode: mode) }
        let found = written.withUnsafeBytes { NamedStatement.read($0, mode: mode) }
        guard case .executeImmediate(let immediate) = found else {
            Issue.record("it is another statement")
            return
        }
        #expect(immediate.source == .literal(text) && immediate.parameters == .plain)
        #expect(written[immediate.sourceEnd...].elementsEqual(rest))
    }

    @Test(arguments: [
        "PREPARE p FROM CONCAT('a', 'b')", "PREPARE p FROM 'a' 'b'", "PREPARE é FROM 'a'", "PREPARE p FROM N'a'",
        "EXECUTE p USING GET_LOCK('a', 1)", "EXECUTE p USING", "EXECUTE p; EXECUTE q",
        "DROP TABLE p", "PREPARE p FRM 'x'", "PREPARE", "DEALLOCATE PREPARE p q", "PREPARE p FROM 'open", "SELECT 1",
    ])
    func `what only a server can judge is other`(text: String) {
        #expect(read(text) == .other)
    }

    @Test(arguments: [false, true])
    func `a text that is written again means the same`(noBackslashEscapes: Bool) {
        let mode = SQLMode(noBackslashEscapes: noBackslashEscapes)
        let text = bytes(#"SELECT 'it''s \' , "x", `y`"#)
        let written = NamedStatement.preparing(bytes("p"), text, mode: mode)
        #expect(
            written.withUnsafeBytes { NamedStatement.read($0, mode: mode) } == .prepare(name: bytes("p"), text: text))
    }

    @Test func `bytes that may hold a quote are not read`() {
        #expect(read("PREPARE p FROM 'é'", SQLMode(ambiguousCharacterSet: true)) == .other)
    }
}
