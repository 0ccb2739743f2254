// The login's OK packet.

import Testing
import Wire

@Suite struct OKPacketSchemaTests {
    @Test func `the schema after a login is told as servers tell it`() {
        var packet = OKPacket(status: .autocommit)
        packet.report(schema: Array("app".utf8))
        var writer = ByteWriter()
        packet.encode(into: &writer, capabilities: Reply.modern)
        // Seen of MariaDB 10.11 and MySQL 9.7.
        #expect(writer.bytes == hex("00 00 00 02 40 00 00 00 06 01 04 03 61 70 70"))
    }
}
