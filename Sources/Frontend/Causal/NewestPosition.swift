// The newest position that was acknowledged through this process: what reads in mode `global` must have seen.
internal import Synchronization
internal import Wire

/// One cluster's newest position, over all lanes. A commit is noted before its client hears of it: otherwise another
/// client could read what was there before, after it heard of the commit from the first.
final class NewestPosition: Sendable {
    /// Everything, as of one moment.
    struct State: Sendable {
        /// What was acknowledged, and what the primary was seen to have.
        var position: Position?
        /// Writes that were acknowledged without a position.
        var unknownWrites: UInt64 = 0
        /// How many of them a position covers that the primary told later.
        var coveredWrites: UInt64 = 0
        /// The reign that all of it belongs to.
        var epoch: UInt64 = 0
        /// Another process acknowledges writes of the same clients meanwhile.
        var isShared = false

        /// Something was written that no position covers.
        var isUnbounded: Bool { unknownWrites != coveredWrites }

        /// The same for a read.
        ///
        /// - Parameter isTold: the primary told its position for it, after it had come.
        func isUnbounded(isTold: Bool) -> Bool { isUnbounded || (isShared && !isTold) }
    }

    private let state = Mutex(State())
    /// Grows with each change, so that lanes need not look for one.
    private let changes = Atomic<UInt64>(1)

    var version: UInt64 { changes.load(ordering: .acquiring) }
    var current: State { state.withLock { $0 } }

    /// A commit on the primary of `epoch` is about to be acknowledged.
    func note(_ position: Position, epoch: UInt64) {
        change { state in
            guard epoch >= state.epoch else { return false }
            return Self.merge(position, into: &state)
        }
    }

    /// A write is about to be acknowledged, and nobody told its position.
    func noteUnknownWrite() {
        change { state in
            state.unknownWrites += 1
            return true
        }
    }

    /// Another process acknowledges writes meanwhile: what it has acknowledged is known of the primary only. When that is
    /// over, one more question covers what it did last.
    func setShared(_ isShared: Bool) {
        change { state in
            guard state.isShared != isShared else { return false }
            state.isShared = isShared
            if !isShared { state.unknownWrites += 1 }
            return true
        }
    }

    /// The primary told its position when `unknownWrites` had been acknowledged without one.
    func primaryTold(_ position: Position, covering unknownWrites: UInt64, epoch: UInt64) {
        change { state in
            guard epoch >= state.epoch else { return false }
            let merged = Self.merge(position, into: &state)
            guard unknownWrites > state.coveredWrites else { return merged }
            state.coveredWrites = unknownWrites
            return true
        }
    }

    /// A table with this primary is in force. Of another reign's writes only those count that it has: the others are lost.
    func adopt(primary position: Position?, epoch: UInt64) {
        change { state in
            guard epoch >= state.epoch else { return false }
            let isNew = epoch > state.epoch
            state.epoch = epoch
            if isNew, let known = state.position, position?.covers(known) != true {
                state.position = nil
                // What is still there of it only the primary knows.
                state.unknownWrites += 1
            }
            guard let position else { return isNew }
            return Self.merge(position, into: &state) || isNew
        }
    }

    private static func merge(_ position: Position, into state: inout State) -> Bool {
        guard var known = state.position else {
            state.position = position
            return true
        }
        guard !known.covers(position) else { return false }
        known.merge(position)
        state.position = known
        return true
    }

    private func change(_ body: (inout State) -> Bool) {
        state.withLock { state in
            if body(&state) { changes.add(1, ordering: .releasing) }
        }
    }
}
