// One session of the application, with the care a good application takes: it tries again what can be tried again.
internal import Glibc
internal import Synchronization

/// Where and as whom the application logs in.
struct ApplicationAccount: Sendable {
    let port: UInt16
    let user: String
    let password: String

    func logIn() throws(SessionError) -> ApplicationSession {
        try ApplicationSession(port: port, user: user, password: password, schema: DemoSchema.name)
    }
}

/// How far a workload is, as its workers see it.
final class WorkloadState: Sendable {
    private let phase = Atomic<Int>(0)

    /// No new operations; those begun are brought to their end.
    var isFinishing: Bool { phase.load(ordering: .acquiring) >= 1 }
    /// No further attempts either.
    var isAborted: Bool { phase.load(ordering: .acquiring) >= 2 }

    func finish() { _ = phase.max(1, ordering: .acquiringAndReleasing) }
    func abort() { _ = phase.max(2, ordering: .acquiringAndReleasing) }
}

/// Runs operations one after the other on one session. Confined to one queue.
final class Worker {
    /// The pause before the next attempt: grows from the first value to the second, in microseconds.
    private static let pauseMicroseconds: (useconds_t, useconds_t) = (5_000, 100_000)

    let number: Int
    let record: WorkloadRecord
    private let account: ApplicationAccount
    private let state: WorkloadState
    private var session: ApplicationSession?

    init(number: Int, account: ApplicationAccount, state: WorkloadState, record: WorkloadRecord) {
        self.number = number
        self.account = account
        self.state = state
        self.record = record
    }

    /// Repeats `step` until the workload ends.
    func loop(_ step: (Worker) -> Void) {
        while !state.isFinishing { step(self) }
    }

    /// Brings one operation to its end: whatever fails is tried again, on a new connection if the old one is lost.
    ///
    /// `body` must be safe to repeat after an attempt of which nobody knows how it ended. True when it succeeded.
    @discardableResult
    func perform(
        _ operation: Operation, inTransaction: Bool = false,
        _ body: (ApplicationSession) throws(SessionError) -> Void
    ) -> Bool {
        let start = secondsNow()
        var pause = Self.pauseMicroseconds.0
        while true {
            do throws(SessionError) {
                try body(try connected())
                record.finished(operation, seconds: secondsNow() - start)
                return true
            } catch {
                // The end of the demonstration breaks connections: that is nobody's error.
                if state.isAborted { return false }
                record.failedAttempt(error)
                recover(from: error, inTransaction: inTransaction)
            }
            if secondsNow() - start > QuickstartLimits.patienceSeconds {
                record.gaveUp(operation)
                return false
            }
            usleep(pause)
            pause = min(pause * 2, Self.pauseMicroseconds.1)
        }
    }

    private func connected() throws(SessionError) -> ApplicationSession {
        if let session { return session }
        let fresh = try account.logIn()
        session = fresh
        return fresh
    }

    private func recover(from error: SessionError, inTransaction: Bool) {
        if error.isConnectionLost {
            session = nil
        } else if inTransaction, let open = session {
            do throws(SessionError) { try open.run("ROLLBACK") } catch { session = nil }
        }
    }
}
