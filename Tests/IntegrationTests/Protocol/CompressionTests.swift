// The compressed protocol on either side: large packets, files, several results, garbage.

import LocalCluster
import TestSupport
import Testing

/// CLIENT_COMPRESS
private let compress: UInt = 32

/// What both suites check, with and without compression of the client.
private func checkLargePackets(_ session: MySQLSession) throws {
    for count in [10, 100, 200_000, (1 << 24) - 10, (1 << 24) + 10, 20 << 20] {
        let body = String(repeating: "qwertz", count: count / 6)
        #expect(try session.value("SELECT LENGTH('\(body)')") == "\(body.utf8.count)")
        let rows = try session.rows("SELECT REPEAT('r', \(count)) UNION ALL SELECT 'end'")
        #expect(rows.map { $0[0]?.utf8.count } == [count, 3])
    }
    #expect(try session.value("SELECT 'in step'") == "in step")
}

private func checkFile(_ session: MySQLSession) throws {
    let folder = try ScratchFolder()
    let path = try folder.write("numbers", (1...100_000).map { "\($0)\n" }.joined())
    try session.run("CREATE OR REPLACE TABLE app.numbers (n INT)", "USE app")
    try session.query("LOAD DATA LOCAL INFILE '\(path)' INTO TABLE numbers")
    #expect(try session.value("SELECT SUM(n) FROM numbers") == "5000050000")
    let outcome = session.outcome(of: "SELECT 1; SELECT 2 FROM numbers; SELECT nonsense; SELECT 3")
    #expect(outcome.replies.map(\.rows.count) == [1, 100_000] && outcome.failure?.code == 1054)
}

extension Integration {
    @Suite(.stage()) struct ClientCompressionTests {
        @Test func `a client that compresses is served compressed`() throws {
            let session = try Scene.stage.connect { $0.flags |= compress }
            try checkLargePackets(session)
            try checkFile(session)
        }

        @Test func `garbage in place of a frame ends that client with an error, and nobody else`() throws {
            let stage = try Scene.stage
            let bystander = try stage.connect()
            let victim = try stage.connect { $0.flags |= compress }
            let raw = RawConnection(borrowing: victim)
            raw.send([5, 0, 0, 0, 200, 0, 0, 1, 2, 3, 4, 5])
            // A frame of its own, which is too short to be compressed: seven bytes of header, then the error.
            let header = try #require(try raw.receive(7))
            let answer = try #require(try raw.receive(Int(header[0])))
            #expect(answer[4] == 0xff && Int(answer[5]) | Int(answer[6]) << 8 == 1157)
            try raw.waitForClose()
            #expect(try bystander.value("SELECT 1") == "1")
        }
    }

    @Suite(.stage { $0.cluster["compression"] = "zlib" }) struct NodeCompressionTests {
        @Test(arguments: [0, compress])
        func `nodes are spoken to compressed, whatever the client does`(flags: UInt) throws {
            let session = try Scene.stage.connect { $0.flags |= flags }
            #expect(try session.rows("SHOW STATUS LIKE 'Compression'")[0][1] == "ON")
            try checkLargePackets(session)
            try checkFile(session)
        }
    }
}
