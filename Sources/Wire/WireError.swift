// The one error type of this module: what a peer's bytes did wrong.

/// Why bytes of a peer could not be understood. Thrown by every decoder here; never a reason to trap.
@usableFromInline
package enum WireError: Error, Equatable, Sendable {
    /// The payload ended inside a field.
    case truncated
    /// A length-encoded NULL (0xFB) stands where a value is required.
    case unexpectedNull
    /// 0xFF opens a length-encoded integer, or the length does not fit an `Int`.
    case invalidLengthPrefix
    /// A NUL-terminated string has no NUL before the payload's end.
    case missingTerminator
    /// A packet without payload where a first byte must decide.
    case emptyPacket
    /// A first byte that no packet of this place in the protocol has.
    case unexpectedPacket(firstByte: UInt8)
    /// A packet whose number is not the one behind that of the packet before it.
    case wrongSequence(expected: UInt8, received: UInt8)
    /// A packet that has to be collected whole is larger than `ResponseTracker.collectedPacketMaximum`.
    case packetTooLarge(payloadLength: Int)
    /// A result set announces more columns than `ResponseTracker.columnMaximum`.
    case tooManyColumns(UInt64)
    /// Connection attributes are larger than `HandshakeResponse41.attributeBytesMaximum`.
    case attributesTooLarge(byteCount: Int)
    /// The server speaks a handshake protocol other than 10.
    case unsupportedProtocol(version: UInt8)
    /// The server answered the connection with an ERR packet instead of a handshake.
    case refused(code: UInt16, message: String)
    /// The handshake's fields contradict each other.
    case malformedHandshake
    /// A session-state record contradicts its own length.
    case malformedSessionState
    /// A text is not a GTID position or set of the expected flavor.
    case malformedPosition
}

extension WireError: CustomStringConvertible {
    /// One English sentence part for logs and error texts, without the peer's data except in `refused`.
    @usableFromInline
    package var description: String {
        switch self {
        case .truncated: "packet ends inside a field"
        case .unexpectedNull: "NULL where a value is required"
        case .invalidLengthPrefix: "invalid length-encoded integer"
        case .missingTerminator: "string without its terminating NUL"
        case .emptyPacket: "empty packet"
        case .unexpectedPacket(let first): "unexpected packet with first byte 0x\(String(first, radix: 16))"
        case .wrongSequence(let expected, let received):
            "packet number \(received) where \(expected) is due"
        case .packetTooLarge(let length): "packet of \(length) bytes where a short one is required"
        case .tooManyColumns(let count): "result set with \(count) columns"
        case .attributesTooLarge(let count): "connection attributes of \(count) bytes"
        case .unsupportedProtocol(let version): "handshake protocol \(version), only 10 is supported"
        case .refused(let code, let message): "server refused the connection: \(code) \(message)"
        case .malformedHandshake: "handshake packet contradicts itself"
        case .malformedSessionState: "session state record contradicts its length"
        case .malformedPosition: "not a GTID position"
        }
    }
}
