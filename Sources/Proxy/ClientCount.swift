// How many clients there are; one count for the listeners, one for the console.
internal import Synchronization

/// Clients now. Any thread.
final class ClientCount: Sendable {
    private let count = Atomic<Int>(0)

    /// Clients now.
    var now: Int { count.load(ordering: .relaxed) }
    /// One more; returns how many there are with it.
    func came() -> Int { count.add(1, ordering: .relaxed).newValue }
    /// One less.
    func left() { count.subtract(1, ordering: .relaxed) }
}
