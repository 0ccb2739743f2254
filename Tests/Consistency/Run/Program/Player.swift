// One session: what it sends, and what it writes down about it.

import ConsistencyChecker
import Glibc
import TestSupport

/// A statement and what it means.
struct Statement {
    enum Style {
        case text
        case prepared([String])
        /// COM_INIT_DB with the text as the name.
        case schema
        case reset
    }

    var text: String
    var style = Style.text
    var purpose = Purpose.other
    /// What it does when it succeeds.
    var effects: [Fact] = []
    /// Errors that are answers, by code, with what they show.
    var answers: [Int: [Fact]] = [:]
    /// What its results show.
    var observe: ([Reply]) -> [Fact] = { _ in [] }

    /// As it stands in a history.
    var shown: String {
        switch style {
        case .text: text
        case .prepared(let values): "prepared: \(text) \(values)"
        case .schema: "COM_INIT_DB \(text)"
        case .reset: "COM_RESET_CONNECTION"
        }
    }
}

/// A session. Used by one thread at a time.
final class Player: @unchecked Sendable {
    let ground: Ground
    let session: Int
    let client: WireClient
    /// For the planted bug that reads elsewhere.
    private var stray: WireClient?
    private(set) var entries: [Entry] = []
    var dice: Dice
    /// Numbers of this session that were never used before.
    private var fresh = 0
    var isInTransaction = false
    /// An error ended or spoilt the transaction.
    var transactionFailed = false
    /// Only a reset ends what a procedure may have done.
    var hasCalled = false
    private(set) var isLost = false

    init(_ ground: Ground, session: Int) throws(Refusal) {
        self.ground = ground
        self.session = session
        dice = Dice(seed: ground.options.seed &* 1_000_003 &+ UInt64(session))
        client = try WireClient(
            port: ground.port, user: Ground.user, schema: "app", plugin: ground.plugin,
            deprecatesEOF: session % 10 != 9)
        entries.append(
            Entry(
                session: session, number: 0, began: Ground.now(), ended: Ground.now(), statement: "login",
                facts: Self.beginning(ground.defaults) + [.set(.schema, "app")]))
    }

    /// What a session holds before it has done anything.
    static func beginning(_ defaults: [String: String]) -> [Fact] {
        var facts = defaults.map { Fact.set(.variable($0.key), $0.value) }
        facts += [
            .set(.userVariable("v"), "NULL"), .set(.temporaryTable("passing"), "absent"),
            .set(.preparedStatement("p"), "absent"), .set(.lastInsertID, "0"), .set(.lock("own"), "free"),
        ]
        return facts
    }

    func nextNumber() -> Int {
        fresh += 1
        return fresh
    }

    /// A number that no other session has.
    func ownNumber() -> String { "\(session + 1)\(String(10_000 + nextNumber() % 90_000))" }

    // MARK: Sending

    /// Sends a statement and writes down what came of it; nil when it ended in an error.
    @discardableResult
    func perform(_ statement: Statement) -> [Reply]? {
        guard !isLost else { return nil }
        _ = ground.begin()
        let began = Ground.now()
        do throws(Refusal) {
            let replies = try send(statement)
            record(statement, began, .acknowledged, statement.effects + statement.observe(replies))
            return replies
        } catch {
            failed(statement, began, error)
            return nil
        }
    }

    private func failed(_ statement: Statement, _ began: UInt64, _ refusal: Refusal) {
        if let facts = statement.answers[refusal.code] {
            return record(statement, began, .acknowledged, facts)
        }
        var facts = statement.effects
        if isInTransaction { transactionFailed = true }
        if ErrorCodes.endsTransaction.contains(refusal.code) { facts.append(.rolledBack) }
        if ErrorCodes.losesState.contains(refusal.code) {
            facts += [
                .set(.userVariable("v"), nil), .set(.temporaryTable("passing"), nil), .set(.lastInsertID, nil),
                .set(.preparedStatement("p"), nil), .set(.lock("own"), nil),
            ]
        }
        let isUnknown = ErrorCodes.unknown.contains(refusal.code)
        let outcome: Outcome =
            isUnknown
            ? .unknown(code: refusal.code, text: refusal.text) : .refused(code: refusal.code, text: refusal.text)
        if refusal.code == WireClient.lostCode { isLost = true }
        record(statement, began, outcome, facts)
    }

    private func record(_ statement: Statement, _ began: UInt64, _ outcome: Outcome, _ facts: [Fact]) {
        entries.append(
            Entry(
                session: session, number: entries.count, began: began, ended: Ground.now(),
                statement: statement.shown, outcome: outcome, facts: facts))
    }

    /// Writes down what follows from an answer without a statement of its own.
    func note(_ facts: [Fact]) {
        let now = Ground.now()
        entries.append(
            Entry(
                session: session, number: entries.count, began: now, ended: now, statement: "(nothing sent)",
                facts: facts))
    }

    private func send(_ statement: Statement) throws(Refusal) -> [Reply] {
        guard let plant = ground.options.plant else { return try send(statement, client) }
        return try send(statement, plant)
    }

    func send(_ statement: Statement, _ client: WireClient) throws(Refusal) -> [Reply] {
        switch statement.style {
        case .text: return try client.query(statement.text)
        case .prepared(let values): return try client.execute(statement.text, values)
        case .schema:
            try client.selectSchema(statement.text)
            return [Reply()]
        case .reset:
            try client.reset()
            return [Reply()]
        }
    }

    /// A connection to a replica itself.
    func strayClient() throws(Refusal) -> WireClient {
        if let stray { return stray }
        let made = try WireClient(port: ground.replicaPort, user: Ground.user, schema: "app", plugin: ground.plugin)
        stray = made
        return made
    }

    /// Says goodbye.
    func close() {
        client.close()
        stray?.close()
    }
}
