// A lane of the relay: one thread that waits for readable sockets and pumps each into its other end.

import CLinux
import Dispatch
import Glibc

/// One socket of a pair. Confined to its lane.
final class End {
    let descriptor: Int32
    unowned(unsafe) var other: End?
    var isClosed = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }
}

/// Unchecked: after `init`, everything but `adopt` (which only makes new objects and tells the kernel) runs on `queue`.
final class Lane: @unchecked Sendable {
    private static let bufferSize = 64 * 1024
    private static let eventsMaximum = 256
    /// How long a peer that does not read may hold up the lane. A relay for measurements need not be fair.
    private static let stallMilliseconds: Int32 = 1_000

    private let readiness = epoll_create1(0)
    private let queue: DispatchQueue
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: Lane.bufferSize, alignment: 16)
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Lane.eventsMaximum)

    init(number: Int) {
        queue = DispatchQueue(label: "relay.lane.\(number)")
        queue.async { self.run() }
    }

    /// Joins two connected sockets, from now on the lane's own.
    func adopt(client: Int32, server: Int32) {
        prepare(client)
        prepare(server)
        let ends = (End(client), End(server))
        ends.0.other = ends.1
        ends.1.other = ends.0
        watch(ends.0)
        watch(ends.1)
    }

    private func watch(_ end: End) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        // Ends are never freed: the relay lives for one measurement, and events of a closed end may be on their way.
        event.data.ptr = Unmanaged.passRetained(end).toOpaque()
        epoll_ctl(readiness, EPOLL_CTL_ADD, end.descriptor, &event)
    }

    private func run() {
        while true {
            let count = Int(epoll_wait(readiness, events, Int32(Lane.eventsMaximum), -1))
            for index in 0..<max(count, 0) {
                let end = Unmanaged<End>.fromOpaque(events[index].data.ptr).takeUnretainedValue()
                guard !end.isClosed, let other = end.other, !pump(end.descriptor, other.descriptor) else { continue }
                end.isClosed = true
                other.isClosed = true
                close(end.descriptor)
                close(other.descriptor)
            }
        }
    }

    /// Reads once and writes all of it; false when either side is gone.
    private func pump(_ source: Int32, _ target: Int32) -> Bool {
        let count = recv(source, buffer, Lane.bufferSize, 0)
        guard count > 0 else { return count < 0 && errno == EAGAIN }
        var sent = 0
        while sent < count {
            let taken = send(target, buffer + sent, count - sent, Int32(MSG_NOSIGNAL))
            if taken >= 0 {
                sent += taken
                continue
            }
            guard errno == EAGAIN else { return false }
            var wait = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
            poll(&wait, 1, Lane.stallMilliseconds)
        }
        return true
    }
}
