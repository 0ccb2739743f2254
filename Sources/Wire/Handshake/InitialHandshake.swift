// The server's greeting, protocol 10: read from servers, written to clients.

/// `Protocol::HandshakeV10`.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
package struct InitialHandshake: Equatable, Sendable {
    /// Bytes of the salt (the manual's "auth-plugin-data", without its closing NUL).
    package static let saltSize = 20

    /// As the server wrote it, for example `8.4.2` or `5.5.5-10.11.6-MariaDB`; nothing is stripped.
    package var serverVersion: String
    /// The connection's (thread's) number.
    package var connectionID: UInt32
    /// 20 random bytes the password reply is made with.
    package var salt: [UInt8]
    /// What the server can do; MariaDB's extended flags in the high half.
    package var capabilities: Capabilities
    /// The server's default collation, low byte.
    package var collation: UInt8
    /// Status flags of the fresh session.
    package var status: StatusFlags
    /// Name of the plugin the salt is for; `mysql_native_password` when the server names none.
    package var authPlugin: String

    package init(
        serverVersion: String, connectionID: UInt32, salt: [UInt8], capabilities: Capabilities,
        collation: UInt8, status: StatusFlags, authPlugin: String
    ) {
        self.serverVersion = serverVersion
        self.connectionID = connectionID
        self.salt = salt
        self.capabilities = capabilities
        self.collation = collation
        self.status = status
        self.authPlugin = authPlugin
    }

    /// Reads the payload of a server's first packet. An ERR packet (too many connections, host blocked) throws
    /// `WireError.refused`.
    package static func parse(_ payload: UnsafeRawBufferPointer) throws(WireError) -> InitialHandshake {
        var reader = ByteReader(payload)
        guard let version = reader.peek() else { throw .emptyPacket }
        if version == ErrorPacket.header {
            let error = try ErrorPacket.parse(payload)
            throw .refused(code: error.code, message: error.message)
        }
        guard version == 10 else { throw .unsupportedProtocol(version: version) }
        try reader.skip(1)
        let serverVersion = String(wire: try reader.readNullTerminated())
        let connectionID = try reader.readUInt32()
        var salt = Array(try reader.readBytes(8))
        try reader.skip(1)
        let lowFlags = UInt32(try reader.readUInt16())
        let collation = try reader.readUInt8()
        let status = StatusFlags(rawValue: try reader.readUInt16())
        let standardBits = lowFlags | UInt32(try reader.readUInt16()) << 16
        let saltLength = Int(try reader.readUInt8())
        try reader.skip(6)
        // MariaDB uses the last four reserved bytes only while it does not claim to be "MySQL" (bit 0).
        let reserved = try reader.readUInt32()
        let isMariaDB = standardBits & UInt32(Capabilities.longPassword.rawValue) == 0
        let capabilities = Capabilities(standardBits: standardBits, extendedBits: isMariaDB ? reserved : 0)

        guard capabilities.contains(.secureConnection) else { throw .malformedHandshake }
        let secondPart = try reader.readBytes(max(13, saltLength - 8))
        salt.append(contentsOf: secondPart.prefix(saltSize - 8))
        var plugin = "mysql_native_password"
        if capabilities.contains(.pluginAuth), reader.remaining > 0 {
            // Some 5.5 servers forget the closing NUL (MySQL bug 59453).
            plugin = String(wire: UnsafeRawBufferPointer(rebasing: reader.readRest().prefix { $0 != 0 }))
        }
        return InitialHandshake(
            serverVersion: serverVersion, connectionID: connectionID, salt: salt, capabilities: capabilities,
            collation: collation, status: status, authPlugin: plugin)
    }

    /// Writes the payload. The extended flags go out only when `longPassword` is absent, as MariaDB has it.
    package func encode(into writer: inout ByteWriter) {
        precondition(salt.count == Self.saltSize, "a salt has 20 bytes")
        writer.writeUInt8(10)
        writer.writeNullTerminated(serverVersion.utf8)
        writer.writeUInt32(connectionID)
        writer.writeBytes(salt[..<8])
        writer.writeUInt8(0)
        writer.writeUInt16(UInt16(truncatingIfNeeded: capabilities.standardBits))
        writer.writeUInt8(collation)
        writer.writeUInt16(status.rawValue)
        writer.writeUInt16(UInt16(truncatingIfNeeded: capabilities.standardBits >> 16))
        writer.writeUInt8(capabilities.contains(.pluginAuth) ? UInt8(Self.saltSize + 1) : 0)
        writer.writeZeros(6)
        writer.writeUInt32(capabilities.contains(.longPassword) ? 0 : capabilities.extendedBits)
        writer.writeBytes(salt[8...])
        writer.writeUInt8(0)
        if capabilities.contains(.pluginAuth) {
            writer.writeNullTerminated(authPlugin.utf8)
        }
    }
}
