// How using a node has gone: what failed in a row, whether reads leave it out, and whether connections to it are tried.

import Synchronization

/// Bounds of what is concluded from failures, each with its reason.
package enum HealthLimits {
    /// Statements lost and connections not made, one after the other with no answer between them, that eject a reader:
    /// one killed connection says nothing.
    package static let failuresInARow = 5
    /// A reader is slow when its average answer takes so many times as long as that of the other readers of its zone …
    package static let slowFactor: UInt64 = 10
    /// … and at least this long: below it, waiting costs less than the reader's help is worth …
    package static let slowNanoseconds: UInt64 = 100_000_000
    /// … without a break for this long …
    package static let slowMilliseconds: UInt64 = 5_000
    /// … and over so many reads: a few long reports are no illness.
    package static let slowReads: UInt64 = 50
    /// The first ejection lasts this long, each further one twice as long.
    package static let ejectionMilliseconds: UInt64 = 1_000
    /// But no longer than this.
    package static let ejectionMaximumMilliseconds: UInt64 = 60_000
    /// A reader that stayed in for this long after an ejection begins with the first one again.
    package static let forgivenMilliseconds: UInt64 = 60_000
    /// Of so many readers at most one is ejected: if all seem ill, the fault is elsewhere.
    package static let readersPerEjection = 2
    /// After an ejection the share of reads grows to the usual one over this time.
    package static let returnMilliseconds: UInt64 = 10_000
    /// What it begins with, in percent: with nothing, nobody would see whether it is well.
    package static let returnSharePercent: UInt64 = 10
    /// Connections that could not be made, one after the other, until others do not wait for the same any more.
    package static let connectFailuresInARow = 5
    /// How often one is tried then.
    package static let connectAgainMilliseconds: UInt64 = 1_000
    /// It is tried for nobody in particular; a session tries itself when nobody has by this much later.
    package static let connectAgainGraceMilliseconds: UInt64 = 250
}

/// The health of one node, shared by all lanes and the watcher. Relaxed atomics: a read that is sent a moment too early
/// or too late does no harm. Times are monotonic milliseconds.
package final class NodeHealth: Sendable {
    private let failures = Atomic<Int>(0)
    private let connectFailures = Atomic<Int>(0)
    /// When the next connection may be tried; 0 while the circuit is closed.
    private let connectAgainAt = Atomic<UInt64>(0)
    /// When the ejection ends or ended; 0 for none.
    private let ejectedUntil = Atomic<UInt64>(0)
    private let ejectionCount = Atomic<Int>(0)
    private let circuitCount = Atomic<Int>(0)

    init() {}

    // MARK: What happens

    /// A statement was answered, whatever the answer was.
    @inline(__always)
    func answered() {
        if failures.load(ordering: .relaxed) != 0 { failures.store(0, ordering: .relaxed) }
    }

    /// A connection was lost with an answer owed.
    func failed() { failures.add(1, ordering: .relaxed) }

    /// No connection could be made: nobody answered, or not to the end of the login.
    func connectFailed(nowMilliseconds now: UInt64) {
        failed()
        guard connectFailures.add(1, ordering: .relaxed).newValue >= HealthLimits.connectFailuresInARow else { return }
        let before = connectAgainAt.exchange(max(now, 1) + HealthLimits.connectAgainMilliseconds, ordering: .relaxed)
        if before == 0 { circuitCount.add(1, ordering: .relaxed) }
    }

    /// A new connection was made.
    func connected() {
        if connectFailures.load(ordering: .relaxed) != 0 { connectFailures.store(0, ordering: .relaxed) }
        if connectAgainAt.load(ordering: .relaxed) != 0 { connectAgainAt.store(0, ordering: .relaxed) }
    }

    // MARK: The circuit

    /// Whether connections failed so often that they are tried one at a time only.
    package var isCircuitOpen: Bool { connectAgainAt.load(ordering: .relaxed) != 0 }

    /// Whether a connection may be tried now. While the circuit is open, one asker in each period may.
    ///
    /// - Parameter graceMilliseconds: only when the attempt has been due for this long.
    package func mayConnect(nowMilliseconds now: UInt64, graceMilliseconds: UInt64 = 0) -> Bool {
        let due = connectAgainAt.load(ordering: .relaxed)
        guard due != 0 else { return true }
        guard now >= due + graceMilliseconds else { return false }
        return connectAgainAt.compareExchange(
            expected: due, desired: now + HealthLimits.connectAgainMilliseconds, ordering: .relaxed
        ).exchanged
    }

    // MARK: Ejection

    /// Failures in a row, of statements and connections.
    var failuresInARow: Int { failures.load(ordering: .relaxed) }

    /// What failed until now counts no more: it was answered by an ejection, or the node serves no reads.
    func forgive() { failures.store(0, ordering: .relaxed) }

    /// Reads leave the node out until then.
    func eject(untilMilliseconds: UInt64) {
        ejectionCount.add(1, ordering: .relaxed)
        ejectedUntil.store(max(untilMilliseconds, 1), ordering: .relaxed)
    }

    /// The node is as any other at once.
    func endEjection() { ejectedUntil.store(0, ordering: .relaxed) }

    /// The share of its usual reads that the node is to get, in percent: 0 while ejected, less than 100 for a while
    /// afterwards.
    package func readSharePercent(nowMilliseconds now: UInt64) -> Int {
        let until = ejectedUntil.load(ordering: .relaxed)
        guard until != 0 else { return 100 }
        guard now >= until else { return 0 }
        let grown = (now - until) * 100 / HealthLimits.returnMilliseconds
        return Int(min(max(grown, HealthLimits.returnSharePercent), 100))
    }

    /// How much longer the ejection lasts; nil for none.
    func ejectedForMilliseconds(nowMilliseconds now: UInt64) -> UInt64? {
        let until = ejectedUntil.load(ordering: .relaxed)
        return until > now ? until - now : nil
    }

    /// What is remarkable, for people; nil when nothing is.
    package func remark(nowMilliseconds now: UInt64) -> String? {
        var remarks: [String] = []
        if isCircuitOpen { remarks.append("no connection can be made: one is tried at a time") }
        let share = readSharePercent(nowMilliseconds: now)
        if share < 100 {
            let left = ejectedForMilliseconds(nowMilliseconds: now)
            remarks.append(left.map { "ejected for \($0) ms more" } ?? "back from an ejection: \(share) % of its reads")
        }
        return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    }

    // MARK: Totals

    /// Ejections since the start.
    package var ejections: Int { ejectionCount.load(ordering: .relaxed) }
    /// How often the circuit opened.
    package var circuitOpenings: Int { circuitCount.load(ordering: .relaxed) }
}

extension RoutingTable {
    /// Of the readers among the first 64 entries, bit i for entry i, those that reads leave out where others fit (ejected,
    /// or no connection can be made to them), and those that come back gradually.
    package func shunnedReaders(nowMilliseconds now: UInt64) -> (shunned: UInt64, returning: UInt64) {
        var (shunned, returning): (UInt64, UInt64) = (0, 0)
        for index in readers where index < UInt64.bitWidth {
            let health = entries[index].load.health
            let share = health.readSharePercent(nowMilliseconds: now)
            if share == 0 || health.isCircuitOpen {
                shunned |= 1 << UInt64(index)
            } else if share < 100 {
                returning |= 1 << UInt64(index)
            }
        }
        return (shunned, returning)
    }

    /// The share of its usual reads that an entry is to get, in percent.
    package func readSharePercent(_ index: Int, nowMilliseconds: UInt64) -> Int {
        entries[index].load.health.readSharePercent(nowMilliseconds: nowMilliseconds)
    }
}
