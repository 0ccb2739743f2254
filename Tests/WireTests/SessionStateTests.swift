// Session-state records as servers write them.

import Testing
import Wire

@Suite struct SessionStateTests {
    /// The records as short texts.
    private func changes(_ state: [UInt8]) throws -> [String] {
        try state.withWireBytes { (bytes) throws(WireError) in
            var reader = SessionStateReader(bytes)
            var result: [String] = []
            while let change = try reader.next() {
                switch change {
                case .systemVariable(let name, let value): result.append("\(text(name))=\(text(value))")
                case .schema(let name): result.append("schema \(text(name))")
                case .stateChange(let changed): result.append("changed \(changed)")
                case .gtids(let set): result.append("gtids \(text(set))")
                case .transactionCharacteristics(let sql): result.append("characteristics \(text(sql))")
                case .transactionState(let state): result.append("state \(text(state))")
                case .unknown(let type): result.append("unknown \(type)")
                }
            }
            return result
        }
    }

    private func state(_ captured: [UInt8]) throws -> [UInt8] {
        try payloads(captured)[0].withWireBytes { (bytes) throws(WireError) in
            Array(try OKHead.parse(bytes, capabilities: Reply.modern).sessionState)
        }
    }

    @Test func `MariaDB's records are read`() throws {
        #expect(try changes(state(Captured.okWithGTID)) == ["last_gtid=0-1-8"])
        #expect(try changes(state(Captured.okWithVariables)) == ["autocommit=ON", "sql_mode=", "changed true"])
        #expect(try changes(state(Captured.okWithSchema)) == ["schema t", "changed true"])
        #expect(try changes(state(Captured.okWithTransactionState)) == ["state T_______"])
        #expect(
            try changes(state(Captured.okWithCharacterSets)) == [
                "character_set_connection=latin1", "character_set_client=latin1", "character_set_results=latin1",
                "changed true",
            ])
        #expect(
            try changes(state(Captured.okWithEverything)) == [
                "session_track_system_variables=*", "session_track_schema=ON",
                "session_track_transaction_info=STATE", "session_track_state_change=ON", "changed true",
                "state ________",
            ])
    }

    @Test func `one record may hold several variables`() throws {
        #expect(try changes(hex("00 08 0161 0131 0162 0132 00 00 01 01 00")) == ["a=1", "b=2", "schema "])
    }

    @Test func `MySQL's GTIDs come behind an encoding byte`() throws {
        #expect(try changes(hex("03 05 00 03") + Array("u:1".utf8)) == ["gtids u:1"])
        #expect(try changes(hex("04 03 02") + Array("XA".utf8)) == ["characteristics XA"])
    }

    @Test func `the state change flag is read with and without length`() throws {
        #expect(try changes(hex("02 01 31")) == ["changed true"])
        #expect(try changes(hex("02 02 01 30")) == ["changed false"])
    }

    @Test func `unknown records are skipped`() throws {
        #expect(try changes(hex("06 03 010203 02 01 31")) == ["unknown 6", "changed true"])
    }

    @Test func `records that contradict their length are refused`() {
        #expect(throws: WireError.truncated) { try changes(hex("00 05 0161")) }
        #expect(throws: WireError.truncated) { try changes(hex("00 02 0161")) }
        #expect(throws: WireError.malformedSessionState) { try changes(hex("01 04 01 61 62 63")) }
        #expect(throws: WireError.malformedSessionState) { try changes(hex("02 00")) }
    }

    @Test func `the schema after a login is told as servers tell it`() {
        var packet = OKPacket(status: .autocommit)
        packet.report(schema: Array("app".utf8))
        var writer = ByteWriter()
        packet.encode(into: &writer, capabilities: Reply.modern)
        // Seen of MariaDB 10.11 and MySQL 9.7.
        #expect(writer.bytes == hex("00 00 00 02 40 00 00 00 06 01 04 03 61 70 70"))
    }
}
