// What a server connection is told first.
import Testing
import Topology
import Wire

@testable import Backend

@Suite struct OpeningStatementTests {
    /// An OK packet that reports variables.
    private func report(_ variables: [(String, String)]) -> [UInt8] {
        var pairs = ByteWriter()
        for (name, value) in variables {
            pairs.writeLengthEncodedString(name)
            pairs.writeLengthEncodedString(value)
        }
        var records = ByteWriter()
        records.writeUInt8(0)
        records.writeLengthEncodedBytes(pairs.bytes)
        var writer = ByteWriter()
        writer.writeBytes([0, 0, 0, 2, 0x40, 0, 0, 0])
        writer.writeLengthEncodedBytes(records.bytes)
        return writer.bytes
    }

    private func answered(_ variables: [(String, String)]) throws -> OpeningStatement {
        var opening = OpeningStatement(flavor: .mySQL, isReadOnly: false)
        try report(variables).withUnsafeBytes { try opening.answered($0, [.protocol41, .sessionTrack]) }
        return opening
    }

    private func text(_ opening: OpeningStatement) -> String { String(decoding: opening.text, as: UTF8.self) }

    @Test func `MySQL is asked for the login's collation, and given it again behind a reset`() throws {
        let fresh = OpeningStatement(flavor: .mySQL, isReadOnly: true)
        #expect(!fresh.canFollowReset)
        #expect(text(fresh).hasPrefix("SET SESSION session_track_system_variables='*'"))
        #expect(text(fresh).hasSuffix(", SESSION collation_connection=@@SESSION.collation_connection"))
        #expect(text(fresh).contains("transaction_read_only=1"))
        let opening = try answered([("time_zone", "SYSTEM"), ("collation_connection", "latin1_swedish_ci")])
        #expect(opening.canFollowReset)
        #expect(text(opening).hasPrefix("SET NAMES latin1 COLLATE latin1_swedish_ci, SESSION session_track_"))
        #expect(!text(opening).contains("@@"))
        #expect(text(try answered([("collation_connection", "binary")])).hasPrefix("SET NAMES binary COLLATE binary, "))
    }

    @Test(arguments: ["", "x; DROP TABLE t", "ä", "utf8mb4 COLLATE x", String(repeating: "a", count: 65)])
    func `a name that is none is not believed`(name: String) throws {
        #expect(try !answered([("collation_connection", name)]).canFollowReset)
    }

    @Test func `MariaDB keeps the login's collation by itself`() throws {
        let opening = OpeningStatement(flavor: .mariaDB, isReadOnly: true)
        #expect(opening.canFollowReset)
        #expect(!text(opening).contains("collation") && text(opening).hasSuffix("tx_read_only=1"))
    }
}
