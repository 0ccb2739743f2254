// What every lane adds to while it uses a node: work in flight, latency, connections, totals.

import Synchronization

/// A node's live counters, shared by all lanes. All of them are relaxed atomics: they steer balancing and
/// are shown to people, nothing is decided by their order.
package final class NodeLoad: Sendable {
    private let inFlightCount = Atomic<Int>(0)
    private let latencyNanosecondsAverage = Atomic<UInt64>(0)
    private let lastSampleNanoseconds = Atomic<UInt64>(0)
    private let leaseCount = Atomic<Int>(0)
    private let connectionCount = Atomic<Int>(0)
    private let readCount = Atomic<UInt64>(0)
    private let writeCount = Atomic<UInt64>(0)
    private let errorCount = Atomic<UInt64>(0)
    private let statementCount = Atomic<Int>(0)
    /// How many connections the server took when it refused one more; `.max` when it did not.
    private let learnedLimit = Atomic<Int>(.max)
    /// Lane milliseconds at which one more is tried.
    private let triedAgainAt = Atomic<UInt64>(0)

    /// What failed in a row, and what follows from it.
    package let health = NodeHealth()
    /// Answer times of what may be sent twice: reads, as routing sees them.
    package let readLatency = LatencyHistogram()
    /// Answer times of everything else, waits for locks and disks included.
    package let writeLatency = LatencyHistogram()

    /// A server that was full is asked for one connection more this often.
    private static let fullServerMilliseconds: UInt64 = 1_000
    /// It is believed to take so many more, at least, when it took one more.
    private static let learnedStep = 8

    /// Counters at zero.
    package init() {}

    /// A statement was sent to the node; `isWrite` chooses the total it counts in.
    package func began(isWrite: Bool = false) {
        inFlightCount.add(1, ordering: .relaxed)
        if isWrite {
            writeCount.add(1, ordering: .relaxed)
        } else {
            readCount.add(1, ordering: .relaxed)
        }
    }

    /// The statement's answer is complete after `latencyNanoseconds`. The average moves by an eighth of the
    /// distance; two lanes finishing at once may lose one of the two samples, which does no harm.
    /// `nowNanoseconds` is any monotonic time, the same for all calls; 0 for none.
    /// Only reads are samples: a write's time is mostly that of locks and disks.
    package func finished(latencyNanoseconds: UInt64, isRead: Bool = true, nowNanoseconds: UInt64 = 0) {
        inFlightCount.subtract(1, ordering: .relaxed)
        health.answered()
        guard isRead else { return writeLatency.add(nanoseconds: latencyNanoseconds) }
        readLatency.add(nanoseconds: latencyNanoseconds)
        lastSampleNanoseconds.store(nowNanoseconds, ordering: .relaxed)
        let average = latencyNanosecondsAverage.load(ordering: .relaxed)
        let next = average == 0 ? latencyNanoseconds : average - average / 8 + latencyNanoseconds / 8
        latencyNanosecondsAverage.store(next, ordering: .relaxed)
    }

    /// The statement ended without an answer worth timing (connection lost, refused, cancelled).
    package func failed() {
        inFlightCount.subtract(1, ordering: .relaxed)
        errorCount.add(1, ordering: .relaxed)
        health.failed()
    }

    /// No connection to the node could be made: it did not answer, or not to the end of the login. A login that the server
    /// refuses is an answer.
    package func connectFailed(nowMilliseconds: UInt64) {
        errorCount.add(1, ordering: .relaxed)
        health.connectFailed(nowMilliseconds: nowMilliseconds)
    }

    /// The server answered a login, be it with a refusal.
    package func loginAnswered() { health.connected() }

    /// The statement's client is gone before its answer came: nothing to time, and no error of the node's.
    package func abandoned() { inFlightCount.subtract(1, ordering: .relaxed) }

    /// Takes one of `limit` connections that all lanes together may have to the node; false when all are taken, or when the
    /// server said of itself that it takes no more. Now and then one more is tried.
    ///
    /// - Parameter beyond: so many more than either limit are allowed.
    package func reserveConnection(limit: Int, beyond: Int = 0, nowMilliseconds: UInt64 = 0) -> Bool {
        let taken = connectionCount.add(1, ordering: .relaxed).newValue
        if taken <= limit + beyond {
            let learned = learnedLimit.load(ordering: .relaxed)
            if learned == .max || taken <= learned + beyond || takesTurnToTry(nowMilliseconds) { return true }
        }
        connectionCount.subtract(1, ordering: .relaxed)
        return false
    }

    /// Whether a connection could be reserved now.
    package func hasRoom(limit: Int, nowMilliseconds: UInt64) -> Bool {
        let (count, learned) = (connections, learnedLimit.load(ordering: .relaxed))
        return count < limit && (count < learned || nowMilliseconds >= triedAgainAt.load(ordering: .relaxed))
    }

    private func takesTurnToTry(_ now: UInt64) -> Bool {
        let due = triedAgainAt.load(ordering: .relaxed)
        guard now >= due else { return false }
        return triedAgainAt.compareExchange(
            expected: due, desired: now + Self.fullServerMilliseconds, ordering: .relaxed
        ).exchanged
    }

    /// The server refused a connection, which was released already, because it has as many as it may have.
    package func refusedAsFull(nowMilliseconds: UInt64) {
        learnedLimit.store(connections, ordering: .relaxed)
        triedAgainAt.store(nowMilliseconds + Self.fullServerMilliseconds, ordering: .relaxed)
    }

    /// The server took a connection. When there are more now than it took before, it may take more still; how many is
    /// found out step by step, since one that is being tried counts already.
    package func connectionAccepted() {
        let learned = learnedLimit.load(ordering: .relaxed)
        guard learned != .max, connections > learned else { return }
        learnedLimit.store(learned + max(Self.learnedStep, learned / 4), ordering: .relaxed)
    }

    /// How many connections the server took when it was full; nil when it is not known to be.
    package var fullServerConnections: Int? {
        let learned = learnedLimit.load(ordering: .relaxed)
        return learned == .max ? nil : learned
    }

    /// Takes one of `limit` statements that may be prepared on the node; false when all are taken.
    package func reserveStatement(limit: Int) -> Bool {
        let taken = statementCount.add(1, ordering: .relaxed).newValue
        if taken <= limit { return true }
        statementCount.subtract(1, ordering: .relaxed)
        return false
    }

    /// So many prepared statements were closed, or went with their connection.
    package func releaseStatements(_ count: Int) { statementCount.subtract(count, ordering: .relaxed) }

    /// Statements that sessions have prepared on the node, over all lanes.
    package var preparedStatements: Int { statementCount.load(ordering: .relaxed) }

    /// A session got a connection to the node.
    package func leaseBegan() { leaseCount.add(1, ordering: .relaxed) }

    /// It gave it back, or lost it.
    package func leaseEnded() { leaseCount.subtract(1, ordering: .relaxed) }

    /// Connections that sessions have, over all lanes; idle ones in pools do not count.
    package var leases: Int { leaseCount.load(ordering: .relaxed) }

    /// A connection that was reserved is closed.
    package func releaseConnection() { connectionCount.subtract(1, ordering: .relaxed) }

    /// Statements sent and not yet answered, over all lanes.
    package var inFlight: Int { inFlightCount.load(ordering: .relaxed) }

    /// The moving average in nanoseconds, halved for each second that the node was not used: one slow answer must not
    /// keep a node without work for ever.
    package func agedLatencyNanoseconds(nowNanoseconds: UInt64) -> UInt64 {
        let sampled = lastSampleNanoseconds.load(ordering: .relaxed)
        let average = latencyNanosecondsAverage.load(ordering: .relaxed)
        guard sampled > 0, nowNanoseconds > sampled else { return average }
        return average >> min((nowNanoseconds - sampled) / 1_000_000_000, 63)
    }

    /// The moving average of the answer time, in microseconds; 0 before the first answer.
    package var latencyMicroseconds: UInt64 { latencyNanosecondsAverage.load(ordering: .relaxed) / 1_000 }

    /// The moving average of the answer time, in nanoseconds; 0 before the first answer.
    package var latencyNanoseconds: UInt64 { latencyNanosecondsAverage.load(ordering: .relaxed) }

    /// Open connections, over all lanes.
    package var connections: Int { connectionCount.load(ordering: .relaxed) }

    /// Statements sent as reads since the start.
    package var reads: UInt64 { readCount.load(ordering: .relaxed) }

    /// Statements sent as writes since the start.
    package var writes: UInt64 { writeCount.load(ordering: .relaxed) }

    /// Failures since the start.
    package var errors: UInt64 { errorCount.load(ordering: .relaxed) }
}
