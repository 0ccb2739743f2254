// MariaDB's reports of progress, to clients that asked for them and to others.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage(), .enabled(if: TestServer.isMariaDB, "MySQL reports no progress")) struct ProgressReportTests {
        /// The server judges its progress at each row; making the column takes some milliseconds for each.
        private static let rows = 400

        private func alter(_ connection: RawConnection) throws -> [RawPacket] {
            for sql in [
                "SET max_statement_time = 0, progress_report_time = 1",
                "CREATE OR REPLACE TABLE progressing (id INT PRIMARY KEY)",
                "INSERT INTO progressing SELECT seq FROM seq_1_to_\(Self.rows)",
            ] { #expect(try connection.answer(toQuery: sql).last?.isOK == true, "\(sql)") }
            connection.sendQuery(
                "ALTER TABLE progressing ADD h CHAR(128) AS (SHA2(REPEAT(id, 400000), 512)) PERSISTENT, "
                    + "ALGORITHM = COPY")
            return try connection.receivePackets { packet, _ in !Self.isReport(packet) }
        }

        private static func isReport(_ packet: RawPacket) -> Bool {
            packet.errorCode == 0xffff && packet.payload.count > 3 && packet.payload[3] != UInt8(ascii: "#")
        }

        @Test(arguments: [RawExtendedCapabilities.progress, []])
        func `a client hears of progress if it asked for that`(extended: RawExtendedCapabilities) throws {
            let stage = try Scene.stage
            for port in [stage.cluster.primaryNode.port, stage.proxy.ports.split] {
                let connection = try RawConnection(port: port)
                let login = try connection.logIn(user: "open", schema: "app", extended: extended)
                #expect(login?.isOK == true)
                let packets = try alter(connection)
                #expect(packets.last?.isOK == true, "\(packets.last?.errorText ?? "closed")")
                let reports = packets.filter(Self.isReport)
                #expect(reports.isEmpty == extended.isEmpty, "\(reports.count) reports")
                #expect(packets.map(\.sequence) == packets.indices.map { UInt8(truncatingIfNeeded: $0 + 1) })
                #expect(try connection.answer(toQuery: "SELECT COUNT(*) FROM progressing").count == 5)
                _ = try connection.answer(toQuery: "DROP TABLE progressing")
            }
        }

        @Test func `an error with the code of a report is an error`() throws {
            let stage = try Scene.stage
            let answers = try [stage.cluster.primaryNode.port, stage.proxy.ports.split].map { port in
                let connection = try RawConnection(port: port)
                try connection.logIn(user: "open", schema: "app", extended: .progress)
                return try connection.answer(
                    toQuery: "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 65535, MESSAGE_TEXT = 'no report'")
            }
            #expect(answers[1] == answers[0] && answers[0].count == 1)
        }
    }
}
