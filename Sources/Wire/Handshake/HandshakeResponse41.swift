// The client's login: read from clients, written to servers.

/// One key and value a client tells about itself, for example `program_name`.
package struct ConnectAttribute: Equatable, Sendable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// `Protocol::HandshakeResponse41`.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html
package struct HandshakeResponse41: Equatable, Sendable {
    /// Limit of all connection attributes of one login, as servers have it.
    package static let attributeBytesMaximum = 65_536

    /// What the client wants; must be a part of what the server offered. MariaDB's extended flags in the high half.
    package var capabilities: Capabilities
    /// The largest packet the client takes, bytes; 0 when it does not say.
    package var maximumPacketSize: UInt32
    /// The connection's collation: one byte at connect, two in COM_CHANGE_USER.
    package var collation: UInt16
    package var user: String
    /// The auth plugin's first answer; empty for an empty password.
    package var authResponse: [UInt8]
    /// Schema to start in.
    package var schema: String?
    /// Plugin that made `authResponse`.
    package var authPlugin: String?
    package var attributes: [ConnectAttribute]
    /// Level for zstd compression, when that was asked for.
    package var zstdLevel: UInt8?

    package init(
        capabilities: Capabilities, maximumPacketSize: UInt32, collation: UInt16, user: String,
        authResponse: [UInt8], schema: String? = nil, authPlugin: String? = nil,
        attributes: [ConnectAttribute] = [], zstdLevel: UInt8? = nil
    ) {
        self.capabilities = capabilities
        self.maximumPacketSize = maximumPacketSize
        self.collation = collation
        self.user = user
        self.authResponse = authResponse
        self.schema = schema
        self.authPlugin = authPlugin
        self.attributes = attributes
        self.zstdLevel = zstdLevel
    }
}

extension HandshakeResponse41 {
    /// The fixed 32 bytes, which alone are an SSLRequest.
    struct Head {
        var capabilities: Capabilities
        var maximumPacketSize: UInt32
        var collation: UInt8

        static func parse(_ reader: inout ByteReader) throws(WireError) -> Head {
            let standardBits = try reader.readUInt32()
            let maximumPacketSize = try reader.readUInt32()
            let collation = try reader.readUInt8()
            try reader.skip(19)
            let reserved = try reader.readUInt32()
            let isMariaDB = standardBits & UInt32(Capabilities.longPassword.rawValue) == 0
            return Head(
                capabilities: Capabilities(standardBits: standardBits, extendedBits: isMariaDB ? reserved : 0),
                maximumPacketSize: maximumPacketSize, collation: collation)
        }
    }

    /// Reads what follows the head.
    static func parse(_ head: Head, _ reader: inout ByteReader) throws(WireError) -> HandshakeResponse41 {
        let capabilities = head.capabilities
        var response = HandshakeResponse41(
            capabilities: capabilities, maximumPacketSize: head.maximumPacketSize, collation: UInt16(head.collation),
            user: String(wire: try reader.readNullTerminated()), authResponse: [])
        if capabilities.contains(.pluginAuthLenencClientData) {
            response.authResponse = Array(try reader.readLengthEncodedBytes())
        } else if capabilities.contains(.secureConnection) {
            response.authResponse = Array(try reader.readBytes(Int(try reader.readUInt8())))
        } else {
            response.authResponse = Array(try reader.readNullTerminated())
        }
        if capabilities.contains(.connectWithDB) {
            let schema = try reader.readNullTerminated()
            response.schema = schema.isEmpty ? nil : String(wire: schema)
        }
        // Servers take a login that ends before the plugin or the attributes it announced; old connectors send such.
        if capabilities.contains(.pluginAuth), reader.remaining > 0 {
            response.authPlugin = String(wire: try reader.readNullTerminated())
        }
        if capabilities.contains(.connectAttrs), reader.remaining > 0 {
            response.attributes = try parseAttributes(&reader)
        }
        if capabilities.contains(.zstdCompression), reader.remaining > 0 {
            response.zstdLevel = try reader.readUInt8()
        }
        return response
    }

    static func parseAttributes(_ reader: inout ByteReader) throws(WireError) -> [ConnectAttribute] {
        let bytes = try reader.readLengthEncodedBytes()
        guard bytes.count <= attributeBytesMaximum else { throw .attributesTooLarge(byteCount: bytes.count) }
        var pairs = ByteReader(bytes)
        var attributes: [ConnectAttribute] = []
        while pairs.remaining > 0 {
            let key = String(wire: try pairs.readLengthEncodedBytes())
            attributes.append(ConnectAttribute(key: key, value: String(wire: try pairs.readLengthEncodedBytes())))
        }
        return attributes
    }
}

extension HandshakeResponse41 {
    /// The flags as written: what a field that is present needs is added, so that no field can get lost.
    private var effectiveCapabilities: Capabilities {
        var flags = capabilities
        flags.insert(.protocol41)
        if schema != nil { flags.insert(.connectWithDB) }
        if authPlugin != nil { flags.insert(.pluginAuth) }
        if !attributes.isEmpty { flags.insert(.connectAttrs) }
        return flags
    }

    /// Writes the payload.
    package func encode(into writer: inout ByteWriter) {
        let flags = effectiveCapabilities
        encodeHead(flags, into: &writer)
        writer.writeNullTerminated(user.utf8)
        if flags.contains(.pluginAuthLenencClientData) {
            writer.writeLengthEncodedBytes(authResponse)
        } else if flags.contains(.secureConnection) {
            precondition(authResponse.count <= 0xFF, "long auth responses need pluginAuthLenencClientData")
            writer.writeUInt8(UInt8(authResponse.count))
            writer.writeBytes(authResponse)
        } else {
            writer.writeNullTerminated(authResponse)
        }
        if flags.contains(.connectWithDB) {
            writer.writeNullTerminated((schema ?? "").utf8)
        }
        if flags.contains(.pluginAuth) {
            writer.writeNullTerminated((authPlugin ?? "").utf8)
        }
        if flags.contains(.connectAttrs) {
            var pairs = ByteWriter()
            for attribute in attributes {
                pairs.writeLengthEncodedString(attribute.key)
                pairs.writeLengthEncodedString(attribute.value)
            }
            writer.writeLengthEncodedBytes(pairs.bytes)
        }
        if flags.contains(.zstdCompression) {
            writer.writeUInt8(zstdLevel ?? 3)
        }
    }

    /// Writes the payload of the SSLRequest that goes ahead of this login.
    package func encodeSSLRequest(into writer: inout ByteWriter) {
        encodeHead(effectiveCapabilities.union(.ssl), into: &writer)
    }

    private func encodeHead(_ flags: Capabilities, into writer: inout ByteWriter) {
        writer.writeUInt32(flags.standardBits)
        writer.writeUInt32(maximumPacketSize)
        writer.writeUInt8(UInt8(truncatingIfNeeded: collation))
        writer.writeZeros(19)
        writer.writeUInt32(flags.contains(.longPassword) ? 0 : flags.extendedBits)
    }
}
