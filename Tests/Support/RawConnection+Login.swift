// A login in bytes, for an account without a password, with the capabilities a test chooses.

/// Capability flags that tests combine; the numbers are the protocol's.
package struct RawCapabilities: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let longPassword = Self(rawValue: 1 << 0)
    package static let foundRows = Self(rawValue: 1 << 1)
    package static let longFlag = Self(rawValue: 1 << 2)
    package static let connectWithSchema = Self(rawValue: 1 << 3)
    package static let protocol41 = Self(rawValue: 1 << 9)
    package static let ssl = Self(rawValue: 1 << 11)
    package static let transactions = Self(rawValue: 1 << 13)
    package static let secureConnection = Self(rawValue: 1 << 15)
    package static let multiStatements = Self(rawValue: 1 << 16)
    package static let multiResults = Self(rawValue: 1 << 17)
    package static let psMultiResults = Self(rawValue: 1 << 18)
    package static let pluginAuth = Self(rawValue: 1 << 19)
    package static let sessionTrack = Self(rawValue: 1 << 23)
    package static let deprecateEOF = Self(rawValue: 1 << 24)
    package static let optionalMetadata = Self(rawValue: 1 << 25)
    package static let queryAttributes = Self(rawValue: 1 << 27)

    /// What every client of the last twenty years asks for.
    package static let ordinary: RawCapabilities = [
        .longPassword, .longFlag, .protocol41, .transactions, .secureConnection, .pluginAuth,
    ]
}

/// MariaDB's extended flags, as they stand in their own field.
package struct RawExtendedCapabilities: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let progress = Self(rawValue: 1 << 0)
    package static let extendedMetadata = Self(rawValue: 1 << 3)
}

extension RawConnection {
    /// The packet with which an account without a password answers the greeting.
    package static func loginPacket(
        user: String, schema: String? = nil, capabilities: RawCapabilities = .ordinary,
        plugin: String = TestServer.plugin, extended: RawExtendedCapabilities = [], collation: UInt16 = 45
    ) -> RawPacket {
        var capabilities = capabilities
        if schema != nil { capabilities.insert(.connectWithSchema) }
        // The flag is missing where extended ones are.
        if !extended.isEmpty { capabilities.remove(.longPassword) }
        var payload = (0..<4).map { UInt8(truncatingIfNeeded: capabilities.rawValue >> (8 * $0)) }
        payload += [0, 0, 0, 1, UInt8(collation & 0xff), UInt8(collation >> 8)] + [UInt8](repeating: 0, count: 18)
        payload += (0..<4).map { UInt8(truncatingIfNeeded: extended.rawValue >> (8 * $0)) }
        payload += Array(user.utf8) + [0]
        // No password: an empty reply to the challenge.
        payload += [0]
        if let schema { payload += Array(schema.utf8) + [0] }
        if capabilities.contains(.pluginAuth) { payload += Array(plugin.utf8) + [0] }
        return RawPacket(payload, sequence: 1)
    }

    /// Reads the greeting and logs in; gives the packet that ended the login.
    @discardableResult
    package func logIn(
        user: String, schema: String? = nil, capabilities: RawCapabilities = .ordinary,
        extended: RawExtendedCapabilities = [], collation: UInt16 = 45
    ) throws -> RawPacket? {
        guard let greeting = try receivePacket(), !greeting.isError else { return nil }
        send(
            Self.loginPacket(
                user: user, schema: schema, capabilities: capabilities, extended: extended, collation: collation))
        return try receivePacket()
    }

    /// COM_QUERY.
    package func sendQuery(_ sql: String) { send(RawPacket([3] + Array(sql.utf8))) }

    /// Packets up to and including the one that `isLast` recognises, or the connection's end.
    package func receivePackets(until isLast: (RawPacket, Int) -> Bool) throws -> [RawPacket] {
        var packets: [RawPacket] = []
        while let packet = try receivePacket() {
            packets.append(packet)
            if isLast(packet, packets.count) { break }
        }
        return packets
    }
}
