// Bytes, frames and the short packets of the command phase.

import Testing
import Wire

@Suite struct ByteTests {
    @Test(arguments: [0, 1, 250, 251, 0xFFFF, 0x1_0000, 0xFF_FFFF, 0x100_0000, UInt64.max])
    func `length-encoded integers come back`(_ value: UInt64) throws {
        var writer = ByteWriter()
        writer.writeLengthEncodedInteger(value)
        let read = try writer.bytes.withWireBytes { (bytes) throws(WireError) in
            var reader = ByteReader(bytes)
            let value = try reader.readLengthEncodedInteger()
            return (value, reader.remaining)
        }
        #expect(read == (value, 0))
    }

    @Test func `length prefixes have their shortest form`() {
        func bytes(_ value: UInt64) -> [UInt8] {
            var writer = ByteWriter()
            writer.writeLengthEncodedInteger(value)
            return writer.bytes
        }
        #expect(bytes(250) == hex("fa"))
        #expect(bytes(251) == hex("fc fb00"))
        #expect(bytes(0x1_0000) == hex("fd 000001"))
        #expect(bytes(0x100_0000) == hex("fe 0000000100000000"))
    }

    @Test func `NULL and 0xFF are no integers`() {
        func read(_ bytes: [UInt8]) throws -> UInt64 {
            try bytes.withWireBytes { (raw) throws(WireError) in
                var reader = ByteReader(raw)
                return try reader.readLengthEncodedInteger()
            }
        }
        #expect(throws: WireError.unexpectedNull) { try read([0xFB]) }
        #expect(throws: WireError.invalidLengthPrefix) { try read([0xFF]) }
        #expect(throws: WireError.truncated) { try read([0xFC, 1]) }
        #expect(throws: WireError.truncated) { try read([]) }
    }

    @Test func `a length beyond the payload is refused, however large`() {
        for bytes in [hex("02 61"), hex("fe ffffffffffffffff 61"), hex("fe ffffffffffffff7f 61")] {
            #expect(throws: WireError.truncated) {
                try bytes.withWireBytes { (raw) throws(WireError) in
                    var reader = ByteReader(raw)
                    return try reader.readLengthEncodedBytes().count
                }
            }
        }
    }

    @Test func `fixed integers are little-endian and move the position`() throws {
        try hex("01 0302 060504 0a090807 1211100f0e0d0c0b 6869 00 7a").withWireBytes { (raw) throws(WireError) in
            var reader = ByteReader(raw)
            #expect(try reader.readUInt8() == 0x01)
            #expect(try reader.readUInt16() == 0x0203)
            #expect(try reader.readUInt24() == 0x040506)
            #expect(try reader.readUInt32() == 0x0708_090A)
            #expect(try reader.readUInt64() == 0x0B0C_0D0E_0F10_1112)
            #expect(reader.position == 18)
            #expect(text(try reader.readNullTerminated()) == "hi")
            #expect(text(reader.readRest()) == "z")
            #expect(reader.remaining == 0)
            #expect(reader.peek() == nil)
        }
    }

    @Test func `a string without NUL is refused`() {
        #expect(throws: WireError.missingTerminator) {
            try hex("6162").withWireBytes { (raw) throws(WireError) in
                var reader = ByteReader(raw)
                return try reader.readNullTerminated().count
            }
        }
    }
}

@Suite struct FramingTests {
    @Test(arguments: [
        (0, [0]), (5, [5]), (0xFF_FFFE, [0xFF_FFFE]), (0xFF_FFFF, [0xFF_FFFF, 0]), (0x100_0000, [0xFF_FFFF, 1]),
    ])
    func `large payloads are split and closed`(_ length: Int, _ frames: [Int]) {
        var writer = ByteWriter()
        var sequence: UInt8 = 255
        writer.writePacket(sequence: &sequence, payload: Array(repeating: 7, count: length))
        var found: [Int] = []
        var offset = 0
        writer.bytes.withUnsafeBytes { bytes in
            while let header = PacketHeader(UnsafeRawBufferPointer(rebasing: bytes[offset...])) {
                #expect(header.sequence == UInt8(truncatingIfNeeded: 255 + found.count))
                found.append(header.payloadLength)
                offset += header.frameLength
            }
        }
        #expect(found == frames)
        #expect(offset == writer.bytes.count)
        #expect(sequence == UInt8(truncatingIfNeeded: 255 + frames.count))
    }

    @Test func `an open packet gets its length when it is closed`() {
        var writer = ByteWriter()
        writer.beginPacket(sequence: 3)
        writer.writeZeros(300)
        writer.endPacket()
        writer.beginPacket(sequence: 4)
        writer.endPacket()
        #expect(writer.bytes == hex("2c0100 03") + Array(repeating: 0, count: 300) + hex("000000 04"))
    }
}

@Suite struct ResultPacketTests {
    private func ok(_ bytes: [UInt8], _ capabilities: Capabilities) throws -> OKPacket {
        try bytes.withWireBytes { (raw) throws(WireError) in try OKPacket.parse(raw, capabilities: capabilities) }
    }

    private func encoded(_ packet: OKPacket, _ capabilities: Capabilities) -> [UInt8] {
        var writer = ByteWriter()
        packet.encode(into: &writer, capabilities: capabilities)
        return writer.bytes
    }

