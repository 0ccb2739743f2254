// Which user variables are known, which only the main connection has, and when nobody can tell.
import Backend
import Routing
import SQL
import Testing
import Wire

@testable import Frontend

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension SessionState {
    fileprivate mutating func run(_ text: String, failed: Bool = false, reported: Bool = false) {
        bytes(text).withUnsafeBytes { text in
            let traits = Classifier.classify(text, mode: sqlMode)
            statementEnded(
                traits,
                StatementEnd(
                    status: failed ? nil : .autocommit, ranOnMain: true, lastInsertID: 0, warnings: 0,
                    leftUnreported: false, failed: failed,
                    userVariables: UserVariableNames.changes(text, traits, mode: sqlMode) ?? [],
                    reportedStateChange: reported),
                positionIsKnown: true)
        }
    }

    fileprivate func text(_ name: String) -> String? {
        text(ofVariable: bytes(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    fileprivate var known: [String] { image.userVariables.map { String(decoding: $0.name, as: UTF8.self) } }
    fileprivate var asked: [String] { variablesToAsk.map { String(decoding: $0, as: UTF8.self) } }
}

@Suite struct UserVariableStateTests {
    private var fresh: SessionState { SessionState(mode: SQLMode()) }

    @Test(arguments: [
        "SET @a = 5", "SET @A = CONCAT('x', @b)", "SELECT 1 INTO @a", "SELECT f()", "INSERT INTO t VALUES (1)",
        "CALL p()", "EXECUTE s", "SET @a = 'other', @b = f()",
    ])
    func `a string that was set is known as a text until something may have changed it`(later: String) {
        var state = fresh
        state.run("SET @a = 'SELECT 1', @b = 'x'")
        #expect(state.text("a") == "SELECT 1" && state.text("b") == "x" && state.text("c") == nil)
        state.run("SELECT 1")
        state.run("SET @b = 'y'")
        #expect(state.text("a") == "SELECT 1" && state.text("b") == "y")
        state.run(later)
        #expect(state.text("a") == nil)
    }

    @Test func `a text that a server told is known, and one that was not set is not`() {
        var state = fresh
        state.run("SET @a = 'SELECT 1'")
        state.userVariablesTold([
            UserVariable(name: bytes("a"), expression: bytes("_utf8mb4 X'53' COLLATE utf8mb4_bin"))
        ])
        #expect(state.text("a") == "S")
        state.run("SELECT 1", reported: true)
        #expect(state.text("a") == nil)
        state.run("SET @b = 'x'", failed: true)
        #expect(state.text("b") == nil)
        state.run("SET @b = 'x'")
        #expect(state.text("b") == "x")
    }

    @Test func `texts of variables are bounded`() {
        var state = fresh
        let half = String(repeating: "x", count: BackendLimits.imageUserVariableBytes / 2 + 1)
        state.run("SET @a = '\(half)'")
        state.run("SET @b = '\(half)'")
        #expect(state.text("a") == half && state.text("b") == nil)
        state.run("SET @a = 'x'")
        state.run("SET @b = '\(half)'")
        #expect(state.text("b") == half)
    }

    @Test func `numbers are known at once, and other values once they are told`() {
        var state = fresh
        state.run("SET @a = 1, @b = 'x'")
        #expect(state.known == ["a"] && state.asked == ["b"] && state.pins.contains(.userVariables))
        state.userVariablesTold([UserVariable(name: bytes("b"), expression: bytes("_latin1 X'78'"))])
        #expect(state.known == ["a", "b"] && state.pins.isEmpty)
        state.run("SELECT @a := 5")
        #expect(state.known == ["b"] && state.asked == ["a"])
    }

    @Test func `a SET that failed may have set what comes first`() {
        var state = fresh
        state.run("SET @a = 1")
        state.run("SET @a = 2, @b = 3", failed: true)
        #expect(state.known == [] && state.asked == ["a", "b"])
    }

    @Test func `a write may have run a trigger`() {
        var state = fresh
        state.run("SET @a = 1")
        state.run("INSERT INTO t VALUES (1)")
        #expect(state.known == [] && state.asked == ["a"])
        state.run("SELECT 1")
        #expect(state.asked == ["a"])
    }

    @Test(arguments: ["SELECT f()", "CALL p(@a)", "SET @`a b` = 1", "SELECT 1 INTO @x; SELECT @'é' := 2"])
    func `what may be set without a name holds the connection`(text: String) {
        var state = fresh
        state.run(text)
        state.run("SET @a = 1")
        #expect(state.pins.contains(.userVariables) && state.asked == [])
        state.userVariablesTold([])
        #expect(state.pins.contains(.userVariables))
        state.reset()
        #expect(state.pins.isEmpty && state.known == [])
    }

    @Test func `what a server reports of a trigger holds the connection`() {
        var state = fresh
        state.run("INSERT INTO t VALUES (1)", reported: true)
        #expect(state.pins.contains(.userVariables) && state.asked == [])
    }

    @Test func `with the connection goes what only it knew`() {
        var state = fresh
        state.run("SET @a = 1, @b = 'x'")
        state.mainLost()
        #expect(state.known == ["a"] && state.asked == [] && state.pins.isEmpty)
    }

    @Test func `more variables than can be carried hold the connection`() {
        var state = fresh
        for number in 0...BackendLimits.imageUserVariables { state.run("SET @v\(number) = 'x'") }
        #expect(state.pins.contains(.userVariables) && state.asked == [])
    }
}
