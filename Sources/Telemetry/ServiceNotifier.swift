// The socket of a service manager, and how often it wants to hear of progress.

internal import Glibc
internal import Synchronization

/// Tells a service manager how the process does. Any thread; a message takes a tenth of a second at most.
package final class ServiceNotifier: Sendable {
    /// The longest a message waits for a manager whose queue is full.
    static let sendMicroseconds = 100_000
    /// `sockaddr_un.sun_path`.
    private static let pathBytesMaximum = 108

    private let descriptor: Int32
    /// Within this time the manager wants to hear of progress, in microseconds; nil when it does not.
    package let watchdogMicroseconds: UInt64?

    /// The manager that the environment names; nil when there is none, or none that can be reached.
    ///
    /// `NOTIFY_SOCKET` is a path, or a name of the abstract namespace with an `@` in front. `WATCHDOG_USEC` counts for the
    /// process that `WATCHDOG_PID` names, or for any when that is absent.
    package init?(environment: [String: String]) {
        guard let name = environment["NOTIFY_SOCKET"], let address = Self.address(name) else { return nil }
        // DGRAM and CLOEXEC: who is started later is another process, with words of its own.
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var patience = timeval(tv_sec: 0, tv_usec: Self.sendMicroseconds)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard Self.connect(descriptor, address) else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        watchdogMicroseconds = Self.watchdogMicroseconds(environment, process: getpid())
    }

    deinit { close(descriptor) }

    /// The bytes of `sun_path`, without what follows; nil for what is no address of a Unix socket.
    static func address(_ name: String) -> [UInt8]? {
        var bytes = Array(name.utf8)
        guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@") else { return nil }
        // A path has a zero behind it, which an abstract name has in front instead.
        let isAbstract = first == UInt8(ascii: "@")
        guard bytes.count > 1, bytes.count + (isAbstract ? 0 : 1) <= pathBytesMaximum, !bytes.contains(0) else {
            return nil
        }
        if isAbstract { bytes[0] = 0 } else { bytes.append(0) }
        return bytes
    }

    static func watchdogMicroseconds(_ environment: [String: String], process: Int32) -> UInt64? {
        if let text = environment[watchedProcess], Int32(text) != process { return nil }
        guard let time = environment["WATCHDOG_USEC"].flatMap({ UInt64($0) }), time > 0 else { return nil }
        return time
    }

    private static let watchedProcess = "WATCHDOG_PID"

    /// What another process of this service must not be started with: the deadlines of this one do not name it.
    package static let ownVariables: Set<String> = [watchedProcess]

    private static func connect(_ descriptor: Int32, _ path: [UInt8]) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, length) == 0
            }
        }
    }

    /// Sends the parts as one message. False when the manager did not take it: it may be gone, and the service goes on.
    @discardableResult
    package func tell(_ parts: ServiceNotification...) -> Bool {
        let bytes = Array(parts.map(\.line).joined(separator: "\n").utf8)
        while true {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            return count == bytes.count
        }
    }
}
