// A TCP connection on which a test sends whatever bytes it likes.

import Glibc

/// A packet of the protocol.
package struct RawPacket: Equatable, Sendable {
    package var sequence: UInt8
    package var payload: [UInt8]

    package init(_ payload: [UInt8], sequence: UInt8 = 0) {
        self.sequence = sequence
        self.payload = payload
    }

    package var bytes: [UInt8] {
        let count = payload.count
        return [UInt8(count & 0xff), UInt8(count >> 8 & 0xff), UInt8(count >> 16 & 0xff), sequence] + payload
    }

    package var isError: Bool { payload.first == 0xff }
    package var isOK: Bool { payload.first == 0x00 }

    /// The number in an error packet.
    package var errorCode: Int? {
        guard isError, payload.count >= 3 else { return nil }
        return Int(payload[1]) | Int(payload[2]) << 8
    }

    /// The message of an error packet, with its SQLSTATE if it has one.
    package var errorText: String { isError ? String(decoding: payload.dropFirst(3), as: UTF8.self) : "" }
}

/// A connected socket with blocking calls that give up after some seconds.
package final class RawConnection {
    /// Seconds after which a read or write gives up.
    private static let timeoutSeconds = 60
    private let descriptor: Int32
    private var isOpen = true

    package init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code != 0 { throw NeverHappened(description: "cannot connect to port \(port): \(errno)") }
        setTimeouts()
    }

    /// Speaks on the socket of a session that the library logged in; the session stays its owner.
    package init(borrowing session: MySQLSession) {
        descriptor = session.descriptor
        isOpen = false
        setTimeouts()
    }

    deinit { close() }

    package func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    /// The socket, which is not closed with this object any more.
    func detached() -> Int32 {
        isOpen = false
        setTimeouts(seconds: 0)
        return descriptor
    }

    private func setTimeouts(seconds: Int = RawConnection.timeoutSeconds) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Makes the kernel keep little for this connection, so that a peer notices soon that nobody reads.
    package func shrinkReceiveBuffer() {
        var size: Int32 = 4_096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sends all bytes; false when the peer has closed.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    package func send(_ packet: RawPacket) -> Bool { send(packet.bytes) }

    /// Says that nothing more will come, and keeps reading.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next packet; nil when the peer has closed. Throws when nothing comes.
    package func receivePacket() throws -> RawPacket? {
        guard let header = try receive(4) else { return nil }
        let count = Int(header[0]) | Int(header[1]) << 8 | Int(header[2]) << 16
        guard let payload = count == 0 ? [] : try receive(count) else { return nil }
        return RawPacket(payload, sequence: header[3])
    }

    /// So many bytes; nil when the peer has closed before. Throws when nothing comes.
    package func receive(_ count: Int) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            let part = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress! + received, count - received, 0)
            }
            if part == 0 || (part < 0 && errno == ECONNRESET) { return nil }
            if part < 0 { throw NeverHappened(description: "nothing came within \(Self.timeoutSeconds) s") }
            received += part
        }
        return bytes
    }

    /// Reads until the peer closes and gives the last packet that came whole. Throws when it does not close.
    @discardableResult
    package func lastPacketBeforeClose() throws -> RawPacket? {
        var last: RawPacket?
        while let packet = try receivePacket() { last = packet }
        return last
    }

    /// Whether the peer closes, without looking at what else it says. Throws when it stays silent.
    package func waitForClose() throws {
        while try receive(1) != nil {}
    }
}
