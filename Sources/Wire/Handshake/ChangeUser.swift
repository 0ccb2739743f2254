// COM_CHANGE_USER: a login in the middle of a connection.

extension HandshakeResponse41 {
    /// Reads the argument of COM_CHANGE_USER as the login that it is. `capabilities` are those agreed on at connect.
    ///
    /// As at connect, what old clients leave out at the end may be missing.
    /// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_change_user.html
    package static func parseChangeUser(
        _ argument: UnsafeRawBufferPointer, capabilities: Capabilities, collation: UInt16
    ) throws(WireError) -> HandshakeResponse41 {
        var reader = ByteReader(argument)
        var response = HandshakeResponse41(
            capabilities: capabilities, maximumPacketSize: 0, collation: collation,
            user: String(wire: try reader.readNullTerminated()), authResponse: [])
        response.authResponse =
            capabilities.contains(.secureConnection)
            ? Array(try reader.readBytes(Int(try reader.readUInt8()))) : Array(try reader.readNullTerminated())
        let schema = try reader.readNullTerminated()
        response.schema = schema.isEmpty ? nil : String(wire: schema)
        if reader.remaining >= 2 { response.collation = try reader.readUInt16() }
        if capabilities.contains(.pluginAuth), reader.remaining > 0 {
            response.authPlugin = String(wire: try reader.readNullTerminated())
        }
        if capabilities.contains(.connectAttrs), reader.remaining > 0 {
            response.attributes = try parseAttributes(&reader)
        }
        return response
    }
}
