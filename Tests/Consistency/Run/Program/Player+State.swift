// The session's own state: variables, schema, warnings, counts.

import ConsistencyChecker
import LocalCluster
import TestSupport

/// A system variable and values for it that tell sessions apart.
struct Variable: Sendable {
    let name: String
    /// As it is written in a SET, for a session's so-manieth value; what it shows is the same without quotes.
    let literal: @Sendable (Int, Int) -> String

    func shown(_ literal: String) -> String { literal.filter { $0 != "'" } }

    private static func number(_ name: String, from first: Int) -> Variable {
        Variable(name: name) { session, number in "\(first + session * 100 + number % 100)" }
    }

    static let all: [Variable] = [
        number("group_concat_max_len", from: 10_000), number("net_read_timeout", from: 1_000),
        number("net_write_timeout", from: 1_000), number("lock_wait_timeout", from: 1_000),
        number("sql_select_limit", from: 1_000_000), number("max_sort_length", from: 2_000),
        number("wait_timeout", from: 30_000),
        Variable(name: "div_precision_increment") { session, number in "\(5 + (session + number) % 20)" },
        Variable(name: "time_zone") { session, number in
            // MariaDB 10.11 takes '+04:39' for '+06:55' once somebody used that: in seconds, bytes of the two are letters
            // that differ by their case. Such are 136 minutes apart.
            let minutes = (session * 7 + number) % 136
            return "'+\(String(100 + minutes / 60).dropFirst()):\(String(100 + minutes % 60).dropFirst())'"
        },
        Variable(name: "sql_mode") { session, number in
            ["'PIPES_AS_CONCAT'", "'STRICT_TRANS_TABLES'", "'HIGH_NOT_PRECEDENCE'", "'IGNORE_SPACE'"][
                (session + number) % 4]
        },
    ]
}

extension Player {
    /// The variable that tells the isolation level.
    static func isolation(_ options: RunOptions) -> String {
        options.flavor.isMariaDB ? "tx_isolation" : "transaction_isolation"
    }

    /// Sets one variable or two, in any of the spellings.
    func setVariable() {
        if dice.once(in: 8) { return setIsolationOrNames() }
        var statement = Statement(text: "SET ", purpose: .setVariable)
        let count = dice.once(in: 4) ? 2 : 1
        let first = dice.roll(Variable.all.count)
        for index in 0..<count {
            let variable = Variable.all[(first + index) % Variable.all.count]
            let prefix = dice.pick(["", "SESSION ", "@@", "@@SESSION.", "LOCAL ", "@@"])
            let isDefault = dice.once(in: 10)
            let literal = isDefault ? "DEFAULT" : variable.literal(session, nextNumber())
            statement.text += (index > 0 ? ", " : "") + prefix + variable.name + " = " + literal
            let shown = isDefault ? ground.defaults[variable.name] : variable.shown(literal)
            statement.effects.append(.set(.variable(variable.name), shown))
            if perform(count, index, statement) != nil { ground.noteSet(variable.name, literal, by: session) }
        }
    }

    /// Sends what is whole.
    private func perform(_ count: Int, _ index: Int, _ statement: Statement) -> [Reply]? {
        index == count - 1 ? perform(statement) : nil
    }

    private func setIsolationOrNames() {
        guard !isInTransaction, dice.once(in: 2) else {
            let name = dice.pick(["utf8mb4", "latin1"])
            perform(Statement(text: "SET NAMES \(name)", effects: [.set(.variable("character_set_client"), name)]))
            return
        }
        let level = dice.pick(["READ COMMITTED", "REPEATABLE READ"])
        let shown = level == "READ COMMITTED" ? "READ-COMMITTED" : "REPEATABLE-READ"
        perform(
            Statement(
                text: "SET SESSION TRANSACTION ISOLATION LEVEL \(level)",
                effects: [.set(.variable(Self.isolation(ground.options)), shown)]))
    }

