// OK packets and the session-state records in them.
import Wire

enum SessionStateTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let capabilities: Capabilities = choices.byte() & 1 == 0 ? [.protocol41] : [.protocol41, .sessionTrack]
        readRecords(choices.rest)
        guard let packet = try? OKPacket.parse(choices.rest, capabilities: capabilities) else { return }
        packet.sessionState.withUnsafeBytes(readRecords)
        // What a client with the same capabilities gets means the same.
        var writer = ByteWriter()
        packet.encode(into: &writer, capabilities: capabilities)
        let again = writer.bytes.withUnsafeBytes { try? OKPacket.parse($0, capabilities: capabilities) }
        precondition(again?.affectedRows == packet.affectedRows, "another count")
        precondition(again?.lastInsertID == packet.lastInsertID, "another insert id")
        precondition(again?.warnings == packet.warnings, "another number of warnings")
        precondition(again?.sessionState == packet.sessionState, "other session state")
    }

    private static func readRecords(_ bytes: UnsafeRawBufferPointer) {
        var reader = SessionStateReader(bytes)
        var records = 0
        while let change = try? reader.next() {
            records += 1
            precondition(records <= bytes.count, "more records than bytes")
            if case .systemVariable(let name, let value) = change {
                precondition(name.count + value.count <= bytes.count, "a variable outside of the record")
            }
        }
    }

    static let seeds: [[UInt8]] = {
        let records: [UInt8] =
            record(
                0, lengthEncoded("autocommit") + lengthEncoded("OFF") + lengthEncoded("last_gtid") + [5] + "0-1-8".utf8)
            + record(1, lengthEncoded("app")) + record(2, [UInt8(ascii: "1")]) + record(3, [0] + lengthEncoded("x:1-5"))
            + record(4, lengthEncoded("START TRANSACTION;")) + record(5, lengthEncoded("T_______"))
        var packets: [[UInt8]] = [[1] + records]
        for header in [OKPacket.header, EOFPacket.header] {
            var writer = ByteWriter()
            OKPacket(
                header: header, affectedRows: 1, lastInsertID: 70_000, status: [.autocommit, .sessionStateChanged],
                warnings: 2, info: Array("Rows matched: 1".utf8), sessionState: records
            ).encode(into: &writer, capabilities: [.protocol41, .sessionTrack])
            packets.append([1] + writer.bytes)
        }
        return packets
    }()

    private static func lengthEncoded(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
    private static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] { [type, UInt8(content.count)] + content }
}
