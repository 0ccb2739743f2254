// Which session-state records reach a client that tracks its session.

import Testing
import Wire

@Suite struct SessionTrackingTests {
    private func variable(_ name: String, _ value: String) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }

    private func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] { [type, UInt8(content.count)] + content }

    private func kept(_ state: [UInt8], _ tracking: SessionTracking = SessionTracking()) -> [UInt8] {
        state.withUnsafeBytes { tracking.kept(of: $0) }
    }

    @Test func `what the proxy made the server report is left out`() {
        let position = record(0, variable("last_gtid", "0-1-8"))
        let gtids = record(3, [0, 3] + Array("u:1".utf8))
        let schema = record(1, [1, 0x61])
        #expect(kept(position + schema + gtids) == schema)
        #expect(kept(position).isEmpty)
        #expect(kept([]).isEmpty)
    }

    @Test func `the variables that servers report by default stay, also beside others in one record`() {
        let mixed = record(0, variable("sql_mode", "") + variable("autocommit", "OFF") + variable("time_zone", "UTC"))
        #expect(kept(mixed) == record(0, variable("autocommit", "OFF") + variable("time_zone", "UTC")))
    }

    @Test func `a client that chose for itself gets what it chose`() {
        let position = record(0, variable("last_gtid", "0-1-8"))
        let gtids = record(3, [0, 3] + Array("u:1".utf8))
        #expect(kept(position + gtids, SessionTracking(hasOwnVariables: true)) == position)
        #expect(kept(position + gtids, SessionTracking(hasGTIDs: true)) == gtids)
    }

    @Test func `of records that break off, the whole ones stay`() {
        let whole = record(1, [1, 0x61]) + record(0, variable("autocommit", "ON")) + record(2, [0x31])
        for count in 0...whole.count { #expect(whole.starts(with: kept(Array(whole.prefix(count))))) }
        #expect(kept(whole) == whole)
    }

    @Test func `the schema after a login is told as servers tell it`() {
        var packet = OKPacket(status: .autocommit)
        packet.report(schema: Array("app".utf8))
        var writer = ByteWriter()
        packet.encode(into: &writer, capabilities: Reply.modern)
        // Seen of MariaDB 10.11 and MySQL 9.7.
        #expect(writer.bytes == hex("00 00 00 02 40 00 00 00 06 01 04 03 61 70 70"))
    }

    @Test func `a packet without a record left does not announce any`() {
        var packet = OKPacket(
            affectedRows: 1, status: [.autocommit, .sessionStateChanged], info: [0x69],
            sessionState: record(0, variable("last_gtid", "0-1-8")))
        packet.keepState(of: SessionTracking())
        #expect(packet == OKPacket(affectedRows: 1, status: .autocommit, info: [0x69]))
    }
}
