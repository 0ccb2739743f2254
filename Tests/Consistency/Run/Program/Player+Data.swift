// Registers, counters and rows: how a session writes and reads what all can see.

import ConsistencyChecker
import LocalCluster
import TestSupport

extension Player {
    // MARK: Reads

    /// Reads one or several cells, in one of many spellings.
    func read() {
        switch dice.roll(12) {
        case 0...2: readOne(anyCell())
        case 3: readOne(anyCell(), isPrepared: true)
        case 4: readRegisters(isPrepared: false)
        case 5: readRegisters(isPrepared: true)
        case 6: readTwo(separator: "; ")
        case 7: readTwo(separator: ", ")
        case 8: readOne(.counter(Ground.journal + dice.roll(ground.options.sessions)))
        case 9: readOne(.counter(Ground.journal + session), isPrepared: dice.once(in: 2))
        case 10: readWithVariable()
        default: readSpecially()
        }
    }

    /// Own registers often, some that many look at, or any.
    private func anyCell() -> Cell {
        switch dice.roll(6) {
        case 0...1: .register(ownRegister())
        case 2: .register(dice.roll(8))
        case 3: .register(anyRegister())
        default: .counter(dice.roll(Ground.counters))
        }
    }

    private func anyRegister() -> Int { dice.roll(ground.options.sessions * Ground.registersPerSession) }

    /// A register that only this session writes; sessions that follow broken ones have none of their own, and only read.
    func ownRegister() -> Int {
        guard session < ground.options.sessions else { return anyRegister() }
        return session * Ground.registersPerSession + dice.roll(Ground.registersPerSession)
    }

    private static func query(_ cell: Cell) -> (text: String, key: String) {
        switch cell {
        case .register(let id): ("SELECT value FROM app.registers WHERE id = ", "\(id)")
        case .counter(let id) where id >= Ground.journal:
            ("SELECT COUNT(*) FROM app.journal WHERE session = ", "\(id - Ground.journal)")
        case .counter(let id): ("SELECT n FROM app.counters WHERE id = ", "\(id)")
        }
    }

    private static func shown(_ cell: Cell, _ text: String?) -> Fact {
        guard let text, let value = Int(text) else { return .strange("\(cell) showed \(text ?? "nothing")") }
        return .read(cell, value)
    }

    private func readOne(_ cell: Cell, isPrepared: Bool = false) {
        let (text, key) = Self.query(cell)
        perform(
            Statement(
                text: isPrepared ? text + "?" : text + key, style: isPrepared ? .prepared([key]) : .text,
                purpose: .read, observe: { [Self.shown(cell, $0[0].value)] }))
    }

    private func readRegisters(isPrepared: Bool) {
        let keys = [anyRegister(), ownRegister(), dice.roll(8)].map { "\($0)" }
        let text =
            "SELECT id, value FROM app.registers WHERE id IN (\(isPrepared ? "?, ?, ?" : keys.joined(separator: ", ")))"
        perform(
            Statement(
                text: text, style: isPrepared ? .prepared(keys) : .text, purpose: .read,
                observe: { replies in
                    let facts = replies[0].rows.compactMap { row in
                        row[0].flatMap { Int($0) }.map { Self.shown(.register($0), row[1]) }
                    }
                    return facts.count == Set(keys).count ? facts : [.strange("\(facts.count) rows of \(keys)")]
                }))
    }

    /// Two statements in one text, or two reads in one statement.
    private func readTwo(separator: String) {
        let cells = [anyCell(), anyCell()]
        let parts = cells.map { Self.query($0) }.map { $0.text + $0.key }
        let isOne = separator == ", "
        let text = isOne ? "SELECT (\(parts[0])), (\(parts[1]))" : parts.joined(separator: separator)
        perform(
            Statement(
                text: text, purpose: .read,
                observe: { replies in
                    let values = isOne ? replies[0].rows.first ?? [nil, nil] : [replies[0].value, replies.last?.value]
                    return zip(cells, values).map { Self.shown($0, $1) }
                }))
    }

    /// What runs where the session's variables have to be too.
    private func readWithVariable() {
        let register = ownRegister()
        perform(
            Statement(
                text: "SELECT @@group_concat_max_len, value FROM app.registers WHERE id = \(register)", purpose: .read,
                observe: { replies in
                    guard let row = replies[0].rows.first else { return [.strange("no row")] }
                    return [
                        .saw(.variable("group_concat_max_len"), row[0] ?? "NULL"),
                        Self.shown(.register(register), row[1]),
                    ]
                }))
    }

