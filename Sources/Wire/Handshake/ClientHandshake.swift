// What a client may answer to the greeting.

/// A client's first (or, after TLS, second) packet.
package enum ClientHandshake: Equatable, Sendable {
    /// The login.
    case response(HandshakeResponse41)
    /// The 32-byte head of a login: TLS starts after it, the whole login follows inside.
    case sslRequest(Capabilities)
    /// A login of MySQL 4.0 and older: nobody supports it any more.
    case oldProtocol

    /// Reads the payload of a client's login packet.
    package static func parse(_ payload: UnsafeRawBufferPointer) throws(WireError) -> ClientHandshake {
        var reader = ByteReader(payload)
        let lowFlags = try reader.readUInt16()
        guard lowFlags & UInt16(Capabilities.protocol41.rawValue) != 0 else { return .oldProtocol }
        reader = ByteReader(payload)
        let head = try HandshakeResponse41.Head.parse(&reader)
        if reader.remaining == 0, head.capabilities.contains(.ssl) {
            return .sslRequest(head.capabilities)
        }
        return .response(try HandshakeResponse41.parse(head, &reader))
    }
}
