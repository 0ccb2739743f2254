// Stands between a proxy and a server, and spoils what the server says when told to.

import Glibc
import Synchronization

/// Passes bytes on, both ways, until `spoil` is called: from then on the server's bytes are replaced by nonsense.
package final class SpoilingRelay: Sendable {
    private let front: GarbageServer
    private let isSpoilt: Flag

    private final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }

    package var address: String { front.address }

    /// - Parameter port: where the server listens on 127.0.0.1.
    package init(to port: UInt16) throws {
        let flag = Flag()
        isSpoilt = flag
        front = try GarbageServer { client in
            guard let server = try? RawConnection(port: port).detached() else { return }
            _ = Background { Self.pump(from: client, to: server, flag: nil) }
            _ = Background { Self.pump(from: server, to: client, flag: flag) }
        }
    }

    /// From now on, the server speaks nonsense.
    package func spoil() { isSpoilt.value.store(true, ordering: .sequentiallyConsistent) }

    private static func pump(from source: Int32, to target: Int32, flag: Flag?) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { recv(source, $0.baseAddress, $0.count, 0) }
            if count <= 0 { break }
            if flag?.value.load(ordering: .sequentiallyConsistent) == true {
                // Headers that announce other sizes, sequence numbers and kinds than they should.
                for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: index &* 151 &+ 77) }
            }
            let sent = buffer.withUnsafeBytes { send(target, $0.baseAddress, count, Int32(MSG_NOSIGNAL)) }
            if sent < count { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }
}