    /// Spellings that a proxy has to keep on the primary, or may.
    private func readSpecially() {
        let counter = dice.roll(Ground.counters)
        let text =
            switch dice.roll(2) {
            case 0 where !isInTransaction: "SELECT n FROM app.counters WHERE id = \(counter) FOR UPDATE"
            default: "(SELECT n FROM app.counters WHERE id = \(counter)) UNION ALL SELECT 0 FROM DUAL WHERE 1 = 0"
            }
        perform(Statement(text: text, purpose: .read, observe: { [Self.shown(.counter(counter), $0[0].value)] }))
    }

    /// What reads inside of a function.
    func readByFunction() {
        let counter = dice.roll(Ground.counters)
        perform(
            Statement(
                text: "SELECT app.look(\(counter))", purpose: .read,
                observe: { [Self.shown(.counter(counter), $0[0].value)] }))
    }

    // MARK: Writes

    /// Gives an own register its next number.
    func write() {
        guard session < ground.options.sessions else { return read() }
        let register = ownRegister()
        let value = nextNumber()
        var statement = Statement(text: "", effects: [.wrote(register, value: value)])
        switch dice.roll(6) {
        case 0: statement.text = "REPLACE INTO app.registers VALUES (\(register), \(value))"
        case 1:
            statement.text =
                "INSERT INTO app.registers VALUES (\(register), \(value)) ON DUPLICATE KEY UPDATE value = \(value)"
        case 2:
            statement.text = "UPDATE app.registers SET value = ? WHERE id = ?"
            statement.style = .prepared(["\(value)", "\(register)"])
        case 3:
            statement.text =
                "UPDATE app.registers SET value = \(value) WHERE id = \(register); "
                + "SELECT value FROM app.registers WHERE id = \(register)"
            statement.observe = { [Self.shown(.register(register), $0.last?.value)] }
        default: statement.text = "UPDATE app.registers SET value = \(value) WHERE id = \(register)"
        }
        perform(statement)
    }

    /// Raises a counter that all sessions raise.
    func raise(_ counter: Int) {
        var statement = Statement(
            text: "UPDATE app.counters SET n = n + 1 WHERE id = \(counter)", purpose: .raise,
            effects: [.raised(counter, number: nextNumber())])
        switch dice.roll(4) {
        case 0:
            statement.text = "UPDATE app.counters SET n = n + 1 WHERE id = ?"
            statement.style = .prepared(["\(counter)"])
        case 1 where ground.options.plant == nil:
            statement.text += "; SELECT n FROM app.counters WHERE id = \(counter)"
            statement.observe = { [Self.shown(.counter(counter), $0.last?.value)] }
        default: break
        }
        perform(statement)
    }

    /// Adds a row to the journal, and knows its number from the answer.
    func append() {
        let number = nextNumber()
        var statement = Statement(
            text: "INSERT INTO app.journal (session, number) VALUES (\(session), \(number))", purpose: .raise,
            effects: [.raised(Ground.journal + session, number: number)],
            observe: { [.set(.lastInsertID, $0[0].insertID == 0 ? nil : "\($0[0].insertID)")] })
        switch dice.roll(4) {
        case 0:
            statement.text = "INSERT INTO app.journal (session, number) VALUES (?, ?)"
            statement.style = .prepared(["\(session)", "\(number)"])
        case 1 where ground.options.flavor.isMariaDB:
            statement.text += " RETURNING id"
            statement.observe = { [.set(.lastInsertID, $0[0].value)] }
        default: break
        }
        // A row that was refused may have used a number up.
        if perform(statement) == nil { forgetInsertID() }
        if dice.once(in: 3) { seeInsertID() }
    }

    private func forgetInsertID() { note([.set(.lastInsertID, nil)]) }

    func seeInsertID() {
        let isPrepared = dice.once(in: 3)
        let text = dice.once(in: 4) ? "SELECT @@last_insert_id" : "SELECT LAST_INSERT_ID()"
        perform(
            Statement(
                text: text, style: isPrepared ? .prepared([]) : .text, purpose: .seeInsertID,
                observe: { [.saw(.lastInsertID, $0[0].value ?? "NULL")] }))
    }
}
