// Which session-state records a client gets: those its own session asked for, not those that the proxy did.

/// What one client's session tracks. The proxy makes servers report more than that, for its own eyes.
///
/// A client that sets `session_track_system_variables` itself is reported on by its own list: by then the server's
/// records are those that it asked for.
package struct SessionTracking: Equatable, Sendable {
    /// Whether the client chose the variables itself. Otherwise those of the servers' default are tracked.
    package var hasOwnVariables: Bool
    /// Whether the client asked for GTIDs, which MySQL does not report by default.
    package var hasGTIDs: Bool

    package init(hasOwnVariables: Bool = false, hasGTIDs: Bool = false) {
        self.hasOwnVariables = hasOwnVariables
        self.hasGTIDs = hasGTIDs
    }

    /// `session_track_system_variables` of a server that nobody configured (MariaDB 10.11, MySQL 9.7).
    private static let defaultVariables: [StaticString] = [
        "autocommit", "character_set_client", "character_set_connection", "character_set_results", "time_zone",
    ]

    /// The records of `sessionState` that this client gets, as they stand there. What cannot be read is left out.
    package func kept(of sessionState: UnsafeRawBufferPointer) -> [UInt8] {
        var reader = ByteReader(sessionState)
        var writer = ByteWriter()
        while let type = try? reader.readUInt8(), let record = try? reader.readLengthEncodedBytes() {
            switch type {
            case 0 where !hasOwnVariables:
                let variables = Self.defaults(in: record)
                guard !variables.isEmpty else { continue }
                writer.writeUInt8(type)
                writer.writeLengthEncodedBytes(variables)
            case 3 where !hasGTIDs: continue
            default:
                writer.writeUInt8(type)
                writer.writeLengthEncodedBytes(record)
            }
        }
        return writer.bytes
    }

    /// The pairs of name and value whose names are tracked by default.
    private static func defaults(in record: UnsafeRawBufferPointer) -> [UInt8] {
        var reader = ByteReader(record)
        var writer = ByteWriter()
        while let name = try? reader.readLengthEncodedBytes(), let value = try? reader.readLengthEncodedBytes() {
            guard defaultVariables.contains(where: { $0.withUTF8Buffer { name.elementsEqual($0) } }) else { continue }
            writer.writeLengthEncodedBytes(name)
            writer.writeLengthEncodedBytes(value)
        }
        return writer.bytes
    }
}

extension OKPacket {
    /// Adds the record that tells the default schema.
    package mutating func report(schema: [UInt8]) {
        var record = ByteWriter()
        record.writeLengthEncodedBytes(schema)
        var writer = ByteWriter()
        writer.writeBytes(sessionState)
        writer.writeUInt8(1)
        writer.writeLengthEncodedBytes(record.bytes)
        sessionState = writer.bytes
        status.insert(.sessionStateChanged)
    }

    /// Leaves out what the client does not track; without a record left, also the flag that announces them.
    package mutating func keepState(of tracking: SessionTracking) {
        sessionState = sessionState.withUnsafeBytes { tracking.kept(of: $0) }
        if sessionState.isEmpty { status.remove(.sessionStateChanged) }
    }
}
