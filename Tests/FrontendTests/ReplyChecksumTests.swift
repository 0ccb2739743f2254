// When two replies are the same to a client.
import Testing
import Wire

@testable import Frontend

@Suite struct ReplyChecksumTests {
    private let capabilities: Capabilities = [.protocol41, .transactions, .deprecateEOF, .sessionTrack]

    private func ok(
        header: UInt8 = 0, affectedRows: UInt64 = 1, lastInsertID: UInt64 = 0, status: StatusFlags = [.autocommit],
        warnings: UInt16 = 0, info: String = "", sessionState: [UInt8] = []
    ) -> [UInt8] {
        var writer = ByteWriter()
        OKPacket(
            header: header, affectedRows: affectedRows, lastInsertID: lastInsertID, status: status, warnings: warnings,
            info: Array(info.utf8), sessionState: sessionState
        ).encode(into: &writer, capabilities: capabilities)
        return writer.bytes
    }

    private func value(rows: [[UInt8]] = [], _ event: ResponseEvent, _ packet: [UInt8]) -> ReplyChecksum.Value {
        let checksum = ReplyChecksum()
        for row in rows { row.withUnsafeBytes { checksum.add($0) } }
        packet.withUnsafeBytes { checksum.addEnd(event, $0, capabilities) }
        return checksum.value
    }

    @Test func `the pieces in which rows come do not matter, and every byte of them does`() {
        let row = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let end = ok(header: 0xFE)
        let whole = value(rows: [row], .endOfRows, end)
        for cut in 0...row.count {
            #expect(value(rows: [Array(row[..<cut]), Array(row[cut...])], .endOfRows, end) == whole)
        }
        for index in row.indices {
            var other = row
            other[index] ^= 1
            #expect(value(rows: [other], .endOfRows, end) != whole)
        }
    }

    @Test func `positions, session state and flags of the transaction do not count`() {
        let plain = value(.ok, ok())
        let status: StatusFlags = [.inTransaction, .sessionStateChanged]
        #expect(value(.ok, ok(status: status, sessionState: [1, 2, 0x01, 0x61])) == plain)
    }

    @Test func `changed rows, warnings, remarks and further results count`() {
        let plain = value(.ok, ok())
        #expect(value(.ok, ok(affectedRows: 2)) != plain)
        #expect(value(.ok, ok(warnings: 1)) != plain)
        #expect(value(.ok, ok(info: "Rows matched: 1")) != plain)
        #expect(value(.ok, ok(status: [.moreResultsExist])) != plain)
        #expect(value(.endOfRows, ok(header: 0xFE)) != plain)
    }

    @Test func `of an error its number counts, and not its words`() {
        func error(_ code: UInt16, _ message: String) -> [UInt8] {
            var writer = ByteWriter()
            ErrorPacket(code: code, sqlState: "23000", message: message).encode(into: &writer)
            return writer.bytes
        }
        #expect(value(.error, error(1062, "on a")) == value(.error, error(1062, "on b")))
        #expect(value(.error, error(1062, "on a")) != value(.error, error(1064, "on a")))
    }

    @Test func `numbers that were made are told apart from the rest`() {
        let checksum = ReplyChecksum()
        ok(lastInsertID: 7).withUnsafeBytes { checksum.addEnd(.ok, $0, capabilities) }
        #expect(checksum.value == value(.ok, ok(lastInsertID: 8)))
        #expect(checksum.insertID == 7 && checksum.insertIDCount == 1)
        let first = checksum.insertIDs
        ok(lastInsertID: 8).withUnsafeBytes { checksum.addEnd(.ok, $0, capabilities) }
        #expect(checksum.insertIDCount == 2 && checksum.insertIDs != first)
        checksum.begin()
        #expect(checksum.insertIDCount == 0 && checksum.insertIDs == 0)
    }
}
