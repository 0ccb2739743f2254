// One client of the ledger: what it sends, and what it writes down.

import ChaosChecker
import ConsistencyChecker
import Glibc
import TestSupport

/// A client with one session at a time. Used by one thread at a time.
final class LedgerClient: @unchecked Sendable {
    private let ledger: Ledger
    private let number: Int
    private var dice: Dice
    private var session: WireClient?
    private var notes = ClientNotes()
    /// The last insert that was acknowledged to this session: another one need not see it at once.
    private var lastInsert: Int?
    /// Whether the statements of the present operation are prepared.
    private var isPrepared = false

    init(_ ledger: Ledger, number: Int) {
        self.ledger = ledger
        self.number = number
        dice = Dice(seed: ledger.options.seed &* 1_000_003 &+ UInt64(number))
    }

    /// One operation after the other.
    func play(until stop: Signal) {
        while !stop.isRaised {
            guard let session = connected(until: stop) else { return }
            isPrepared = dice.once(in: 2)
            switch dice.roll(20) {
            case ..<6: insert(session)
            case ..<11: transfer(session)
            case ..<14: raise(session)
            default: read(session)
            }
            usleep(UInt32(dice.roll(max(1, ledger.options.restMilliseconds * 1_000))))
        }
    }

    /// Gives what was written down, and begins anew.
    func takeNotes() -> ClientNotes {
        defer { notes = ClientNotes() }
        return notes
    }

    /// Says goodbye.
    func close() {
        session?.close()
        session = nil
    }

    private func connected(until stop: Signal) -> WireClient? {
        while !stop.isRaised {
            if let session { return session }
            lastInsert = nil
            do throws(Refusal) {
                let listener = ledger.listeners[number % ledger.listeners.count]
                session = try WireClient(
                    host: listener.host, port: listener.port, user: Ledger.user, schema: "app",
                    plugin: ledger.options.flavor.accountPlugin)
            } catch {
                notes.note(error, "login")
                usleep(20_000)
            }
        }
        return nil
    }

    // MARK: Operations

    private func insert(_ session: WireClient) {
        let id = ledger.makeID()
        let began = monotonicSeconds()
        let outcome = perform(.insert(id), "insert", session)
        if outcome == .acknowledged { lastInsert = id }
        record(id, .insert, began, outcome)
    }

    private func raise(_ session: WireClient) {
        let counter = dice.roll(Ledger.counters)
        notes.note(raised: counter, perform(.raise(counter), "increment", session))
    }

    private func read(_ session: WireClient) {
        switch dice.roll(4) {
        case 0: _ = perform(.sum(ledger.accounts * LedgerRows.openingBalance), "read", session)
        case 1: _ = perform(.look(dice.roll(Ledger.counters)), "read", session)
        default: findOwn(session)
        }
    }

    /// Its own acknowledged insert must be there; whether replication lost it is seen later.
    private func findOwn(_ session: WireClient) {
        guard let lastInsert else { return }
        do throws(Refusal) {
            if try send(.find(lastInsert), session).value == "0" { notes.unseen.append(lastInsert) }
        } catch {
            _ = failed(error, "read")
        }
    }

    private func transfer(_ session: WireClient) {
        let mine = number * Ledger.accountsPerClient..<(number + 1) * Ledger.accountsPerClient
        let accounts = ledger.options.isContended ? 0..<ledger.accounts : mine
        let plan = TransferPlan(id: ledger.makeID(), accounts: accounts, &dice)
        let began = monotonicSeconds()
        ledger.inFlight.began()
        let outcome = transfer(plan, session)
        ledger.inFlight.ended()
        record(plan.id, .transfer, began, outcome)
    }

    /// Without COMMIT nothing happened, whatever the error is.
    private func transfer(_ plan: TransferPlan, _ session: WireClient) -> Outcome {
        do throws(Refusal) {
            try send(.begin, session)
            var balances: [Int] = []
            if let lock = plan.lock {
                balances = try send(lock, session).rows.map { Int(($0.first ?? nil) ?? "") ?? 0 }
            }
            for statement in plan.statements(after: balances) { try send(statement, session) }
        } catch {
            _ = failed(error, "transfer")
            leaveTransaction()
            return .refused(code: error.code, text: error.text)
        }
        let outcome = perform(.commit, "COMMIT", session)
        if outcome != .acknowledged { leaveTransaction() }
        return outcome
    }

    /// A session that cannot say what it is in is given up.
    private func leaveTransaction() {
        guard let session else { return }
        do throws(Refusal) {
            try send(.rollback, session)
        } catch {
            _ = failed(error, "ROLLBACK")
            close()
        }
    }

    // MARK: Statements

    private func perform(_ statement: LedgerStatement, _ attempt: String, _ session: WireClient) -> Outcome {
        do throws(Refusal) {
            try send(statement, session)
            return .acknowledged
        } catch {
            return failed(error, attempt)
        }
    }

    @discardableResult
    private func send(_ statement: LedgerStatement, _ session: WireClient) throws(Refusal) -> Reply {
        ledger.inFlight.sent(commits: statement.commits)
        let began = monotonicSeconds()
        defer {
            ledger.inFlight.answered(commits: statement.commits)
            noteTime(monotonicSeconds() - began, statement)
        }
        let replies =
            try isPrepared && !statement.values.isEmpty
            ? session.execute(statement.text, statement.values) : session.query(statement.spelled)
        let reply = replies.first ?? Reply()
        if let expected = statement.expected, reply.value != "\(expected)" {
            let shown =
                "client \(number) read \(reply.value ?? "nothing") in place of \(expected): \(statement.spelled)"
            notes.noted.append(LedgerViolation(.wrongRead, shown))
        }
        if statement.commits {
            notes.acknowledgements.append(monotonicSeconds())
            ledger.acknowledge()
        }
        return reply
    }

    private func noteTime(_ seconds: Double, _ statement: LedgerStatement) {
        notes.longest = max(notes.longest, seconds)
        if seconds > ChaosLimits.statementSeconds {
            notes.noted.append(
                LedgerViolation(.hang, "client \(number) waited \(Int(seconds)) s: \(statement.spelled)"))
        }
    }

    private func failed(_ refusal: Refusal, _ attempt: String) -> Outcome {
        notes.note(refusal, attempt)
        if ErrorCodes.losesState.contains(refusal.code) { close() }
        return ErrorCodes.unknown.contains(refusal.code)
            ? .unknown(code: refusal.code, text: refusal.text) : .refused(code: refusal.code, text: refusal.text)
    }

    private func record(_ id: Int, _ kind: LedgerWrite.Kind, _ began: Double, _ outcome: Outcome) {
        if case .unknown = outcome { notes.unknown += 1 }
        notes.writes.append(
            LedgerWrite(id: id, kind: kind, began: began, ended: monotonicSeconds(), outcome: outcome))
    }
}
