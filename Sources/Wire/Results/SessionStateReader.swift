// Reads the session-state records that an OK packet carries with CLIENT_SESSION_TRACK.

/// One thing that changed in a session. The bytes live as long as those given to the reader.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html#sect_protocol_basic_ok_packet_sessinfo
package enum SessionStateChange {
    /// SESSION_TRACK_SYSTEM_VARIABLES (0): a variable and its new value as text.
    case systemVariable(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)
    /// SESSION_TRACK_SCHEMA (1): the new default schema; empty when there is none any more.
    case schema(UnsafeRawBufferPointer)
    /// SESSION_TRACK_STATE_CHANGE (2): whether anything in the session changed.
    case stateChange(Bool)
    /// SESSION_TRACK_GTIDS (3): the GTID set of the statement (MySQL).
    case gtids(UnsafeRawBufferPointer)
    /// SESSION_TRACK_TRANSACTION_CHARACTERISTICS (4): SQL that starts the same transaction again.
    case transactionCharacteristics(UnsafeRawBufferPointer)
    /// SESSION_TRACK_TRANSACTION_STATE (5): eight characters, `________` outside a transaction.
    case transactionState(UnsafeRawBufferPointer)
    /// A record of a type this proxy does not know; skipped by its length.
    case unknown(type: UInt8)
}

/// Iterates over the records of `OKHead.sessionState`. After an error the rest is lost.
package struct SessionStateReader {
    private var records: ByteReader
    /// What is left of a variables record: it may hold several pairs of name and value.
    private var variables = ByteReader(UnsafeRawBufferPointer(start: nil, count: 0))

    package init(_ sessionState: UnsafeRawBufferPointer) {
        records = ByteReader(sessionState)
    }

    /// The next change; nil at the end.
    package mutating func next() throws(WireError) -> SessionStateChange? {
        while variables.remaining == 0 {
            guard records.remaining > 0 else { return nil }
            let type = try records.readUInt8()
            let record = try records.readLengthEncodedBytes()
            guard type == 0 else { return try Self.change(type, record) }
            variables = ByteReader(record)
        }
        let name = try variables.readLengthEncodedBytes()
        return .systemVariable(name: name, value: try variables.readLengthEncodedBytes())
    }

    private static func change(
        _ type: UInt8, _ record: UnsafeRawBufferPointer
    ) throws(WireError) -> SessionStateChange {
        var reader = ByteReader(record)
        switch type {
        case 1:
            return .schema(try onlyString(&reader))
        case 2:
            // The manual says string<lenenc>; servers write the digit alone. It is the last byte either way.
            guard let digit = record.last else { throw .malformedSessionState }
            return .stateChange(digit == UInt8(ascii: "1"))
        case 3:
            // The encoding: 0, a text, is the only one there is.
            guard try reader.readUInt8() == 0 else { return .unknown(type: type) }
            return .gtids(try onlyString(&reader))
        case 4:
            return .transactionCharacteristics(try onlyString(&reader))
        case 5:
            return .transactionState(try onlyString(&reader))
        default:
            return .unknown(type: type)
        }
    }

    private static func onlyString(_ reader: inout ByteReader) throws(WireError) -> UnsafeRawBufferPointer {
        let value = try reader.readLengthEncodedBytes()
        guard reader.remaining == 0 else { throw .malformedSessionState }
        return value
    }
}
