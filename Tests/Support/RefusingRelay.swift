// Stands between a proxy and a server, and answers executions of prepared statements itself when told to.

import Glibc
import Synchronization

/// Passes bytes on, both ways, but for executions: the next few are answered with error 1615, as a server does that could
/// not prepare a statement anew after its tables changed.
package final class RefusingRelay: Sendable {
    private let front: GarbageServer
    private let wanted: Counter

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    package var address: String { front.address }

    /// How many executions are still to be refused.
    package var remaining: Int { wanted.value.load(ordering: .sequentiallyConsistent) }

    /// - Parameter port: where the server listens on 127.0.0.1.
    package init(to port: UInt16) throws {
        let counter = Counter()
        wanted = counter
        front = try GarbageServer { client in
            guard let server = try? RawConnection(port: port).detached() else { return }
            _ = Background { Self.pump(from: client, to: server, counter) }
            _ = Background { Self.pump(from: server, to: client, nil) }
        }
    }

    /// Refuses so many executions from now on.
    package func refuse(_ count: Int) { wanted.value.store(count, ordering: .sequentiallyConsistent) }

    /// Bytes of an execution at the beginning of `bytes`; 0 when there is none.
    private static func execution(_ bytes: ArraySlice<UInt8>) -> Int {
        guard bytes.count > 4, bytes[3] == 0, bytes[4] == 0x17 else { return 0 }
        let length = 4 + Int(bytes[0]) + Int(bytes[1]) << 8 + Int(bytes[2]) << 16
        return bytes.count >= length ? length : 0
    }

    private static func pump(from source: Int32, to target: Int32, _ counter: Counter?) {
        let refusal = RawPacket([0xff, 0x4f, 0x06] + Array("#HY000prepare it anew".utf8), sequence: 1).bytes
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var count = buffer.withUnsafeMutableBytes { recv(source, $0.baseAddress, $0.count, 0) }
            if count <= 0 { break }
            var start = 0
            if let counter, counter.value.load(ordering: .sequentiallyConsistent) > 0 {
                start = execution(buffer[..<count])
                count -= start
                if start > 0 {
                    counter.value.subtract(1, ordering: .sequentiallyConsistent)
                    _ = refusal.withUnsafeBytes { send(source, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                }
            }
            guard count > 0 else { continue }
            let sent = buffer.withUnsafeBytes {
                send(target, $0.baseAddress.map { $0 + start }, count, Int32(MSG_NOSIGNAL))
            }
            if sent < count { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }
}
