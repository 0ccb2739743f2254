// Something that listens where a server should be and is none.

import Glibc

/// Accepts connections, says the same bytes to each, and ignores what it is told. Closed with the last reference.
package final class GarbageServer: Sendable {
    package let port: UInt16
    private let listener: Int32

    package var address: String { "127.0.0.1:\(port)" }

    /// - Parameter greeting: sent to whoever connects; when empty, nothing is ever said.
    package convenience init(_ greeting: String) throws {
        let bytes = Array(greeting.utf8)
        try self.init { client in
            bytes.withUnsafeBytes { _ = send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
    }

    /// - Parameter greet: called with the socket of each client, which stays open.
    init(_ greet: @escaping @Sendable (Int32) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        if !isBound { throw NeverHappened(description: "a garbage server could not listen: \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        _ = Background { Self.serve(descriptor, greet) }
    }

    deinit {
        // The accepting thread wakes up with an error and ends.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private static func serve(_ listener: Int32, _ greet: (Int32) -> Void) {
        var clients: [Int32] = []
        while true {
            let client = accept(listener, nil, nil)
            if client < 0 { break }
            greet(client)
            clients.append(client)
        }
        for client in clients { shutdown(client, Int32(SHUT_RDWR)) }
        close(listener)
    }
}
