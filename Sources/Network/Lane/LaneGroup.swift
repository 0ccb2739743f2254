// All lanes of the process, and who gets the next connection.
internal import Synchronization

/// The process's lanes. A connection is given to one of them in turn and stays there for life.
package final class LaneGroup: Sendable {
    /// The lanes, by number.
    package let lanes: [Lane]
    private let turn = Atomic<Int>(0)

    /// Makes and starts `count` lanes (at least one).
    package init(count: Int) {
        lanes = (0..<max(count, 1)).map(Lane.init(number:))
        for lane in lanes { lane.start() }
    }

    /// The lane of the next connection.
    package func next() -> Lane {
        lanes[turn.wrappingAdd(1, ordering: .relaxed).oldValue % lanes.count]
    }

    /// Ends all loops.
    package func stop() {
        for lane in lanes { lane.stop() }
    }
}
