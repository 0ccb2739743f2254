// The packets with which a server continues a login.

/// `Protocol::AuthSwitchRequest`: the server wants another plugin.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_auth_switch_request.html
package struct AuthSwitchRequest: Equatable, Sendable {
    /// First byte of the payload.
    package static let header: UInt8 = 0xFE

    package var plugin: String
    /// The plugin's bytes as they stand in the packet; a salt is followed by one NUL.
    package var data: [UInt8]

    package init(plugin: String, data: [UInt8]) {
        self.plugin = plugin
        self.data = data
    }

    /// A request whose data is a salt, with the NUL that clients expect behind it.
    package init(plugin: String, salt: [UInt8]) {
        self.init(plugin: plugin, data: salt + [0])
    }

    /// `data` without its closing NUL.
    package var salt: [UInt8] {
        data.last == 0 ? data.dropLast() : data
    }

    /// Reads the payload. The one-byte form of MySQL 4.1 comes out as `mysql_old_password`.
    package static func parse(_ payload: UnsafeRawBufferPointer) throws(WireError) -> AuthSwitchRequest {
        var reader = ByteReader(payload)
        guard let first = reader.peek() else { throw .emptyPacket }
        guard first == header else { throw .unexpectedPacket(firstByte: first) }
        try reader.skip(1)
        guard reader.remaining > 0 else { return AuthSwitchRequest(plugin: "mysql_old_password", data: []) }
        let plugin = String(wire: try reader.readNullTerminated())
        return AuthSwitchRequest(plugin: plugin, data: Array(reader.readRest()))
    }

    /// Writes the payload.
    package func encode(into writer: inout ByteWriter) {
        writer.writeUInt8(Self.header)
        writer.writeNullTerminated(plugin.utf8)
        writer.writeBytes(data)
    }
}

/// `Protocol::AuthMoreData`: bytes between the two plugins, for example `04` "full authentication" of
/// caching_sha2_password.
package struct AuthMoreData: Equatable, Sendable {
    /// First byte of the payload.
    package static let header: UInt8 = 0x01

    package var data: [UInt8]

    package init(data: [UInt8]) {
        self.data = data
    }

    /// Reads the payload.
    package static func parse(_ payload: UnsafeRawBufferPointer) throws(WireError) -> AuthMoreData {
        var reader = ByteReader(payload)
        guard let first = reader.peek() else { throw .emptyPacket }
        guard first == header else { throw .unexpectedPacket(firstByte: first) }
        try reader.skip(1)
        return AuthMoreData(data: Array(reader.readRest()))
    }

    /// Writes the payload.
    package func encode(into writer: inout ByteWriter) {
        writer.writeUInt8(Self.header)
        writer.writeBytes(data)
    }
}
