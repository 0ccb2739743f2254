// The packets that execute a prepared statement: where the statement's id and the parameters' types stand.

/// COM_STMT_EXECUTE, COM_STMT_BULK_EXECUTE and their like, as far as a proxy must understand them.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
/// https://mariadb.com/kb/en/com_stmt_bulk_execute/
package enum StatementExecute {
    /// The id that means the statement prepared last (MariaDB 10.2 and newer).
    package static let lastStatementID: UInt32 = 0xFFFF_FFFF
    /// Where the id stands in a payload, behind the command byte.
    package static let idOffset = 1
    /// Command byte, id, flags and iteration count.
    static let headSize = 10
    /// Command byte, id and flags of COM_STMT_BULK_EXECUTE.
    static let bulkHeadSize = 7
    /// `PARAMETER_COUNT_AVAILABLE` among the flags of COM_STMT_EXECUTE: query attributes follow the parameters.
    static let parameterCountAvailable: UInt8 = 0x08
    /// `SEND_TYPES_TO_SERVER` among the flags of COM_STMT_BULK_EXECUTE.
    static let bulkSendsTypes: UInt16 = 0x80

    /// What a packet says of its parameters' types.
    package enum Types: Equatable, Sendable {
        /// There are no parameters, or none that have types.
        case none
        /// They are in the payload at these places.
        case given(Range<Int>)
        /// The server is to use those of the execution before. To name them, the byte at `flag` is combined with `mask`,
        /// and they go in at `insertion`.
        case remembered(flag: Int, mask: UInt8, insertion: Int)
    }

    /// The id of any command about a statement: its payload starts with the command byte.
    package static func statementID(_ payload: UnsafeRawBufferPointer) -> UInt32? {
        guard payload.count >= idOffset + 4 else { return nil }
        return UInt32(littleEndian: payload.loadUnaligned(fromByteOffset: idOffset, as: UInt32.self))
    }

    /// Finds the types in the beginning of a payload.
    ///
    /// - Parameters:
    ///   - payload: from the command byte on; its end may be missing.
    ///   - parameterCount: the statement's, as the server told at PREPARE.
    ///   - hasAttributes: whether both peers agreed on `CLIENT_QUERY_ATTRIBUTES`.
    package static func types(
        _ payload: UnsafeRawBufferPointer, parameterCount: Int, hasAttributes: Bool
    ) throws(WireError) -> Types {
        var reader = ByteReader(payload)
        guard payload.first == CommandCode.statementBulkExecute.rawValue else {
            return try singleTypes(&reader, parameterCount, hasAttributes)
        }
        guard parameterCount > 0 else { return .none }
        try reader.skip(bulkHeadSize - 2)
        let flags = try reader.readUInt16()
        guard flags & bulkSendsTypes != 0 else {
            return .remembered(flag: bulkHeadSize - 2, mask: UInt8(bulkSendsTypes), insertion: bulkHeadSize)
        }
        try reader.skip(2 * parameterCount)
        return .given(bulkHeadSize..<reader.position)
    }

    private static func singleTypes(
        _ reader: inout ByteReader, _ parameterCount: Int, _ hasAttributes: Bool
    ) throws(WireError) -> Types {
        var count = parameterCount
        try reader.skip(headSize - 5)
        let flags = try reader.readUInt8()
        try reader.skip(4)
        if hasAttributes, count > 0 || flags & parameterCountAvailable != 0 {
            let announced = try reader.readLengthEncodedInteger()
            guard announced <= 65_535 else { throw .truncated }
            count = Int(announced)
        }
        guard count > 0 else { return .none }
        try reader.skip((count + 7) / 8)
        let flag = reader.position
        guard try reader.readUInt8() != 0 else { return .remembered(flag: flag, mask: 1, insertion: flag + 1) }
        for _ in 0..<count {
            try reader.skip(2)
            if hasAttributes { _ = try reader.readLengthEncodedBytes() }
        }
        return .given(flag + 1..<reader.position)
    }

    /// The text of the query attribute with this name, in capitals or not; nil for none, and for one that is no text.
    /// Attributes are values behind those of the parameters.
    ///
    /// - Parameters:
    ///   - payload: a COM_STMT_EXECUTE, from the command byte on, of peers that agreed on `CLIENT_QUERY_ATTRIBUTES`. None of
    ///     the parameters was sent as long data: that is not in it.
    ///   - parameterCount: the statement's, as the server told at PREPARE.
    ///   - remembered: types with names as the client sent them last, for a payload that has none.
    package static func attribute(
        _ name: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer, parameterCount: Int,
        remembered: UnsafeRawBufferPointer
    ) throws(WireError) -> UnsafeRawBufferPointer? {
        guard payload.count > headSize, payload[0] == CommandCode.statementExecute.rawValue,
            payload[5] & parameterCountAvailable != 0
        else { return nil }
        var reader = ByteReader(payload)
        try reader.skip(headSize)
        let announced = try reader.readLengthEncodedInteger()
        guard announced <= QueryAttributes.maximum, announced > UInt64(parameterCount) else { return nil }
        let count = Int(announced)
        let bitmap = try reader.readBytes((count + 7) / 8)
        if try reader.readUInt8() != 0 {
            let named = try QueryAttributes.NamedTypes(name, count: count, from: parameterCount, &reader)
            return try named?.value(bitmap, &reader)
        }
        var types = ByteReader(remembered)
        return try QueryAttributes.NamedTypes(name, count: count, from: parameterCount, &types)?.value(bitmap, &reader)
    }

    /// Bytes of the payload's beginning that `types` may want to see, without names of query attributes.
    package static func typesReach(parameterCount: Int) -> Int {
        headSize + (parameterCount + 7) / 8 + 1 + 2 * parameterCount
    }

    /// The flags of COM_STMT_EXECUTE ask for a cursor.
    package static func opensCursor(_ payload: UnsafeRawBufferPointer) -> Bool {
        payload.count > 5 && payload[5] & 0x07 != 0
    }
}
