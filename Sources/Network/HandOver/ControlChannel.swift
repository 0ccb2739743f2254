// Lines between two processes, one of which takes the other's place.
internal import Glibc
internal import Synchronization

/// One end of a pair of sockets. Lines end with a line feed. One thread reads; any thread writes or closes.
package final class ControlChannel: Sendable {
    /// What came.
    package enum Arrival: Equatable, Sendable {
        case line(String)
        /// The other process is gone, or has said too much.
        case closed
        case timedOut
    }

    private let descriptor: Int32
    private let held = Mutex<[UInt8]>([])
    private let isOpen = Atomic<Bool>(true)

    /// Takes the descriptor over.
    package init(adopting descriptor: Int32) { self.descriptor = descriptor }

    /// Both ends: one as a channel, the other for the process to be started, whose owner is the caller; nil when the system
    /// gives none.
    package static func pair() -> (mine: ControlChannel, other: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return nil
        }
        return (ControlChannel(adopting: ends[0]), ends[1])
    }

    deinit { close(descriptor) }

    /// Ends the talk: the other process, and who reads here, see the end. The descriptor is closed with the channel.
    package func end() {
        if isOpen.exchange(false, ordering: .relaxed) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// Says a line; false when nobody is there to hear it. A line is short: the socket takes it at once.
    @discardableResult
    package func say(_ line: String) -> Bool {
        let bytes = Array(line.utf8) + [0x0A]
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Waits for a line, at most so long; without a time, for as long as the other process lives.
    package func hear(withinMilliseconds time: Int?) -> Arrival {
        let start = Self.milliseconds()
        while true {
            if let line = takeLine() { return .line(line) }
            let left = time.map { max(0, $0 - (Self.milliseconds() - start)) }
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&wanted, 1, left.map { Int32(clamping: $0) } ?? -1)
            if ready < 0 && errno == EINTR { continue }
            if ready == 0 { return .timedOut }
            guard ready > 0, receiveMore() else { return .closed }
        }
    }

    private func takeLine() -> String? {
        held.withLock { held in
            guard let end = held.firstIndex(of: 0x0A) else { return nil }
            defer { held.removeFirst(end + 1) }
            return String(decoding: held[..<end], as: UTF8.self)
        }
    }

    private func receiveMore() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count < 0 && errno == EINTR { return true }
        guard count > 0 else { return false }
        return held.withLock { held in
            held += bytes[..<count]
            return held.count <= NetworkLimits.handOverLineBytes
        }
    }

    private static func milliseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