    @Test func `an OK packet tells its counts and remark`() throws {
        let payload = payloads(Captured.okWithInfo)[0]
        let packet = try ok(payload, Reply.plain)
        #expect(packet.affectedRows == 1)
        #expect(packet.status == .autocommit)
        #expect(String(decoding: packet.info, as: UTF8.self) == "Rows matched: 1  Changed: 1  Warnings: 0")
        #expect(encoded(packet, Reply.plain) == payload)
    }

    @Test func `a remark without length prefix is read as well`() throws {
        let packet = try ok(hex("00 00 00 0200 0000") + Array("Records".utf8), Reply.plain)
        #expect(packet.info == Array("Records".utf8))
    }

    @Test(arguments: [
        Captured.okWithGTID, Captured.okWithVariables, Captured.okWithCharacterSets, Captured.okWithSchema,
        Captured.okWithTransactionState, Captured.okWithEverything,
    ])
    func `a tracked OK packet comes back byte by byte`(_ bytes: [UInt8]) throws {
        let payload = payloads(bytes)[0]
        let packet = try ok(payload, Reply.modern)
        #expect(packet.status.contains(.sessionStateChanged))
        #expect(encoded(packet, Reply.modern) == payload)
        for end in payload.indices where end > 7 {
            // A cut right before an optional field looks like its absence.
            if let part = try? ok(Array(payload[..<end]), Reply.modern) { #expect(part.sessionState.isEmpty) }
        }
        for end in 0..<7 { #expect(throws: WireError.self) { try ok(Array(payload[..<end]), Reply.modern) } }
    }

    @Test func `a client that does not track gets neither records nor flag`() throws {
        let packet = try ok(payloads(Captured.okWithGTID)[0], Reply.modern)
        let stripped = try ok(encoded(packet, Reply.plain), Reply.plain)
        #expect(stripped.status == .autocommit)
        #expect(stripped.info == packet.info)
        #expect(encoded(packet, Reply.plain) == payloads(Captured.okWithInfo)[0])
    }

    @Test func `an EOF packet is also an OK head`() throws {
        let payload = hex("fe 0300 2200")
        let head = try ok(payload, Reply.modern)
        #expect(head.status == [.autocommit, .noIndexUsed])
        #expect(head.warnings == 3)
        var writer = ByteWriter()
        EOFPacket(warnings: 3, status: [.autocommit, .noIndexUsed]).encode(into: &writer)
        #expect(writer.bytes == payload)
        let parsed = try payload.withWireBytes { (raw) throws(WireError) in try EOFPacket.parse(raw) }
        #expect(parsed == EOFPacket(warnings: 3, status: [.autocommit, .noIndexUsed]))
    }

    @Test func `an error tells code, state and text`() throws {
        let payload = payloads(Captured.syntaxError)[0]
        let error = try payload.withWireBytes { (raw) throws(WireError) in try ErrorPacket.parse(raw) }
        #expect(error.code == 1064)
        #expect(error.sqlState == "42000")
        #expect(error.message.hasPrefix("You have an error in your SQL syntax"))
        var writer = ByteWriter()
        error.encode(into: &writer)
        #expect(writer.bytes == payload)
    }

    @Test func `an error's state always has five characters`() {
        var writer = ByteWriter()
        ErrorPacket(code: 1105, sqlState: "HY", message: "x").encode(into: &writer)
        #expect(writer.bytes == hex("ff 5104") + Array("#HY000x".utf8))
        for code in ErrorCode.allCases { #expect(code.sqlState.utf8.count == 5) }
    }

    @Test func `a prepared statement's head tells its counts`() throws {
        let payload = payloads(Captured.prepareWithEOF)[0]
        let head = try payload.withWireBytes { (raw) throws(WireError) in try PrepareOK.parse(raw) }
        #expect(head == PrepareOK(statementID: 1, columnCount: 2, parameterCount: 1))
        var writer = ByteWriter()
        head.encode(into: &writer)
        #expect(writer.bytes == payload)
    }

    @Test func `a column definition comes back`() throws {
        let payload = payloads(Captured.rowsWithEOF)[1]
        let column = try payload.withWireBytes { (raw) throws(WireError) in try ColumnDefinition.parse(raw) }
        #expect(
            column
                == ColumnDefinition(
                    name: "a", type: .long, schema: "t", table: "x", originalTable: "x", originalName: "a",
                    collation: ColumnDefinition.binaryCollation, length: 11, flags: 0x5003))
        var writer = ByteWriter()
        column.encode(into: &writer)
        #expect(writer.bytes == payload)
    }

    @Test(arguments: [(Reply.plain, Captured.rowsWithEOF), (Reply.modern, Captured.rowsWithoutEOF)])
    func `our result sets are those of a server`(_ capabilities: Capabilities, _ expected: [UInt8]) throws {
        let columns = try payloads(expected)[1...2].map { payload in
            try payload.withWireBytes { (raw) throws(WireError) in try ColumnDefinition.parse(raw) }
        }
        var writer = ByteWriter()
        let next = TextResultSet.encode(
            columns: columns, rows: [[[0x31], Array("one".utf8)], [[0x32], Array("two".utf8)], [[0x33], nil]],
            capabilities: capabilities, status: [.autocommit, .noIndexUsed], firstSequence: 1, into: &writer)
        #expect(writer.bytes == expected)
        #expect(Int(next) == payloads(expected).count + 1)
    }
}
