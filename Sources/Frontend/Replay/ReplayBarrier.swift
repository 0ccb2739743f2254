// Interrupted transactions go first: what they saw must not be changed by others before they are where they were.
internal import Synchronization

/// How many transactions of a cluster are being repeated, on all lanes.
///
/// They held locks on the former primary, so they do not wait for each other; what comes after them may change rows that
/// they had read or locked.
final class ReplayBarrier: Sendable {
    private let count = Atomic<Int>(0)

    init() {}

    /// Whether any is.
    var isUp: Bool { count.load(ordering: .acquiring) > 0 }

    func began() { count.add(1, ordering: .acquiringAndReleasing) }

    /// True for the last.
    func ended() -> Bool { count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
