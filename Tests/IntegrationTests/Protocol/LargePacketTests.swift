// Packets around the frame limit of 16 MB, in both directions, and files that clients send.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct LargePacketTests {
        private static let frame = (1 << 24) - 1

        /// Sizes of a whole packet: around one frame and two, and well beyond.
        static let sizes = [1 << 20, frame - 1, frame, frame + 1, 2 * frame, 40 << 20]

        @Test(arguments: sizes)
        func `a statement of this size reaches the server whole`(size: Int) throws {
            let session = try Scene.stage.connect()
            // One byte of command, then the text.
            let (head, tail) = ("SELECT SHA2('", "', 256), LENGTH(@nothing)")
            let body = String(repeating: "q", count: size - 1 - head.utf8.count - tail.utf8.count)
            let direct = try Scene.stage.connectDirectly()
            let expected = try direct.value("SELECT SHA2(REPEAT('q', \(body.utf8.count)), 256)")
            #expect(try session.value(head + body + tail) == expected)
            #expect(try session.value("SELECT 'in step'") == "in step")
        }

        @Test(arguments: sizes)
        func `a row of this size reaches the client whole`(size: Int) throws {
            let session = try Scene.stage.connect()
            // The cell's length takes up to nine bytes.
            let count = size - 4
            let rows = try session.rows("SELECT REPEAT('r', \(count)) UNION ALL SELECT 'end'")
            #expect(rows.count == 2)
            #expect(rows[0][0]?.utf8.count == count)
            #expect(rows[0][0]?.utf8.allSatisfy { $0 == UInt8(ascii: "r") } == true)
            #expect(rows[1] == ["end"])
            #expect(try session.value("SELECT 'in step'") == "in step")
        }

        @Test func `a large insert and its select`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE huge (id INT PRIMARY KEY, data LONGTEXT)")
            for (id, size) in [(1, 1 << 20), (2, Self.frame - 40), (3, 20 << 20)] {
                let data = String(repeating: "h", count: size)
                #expect(try session.query("INSERT INTO huge VALUES (\(id), '\(data)')").affectedRows == 1)
                #expect(try session.value("SELECT LENGTH(data) FROM huge WHERE id = \(id)") == "\(size)")
            }
            #expect(try session.rows("SELECT data FROM huge WHERE id = 3").first?[0]?.utf8.count == 20 << 20)
            try session.run("DROP TABLE huge")
        }

        @Test func `a large select is answered, wherever it runs`() throws {
            let session = try Scene.stage.connect()
            let list = (1...400_000).map { "\($0)" }.joined(separator: ",")
            #expect(try session.value("SELECT COUNT(*) FROM seq_1_to_1000 WHERE seq IN (\(list))") == "1000")
            #expect(try session.value("SELECT 'in step'") == "in step")
        }

        @Test func `a packet that the server does not take is refused as directly, and others are served`() throws {
            let stage = try Scene.stage
            let text = "SELECT LENGTH('" + String(repeating: "q", count: 65 << 20) + "')"
            let direct = try #require(try stage.connectDirectly().error(of: text))
            let proxied = try #require(try stage.connect().error(of: text))
            #expect(direct.code == 1153 || direct.isLostConnection)
            // The server's own words may be lost in its reset of the connection; then it is the proxy that says so.
            #expect([1153, 9504, 9506].contains(proxied.code) || proxied.isLostConnection, "\(proxied)")
            #expect(try stage.connect().value("SELECT 1") == "1")
        }

        @Test func `a packet larger than the proxy takes is refused with 1153`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with { $0.limits = ["packet_size": "4MiB"] }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let session = try MySQLSession(stage.login.with { $0.port = proxy.ports.split })
            #expect(try session.value("SELECT LENGTH('\(String(repeating: "q", count: 3 << 20))')") == "\(3 << 20)")
            let refusal = try #require(session.error(of: "SELECT LENGTH('\(String(repeating: "q", count: 5 << 20))')"))
            #expect(refusal.code == 1153 || refusal.isLostConnection)
            let next = try MySQLSession(stage.login.with { $0.port = proxy.ports.split })
            #expect(try next.value("SELECT 1") == "1")
        }

        @Test func `the proxy does not keep what streams through it`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            _ = try session.value("SELECT REPEAT('w', 1000000)")
            let before = stage.proxy.residentBytes
            for _ in 0..<3 { #expect(try session.value("SELECT REPEAT('r', \(40 << 20))")?.utf8.count == 40 << 20) }
            let text = "SELECT LENGTH('" + String(repeating: "q", count: 40 << 20) + "')"
            for _ in 0..<3 { #expect(try session.value(text) == "\(40 << 20)") }
            #expect(stage.proxy.residentBytes - before < 16 << 20)
        }

        // MARK: Files

        @Test(arguments: [0, 1, 10, 5_000, 300_000])
        func `a local file is loaded`(rows: Int) throws {
            let stage = try Scene.stage
            let folder = try ScratchFolder()
            let file = try folder.write("rows.csv", (0..<rows).map { "\($0),name \($0)\n" }.joined())
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE loaded (id INT PRIMARY KEY, name TEXT)")
            let reply = try session.query("LOAD DATA LOCAL INFILE '\(file)' INTO TABLE loaded FIELDS TERMINATED BY ','")
            #expect(reply.affectedRows == UInt64(rows))
            #expect(reply.info == "Records: \(rows)  Deleted: 0  Skipped: 0  Warnings: 0")
            #expect(try session.value("SELECT COUNT(*) FROM loaded") == "\(rows)")
        }

        @Test func `a local file that does not exist, or a client that sends none`() throws {
            let stage = try Scene.stage
            for login in [stage.direct(), stage.login] {
                let session = try MySQLSession(login)
                try session.run("CREATE OR REPLACE TABLE loaded (id INT PRIMARY KEY, name TEXT)")
                let statement = "LOAD DATA LOCAL INFILE '/nonexistent/file' INTO TABLE loaded"
                #expect(session.error(of: statement) != nil)
                #expect(try session.value("SELECT COUNT(*) FROM loaded") == "0")
                #expect(session.error(of: "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE missing")?.code == 1146)
                let shy = try MySQLSession(login.with { $0.allowsLocalInfile = false })
                #expect(shy.error(of: statement) != nil)
                #expect(try MySQLSession(login).value("SELECT 1") == "1")
            }
        }
    }
}
