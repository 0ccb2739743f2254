// MySQL's query attributes: named values that a client sends beside a statement.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct QueryAttributeTests {
        /// The block in front of a text: one string attribute.
        private static func block(_ name: String, _ value: String) -> [UInt8] {
            [1, 1, 0, 1, 253, 0] + lengthEncoded(name) + lengthEncoded(value)
        }

        private static func lengthEncoded(_ text: String) -> [UInt8] {
            let count = text.utf8.count
            let head: [UInt8] =
                count < 251 ? [UInt8(count)] : [253, UInt8(count & 0xff), UInt8(count >> 8 & 0xff), UInt8(count >> 16)]
            return head + Array(text.utf8)
        }

        private func connections(_ capabilities: RawCapabilities) throws -> [RawConnection] {
            let stage = try Scene.stage
            return try [stage.cluster.primaryNode.port, stage.proxy.ports.split].map { port in
                let connection = try RawConnection(port: port)
                #expect(
                    try connection.logIn(user: "open", schema: "app", capabilities: capabilities)?.isOK == true)
                return connection
            }
        }

        @Test(
            .enabled(if: !TestServer.isMariaDB, "attributes of MySQL"),
            arguments: [RawCapabilities.ordinary, .ordinary.union([.deprecateEOF, .multiStatements, .multiResults])])
        func `the server sees the attributes of texts and of executions`(capabilities: RawCapabilities) throws {
            let stage = try Scene.stage
            for node in stage.cluster.nodes {
                _ = try? stage.cluster.executeLocally(
                    node.index, "INSTALL COMPONENT 'file://component_query_attributes'")
            }
            let asked = "mysql_query_attribute_string('trace')"
            let long = String(repeating: "v", count: 70_000)
            let filler = "/* " + String(repeating: "x", count: 3 << 20) + " */"
            let answers = try connections(capabilities.union(.queryAttributes)).map { connection in
                func text(_ sql: String, _ block: [UInt8]) throws -> [RawPacket] {
                    try connection.answer(to: [3] + block + Array(sql.utf8))
                }
                let trace = Self.block("trace", "abc-1")
                let none: [UInt8] = [0, 1]
                var answers = [
                    try text("SELECT \(asked)", trace), try text("SELECT \(asked)", none),
                    try text("SELECT \(asked)", Self.block("other", "x")),
                    try text("SELECT \(asked), 1 FROM node_marker FOR UPDATE", trace),
                    try text("SELECT \(asked)", Self.block("trace", long)),
                    try text("SELECT \(asked) \(filler)", trace),
                    try text("SELECT \(asked) \(filler)", Self.block("trace", long)),
                    try text("SELECT CONNECTION_ID() > 0, \(asked)", trace),
                    try text("SELECT marker >= 0 FROM node_marker", trace), try text("SET @a = \(asked)", trace),
                    try text("SELECT @a", none), try text("SELECT nonsense", trace),
                    // A number of eight bytes, NULL, and a time.
                    try text(
                        "SELECT mysql_query_attribute_string('n'), mysql_query_attribute_string('z')",
                        [2, 1, 0b10, 1, 8, 0, 1, 0x6e, 6, 0, 1, 0x7a, 42, 0, 0, 0, 0, 0, 0, 0]),
                    try text(
                        "SELECT mysql_query_attribute_string('d')", [1, 1, 0, 1, 10, 0, 1, 0x64, 4, 0xe8, 7, 2, 29]),
                ]
                // PARAMETER_COUNT_AVAILABLE (8): the parameter 7, without a name, and the attribute.
                let both: [UInt8] = [2, 0, 1, 8, 0, 0, 253, 0, 5] + Array("trace".utf8) + [7, 0, 0, 0, 0, 0, 0, 0]
                for sql in ["SELECT ?, \(asked)", "SELECT ?, \(asked) FROM node_marker FOR UPDATE"] {
                    answers += try connection.answers(
                        toPrepared: sql, [both + Self.lengthEncoded("first"), both + Self.lengthEncoded("second")],
                        flags: 8)
                }
                return answers
            }
            for (direct, proxied) in zip(answers[0], answers[1]) { #expect(proxied == direct) }
            #expect(answers[0][0].contains { $0.payload == [5] + Array("abc-1".utf8) })
        }

        @Test(.enabled(if: !TestServer.isMariaDB, "attributes of MySQL"))
        func `a block that lies ends as an error, and the session goes on`() throws {
            let connection = try connections(.ordinary.union(.queryAttributes))[1]
            for block: [UInt8] in [
                [], [1], [200, 1, 0], [1, 1, 0, 0], [254, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            ] {
                #expect(try connection.answer(to: [3] + block).first?.isError == true, "\(block)")
            }
            #expect(try connection.answer(to: [3, 0, 1] + Array("SELECT 1".utf8)).first?.payload == [1])
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MariaDB has no attributes"))
        func `a client that asks for what no server can do is served as directly`() throws {
            let answers = try connections(.ordinary.union(.queryAttributes)).map { connection in
                try connection.answer(toQuery: "SELECT 1")
                    + connection.answers(toPrepared: "SELECT 2", [[]]).flatMap { $0 }
            }
            #expect(answers[1] == answers[0])
        }
    }
}
