// Which statements name Switchyard's own variables, and what they ask.

import SQL
import Testing

@Suite struct ProxyVariableStatementTests {
    private func isNamed(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { Classifier.classify($0, mode: SQLMode()) }.effects
            .contains(.namesProxyVariable)
    }

    private func reading(_ text: String, _ mode: SQLMode = SQLMode()) -> ProxyVariableStatement.Reading {
        Array(text.utf8).withUnsafeBytes { ProxyVariableStatement.read($0, mode: mode) }
    }

    @Test(arguments: [
        "SET switchyard_mode = 'primary'", "set session SWITCHYARD_MODE = primary", "SET @@switchyard_mode = DEFAULT",
        "SET @@session.switchyard_mode = 1", "SET GLOBAL switchyard_mode = 1", "SET `switchyard_mode` = 1",
        "SET a = 1, switchyard_mode = 'split'", "SET a = @@switchyard_mode", "SELECT @@switchyard_mode",
        "SELECT 1 + @@Switchyard_Mode FROM t", "SELECT @@session.switchyard_mode AS a, @@version",
        "SHOW VARIABLES LIKE 'switchyard%'", "SHOW VARIABLES WHERE Variable_name = 'Switchyard_mode'",
        "SET STATEMENT switchyard_mode = 'primary' FOR SELECT 1", "INSERT INTO t VALUES (@@switchyard_mode)",
        "SELECT 1; SET switchyard_mode = 'split'",
    ])
    func `a statement names a variable of Switchyard's`(_ text: String) { #expect(isNamed(text)) }

    @Test(arguments: [
        "SELECT switchyard_mode FROM t", "SELECT @switchyard_mode", "SET @switchyard_mode = 1",
        "SELECT '@@switchyard_mode'",
        "SELECT 1 /* @@switchyard_mode */", "SET switchyard = 1", "SELECT @@switchyar_mode",
        "SHOW VARIABLES LIKE 'sql%'",
        "SHOW TABLES LIKE 'switchyard%'", "UPDATE t SET switchyard_mode = 1",
    ])
    func `a statement names none`(_ text: String) { #expect(!isNamed(text)) }

    @Test(arguments: [
        ("SELECT @@switchyard_mode", ["switchyard_mode: @@switchyard_mode"]),
        ("select @@SESSION.Switchyard_Mode as Mode;", ["switchyard_mode: Mode"]),
        ("SELECT @@switchyard_a 'x y', @@local.switchyard_b `z` LIMIT 1", ["switchyard_a: x y", "switchyard_b: z"]),
        ("/* c */ SELECT @@`switchyard_a` -- x", ["switchyard_a: @@`switchyard_a`"]),
    ])
    func `a SELECT asks for these columns`(_ text: String, _ expected: [String]) {
        guard case .select(let columns) = reading(text) else { return #expect(Bool(false), "\(reading(text))") }
        #expect(columns.map { "\($0.name): \($0.heading)" } == expected)
    }

    @Test(arguments: [
        ("SET switchyard_a = 'x''y'", "switchyard_a", ProxyVariableStatement.Value.text("x'y")),
        ("SET @@switchyard_A = on", "switchyard_a", .text("on")),
        ("SET SESSION switchyard_a := -5", "switchyard_a", .number(-5)),
        ("SET LOCAL switchyard_a = +7;", "switchyard_a", .number(7)),
        ("SET switchyard_a = DEFAULT", "switchyard_a", .standard), ("SET switchyard_a = NULL", "switchyard_a", .null),
        ("SET switchyard_a = 1.5", "switchyard_a", .other), ("SET switchyard_a = 1 + 1", "switchyard_a", .other),
        ("SET switchyard_a = @x", "switchyard_a", .other),
        ("SET switchyard_a = 99999999999999999999", "switchyard_a", .other),
    ])
    func `a SET gives this value`(_ text: String, _ name: String, _ value: ProxyVariableStatement.Value) {
        guard case .assign(let found) = reading(text) else { return #expect(Bool(false), "\(reading(text))") }
        #expect(found == [ProxyVariableStatement.Assignment(name: name, value: value)])
    }

    @Test func `a SET may have several of them`() {
        guard case .assign(let found) = reading("SET switchyard_a = 1, SESSION switchyard_b = two") else {
            return #expect(Bool(false))
        }
        #expect(found.map(\.name) == ["switchyard_a", "switchyard_b"])
    }

    @Test(arguments: [
        "SET switchyard_a = 1, sql_mode = ''", "SET @x = 1, switchyard_a = 1", "SELECT @@switchyard_a, 1",
        "SELECT @@switchyard_a, @@version", "SELECT @@switchyard_a FROM t", "SELECT @@switchyard_a + 1",
        "SELECT @@switchyard_a INTO @x", "SELECT @@switchyard_a LIMIT 0", "SELECT @@switchyard_a; SELECT 1",
        "SET switchyard_a = 1; SELECT 1", "SELECT DISTINCT @@switchyard_a", "SET NAMES utf8, switchyard_a = 1",
        "SHOW VARIABLES WHERE Variable_name = 'switchyard_a' OR Value = 1", "INSERT INTO t VALUES (@@switchyard_a)",
        "SET STATEMENT switchyard_a = 1 FOR SELECT 1", "SELECT @@switchyard_a UNION SELECT 1", "",
    ])
    func `what names other things too is a mixture`(_ text: String) { #expect(reading(text) == .mixture) }

    @Test func `there are no global values`() {
        #expect(reading("SET GLOBAL switchyard_a = 1") == .setsGlobal("switchyard_a"))
        #expect(reading("SET @@persist.switchyard_a = 1") == .setsGlobal("switchyard_a"))
        #expect(reading("SELECT @@global.switchyard_a") == .asksGlobal("switchyard_a"))
    }

    @Test(arguments: [
        ("SHOW VARIABLES LIKE 'switchyard%'", true), ("SHOW SESSION VARIABLES LIKE 'SWITCHYARD\\_mo_e'", true),
        ("SHOW VARIABLES WHERE `variable_name` = 'switchyard_mode'", true),
        ("SHOW VARIABLES WHERE Variable_name LIKE 'switchyard_m%e'", true),
        ("SHOW VARIABLES LIKE 'switchyard_'", false), ("SHOW VARIABLES LIKE 'switchyard_mode\\_'", false),
        ("SHOW VARIABLES WHERE Variable_name = 'switchyard%'", false),
        ("SHOW VARIABLES LIKE 'switchyard_modes'", false),
    ])
    func `SHOW VARIABLES means switchyard_mode, or not`(_ text: String, _ isMeant: Bool) {
        guard case .show(let pattern, false) = reading(text) else { return #expect(Bool(false), "\(reading(text))") }
        #expect(pattern.matches("switchyard_mode") == isMeant)
    }
}
