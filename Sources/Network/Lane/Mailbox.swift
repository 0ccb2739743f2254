// Work that other threads hand to a lane, and the eventfd that wakes it.
internal import CLinux
internal import Glibc
internal import Synchronization

/// A queue of closures for one lane. `post` may be called from any thread; `takeAll` only by the lane.
final class Mailbox: Sendable {
    /// The eventfd that becomes readable when the mailbox was empty and is not any more.
    let descriptor: Int32
    private let waiting = Mutex<[@Sendable () -> Void]>([])

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(descriptor >= 0, "eventfd: \(errno)")
    }

    deinit { close(descriptor) }

    func post(_ work: @escaping @Sendable () -> Void) {
        let wasEmpty = waiting.withLock { queue in
            queue.append(work)
            return queue.count == 1
        }
        // One wake for any number of letters: the lane takes all of them at once.
        if wasEmpty {
            var one: UInt64 = 1
            _ = withUnsafeBytes(of: &one) { Glibc.write(descriptor, $0.baseAddress, 8) }
        }
    }

    func takeAll() -> [@Sendable () -> Void] {
        var count: UInt64 = 0
        _ = withUnsafeMutableBytes(of: &count) { Glibc.read(descriptor, $0.baseAddress, 8) }
        return waiting.withLock { queue in
            let taken = queue
            queue = []
            return taken
        }
    }
}