    func seeVariable() {
        let names = ground.defaults.keys.sorted()
        let name = dice.pick(names)
        var statement = Statement(
            text: "SELECT @@\(name)", purpose: .seeVariable(name),
            observe: { [.saw(.variable(name), $0[0].value ?? "NULL")] })
        switch dice.roll(6) {
        case 0:
            statement.text = "SHOW VARIABLES LIKE '\(name)'"
            statement.observe = { [.saw(.variable(name), $0[0].rows.first?.last.flatMap { $0 } ?? "NULL")] }
        case 1: statement.style = .prepared([])
        case 2: statement.text = "SELECT @@SESSION.\(name)"
        case 3:
            let other = dice.pick(names)
            statement.text += ", @@\(other)"
            statement.observe = { replies in
                zip([name, other], replies[0].rows.first ?? []).map { .saw(.variable($0), $1 ?? "NULL") }
            }
        default: break
        }
        perform(statement)
    }

    func useSchema() {
        let name = dice.pick(Ground.schemas)
        let isCommand = dice.once(in: 3)
        perform(
            Statement(
                text: isCommand ? name : "USE \(name)", style: isCommand ? .schema : .text,
                effects: [.set(.schema, name)]))
        if dice.once(in: 2) { seeSchema() }
    }

    func seeSchema() {
        perform(
            Statement(
                text: dice.once(in: 2) ? "SELECT DATABASE()" : "SELECT name FROM here", purpose: .seeSchema,
                // The planted bug's schema has no such table.
                answers: ground.options.plant == .leakedSchema ? [1146: [.saw(.schema, "mysql")]] : [:],
                observe: { [.saw(.schema, $0[0].value ?? "NULL")] }))
    }

    /// A statement with a warning that names this session, and then the warnings.
    func warn() {
        let token = "s\(session)w\(nextNumber())x"
        let hasWarning = !dice.once(in: 3)
        // With a table: without one, servers keep the warnings of the statement before.
        perform(
            Statement(
                text: "SELECT \(hasWarning ? "CAST('\(token)' AS SIGNED)" : "n") FROM app.numbers WHERE n = 1",
                effects: [.set(.warnings, hasWarning ? token : "none")],
                observe: { $0[0].warnings == (hasWarning ? 1 : 0) ? [] : [.strange("\($0[0].warnings) warnings")] }))
        perform(
            Statement(
                text: "SHOW WARNINGS", purpose: .seeWarnings, effects: [],
                observe: { [.saw(.warnings, Self.token($0[0].rows))] }))
    }

    /// The `s1w2x` in what warnings say.
    private static func token(_ rows: [[String?]]) -> String {
        guard let text = rows.first?.last.flatMap({ $0 }) else { return "none" }
        let quoted = text.split(separator: "'").first { $0.hasPrefix("s") && $0.hasSuffix("x") }
        return quoted.map { String($0) } ?? text
    }

    /// Counts that the next statement asks for.
    func count() {
        if dice.once(in: 2) {
            let rows = 3 + (session * 13 + nextNumber()) % (Ground.numbers - 3)
            let text = "SELECT SQL_CALC_FOUND_ROWS n FROM app.numbers WHERE n <= \(rows) LIMIT 2"
            perform(Statement(text: text, effects: [.set(.foundRows, "\(rows)")]))
            perform(
                Statement(text: "SELECT FOUND_ROWS()", observe: { [.saw(.foundRows, $0[0].value ?? "NULL")] }))
        } else {
            let rows = 1 + dice.roll(Ground.scratchRows)
            let text = "UPDATE app.scratch SET n = n + 1 WHERE session = \(session) AND slot <= \(rows)"
            guard session < ground.options.sessions else { return }
            guard perform(Statement(text: text, effects: [.set(.rowCount, "\(rows)")])) != nil else { return }
            perform(Statement(text: "SELECT ROW_COUNT()", observe: { [.saw(.rowCount, $0[0].value ?? "NULL")] }))
        }
    }
}
