// Whole replies, as servers sent them, in every possible split.

import Testing
import Wire

/// A reply and what must come out of it.
struct Reply: CustomTestStringConvertible, Sendable {
    var name: String
    var kind: ResponseKind
    var capabilities: Capabilities
    var bytes: [UInt8]
    var events: [ResponseEvent]
    var rows: UInt64 = 0
    var columns: UInt64 = 0

    var testDescription: String { name }

    static let plain: Capabilities = [.protocol41, .transactions]
    static let modern: Capabilities = [.protocol41, .transactions, .deprecateEOF, .sessionTrack]

    static let captured: [Reply] = [
        Reply(name: "OK", kind: .query, capabilities: plain, bytes: Captured.okWithInfo, events: [.ok]),
        Reply(name: "OK, tracked", kind: .query, capabilities: modern, bytes: Captured.okWithGTID, events: [.ok]),
        Reply(
            name: "rows", kind: .query, capabilities: plain, bytes: Captured.rowsWithEOF, events: [.endOfRows],
            rows: 3, columns: 2),
        Reply(
            name: "rows, no EOF", kind: .query, capabilities: modern, bytes: Captured.rowsWithoutEOF,
            events: [.endOfRows], rows: 3, columns: 2),
        Reply(
            name: "three results", kind: .query, capabilities: plain, bytes: Captured.multiWithEOF,
            events: [.endOfRows, .ok, .endOfRows], rows: 2, columns: 1),
        Reply(
            name: "three results, no EOF", kind: .query, capabilities: modern, bytes: Captured.multiWithoutEOF,
            events: [.endOfRows, .ok, .endOfRows], rows: 2, columns: 1),
        Reply(name: "ERR", kind: .query, capabilities: plain, bytes: Captured.syntaxError, events: [.error]),
        Reply(name: "statistics", kind: .statistics, capabilities: plain, bytes: Captured.statistics, events: [.ok]),
        Reply(
            name: "set option", kind: .okOrError, capabilities: plain, bytes: Captured.setOptionWithEOF,
            events: [.endOfRows]),
        Reply(
            name: "set option, no EOF", kind: .okOrError, capabilities: modern, bytes: Captured.setOptionWithoutEOF,
            events: [.endOfRows]),
        Reply(
            name: "field list", kind: .fieldList, capabilities: plain, bytes: Captured.fieldListWithEOF,
            events: [.endOfRows]),
        Reply(
            name: "field list, no EOF", kind: .fieldList, capabilities: modern, bytes: Captured.fieldListWithoutEOF,
            events: [.endOfRows]),
        Reply(
            name: "prepare", kind: .prepare, capabilities: plain, bytes: Captured.prepareWithEOF, events: [.prepareOK],
            columns: 2),
        Reply(
            name: "prepare, no EOF", kind: .prepare, capabilities: modern, bytes: Captured.prepareWithoutEOF,
            events: [.prepareOK], columns: 2),
        Reply(
            name: "prepare without definitions", kind: .prepare, capabilities: plain, bytes: Captured.prepareBare,
            events: [.prepareOK]),
        Reply(
            name: "binary rows", kind: .query, capabilities: plain, bytes: Captured.executeWithEOF,
            events: [.endOfDefinitions, .endOfRows], rows: 3, columns: 2),
        Reply(
            name: "binary rows, no EOF", kind: .query, capabilities: modern, bytes: Captured.executeWithoutEOF,
            events: [.endOfRows], rows: 3, columns: 2),
        Reply(
            name: "cursor", kind: .query, capabilities: plain, bytes: Captured.cursorWithEOF, events: [.endOfRows],
            columns: 2),
        Reply(
            name: "cursor, no EOF", kind: .query, capabilities: modern, bytes: Captured.cursorWithoutEOF,
            events: [.endOfRows], columns: 2),
        Reply(
            name: "fetch", kind: .fetch, capabilities: plain, bytes: Captured.fetchWithEOF, events: [.endOfRows],
            rows: 2),
        Reply(
            name: "fetch, no EOF", kind: .fetch, capabilities: modern, bytes: Captured.fetchWithoutEOF,
            events: [.endOfRows], rows: 2),
        Reply(
            name: "last fetch", kind: .fetch, capabilities: plain, bytes: Captured.lastFetchWithEOF,
            events: [.endOfRows], rows: 1),
        Reply(
            name: "local file", kind: .query, capabilities: plain,
            bytes: Captured.infileRequest + packet(3, hex("00 00 00 0200 0000")), events: [.localInfile, .ok]),
    ]

    static let made: [Reply] = [
        Reply(
            name: "ERR among rows", kind: .query, capabilities: modern,
            bytes: numbered(
                payloads(Captured.rowsWithoutEOF).prefix(5).flatMap { packet(1, $0) } + Captured.syntaxError),
            events: [.error], rows: 2, columns: 2),
        Reply(
            name: "ERR among definitions", kind: .query, capabilities: plain,
            bytes: numbered(
                payloads(Captured.rowsWithEOF).prefix(2).flatMap { packet(1, $0) } + Captured.syntaxError),
            events: [.error], columns: 2),
        Reply(
            name: "row that opens with 0xFE", kind: .query, capabilities: plain,
            bytes: numbered(
                payloads(Captured.rowsWithEOF).prefix(4).flatMap { packet(1, $0) }
                    + packet(5, [0xFE] + Array(repeating: 0, count: 8)) + packet(6, hex("fe 0000 2200"))),
            events: [.endOfRows], rows: 1, columns: 2),
        Reply(
            name: "progress reports", kind: .query, capabilities: plain.union(.mariadbProgress),
            bytes: packet(1, hex("ff ffff 01 01 02 102030 04 73 6f 72 74"))
                + packet(2, hex("ff ffff 01 02 02 00ff00 00"))
                + packet(3, hex("00 05 00 0200 0000")), events: [.ok]),
        Reply(
            name: "signalled error 65535", kind: .query, capabilities: plain.union(.mariadbProgress),
            bytes: packet(1, hex("ff ffff") + Array("#45000no".utf8)), events: [.error]),
        Reply(
            name: "definitions left out", kind: .query, capabilities: plain.union(.mariadbCacheMetadata),
            bytes: packet(1, hex("02 00")) + packet(2, hex("fe 0000 0200")) + packet(3, hex("00 00 01"))
                + packet(4, hex("fe 0000 0200")), events: [.endOfRows], rows: 1, columns: 2),
        Reply(
            name: "definitions left out, no EOF", kind: .query,
            capabilities: modern.union(.optionalResultsetMetadata),
            bytes: packet(1, hex("02 00")) + packet(2, hex("01 31 fb")) + packet(3, hex("fe 00 00 0200 0000")),
            events: [.endOfRows], rows: 1, columns: 2),
        Reply(
            name: "announced definitions", kind: .query, capabilities: modern.union(.optionalResultsetMetadata),
            bytes: numbered(
                packet(1, hex("02 01")) + payloads(Captured.rowsWithoutEOF).dropFirst().flatMap { packet(2, $0) }),
            events: [.endOfRows], rows: 3, columns: 2),
        Reply(
            name: "prepare, definitions left out", kind: .prepare,
            capabilities: plain.union(.optionalResultsetMetadata),
            bytes: packet(1, hex("00 01000000 0200 0100 00 0000 00")) + packet(2, hex("fe 0000 0200"))
                + packet(3, hex("fe 0000 0200")), events: [.prepareOK], columns: 2),
        Reply(
            name: "prepare, definitions left out, no EOF", kind: .prepare,
            capabilities: modern.union(.optionalResultsetMetadata),
            bytes: packet(1, hex("00 01000000 0200 0100 00 0000 00")), events: [.prepareOK], columns: 2),
        // MySQL 9.7: only the first EOF says that another result follows.
        Reply(
            name: "OUT parameters", kind: .query, capabilities: plain,
            bytes: packet(1, hex("01")) + payloads(Captured.rowsWithEOF).dropFirst().prefix(1).flatMap { packet(2, $0) }
                + packet(3, hex("fe 0100 0a10")) + packet(4, hex("00 00 0a000000")) + packet(5, hex("fe 0000 0200"))
                + packet(6, hex("00 01 00 0200 0100")), events: [.endOfRows, .ok], rows: 1, columns: 1),
        Reply(
            name: "changed state between definitions and rows", kind: .query, capabilities: plain,
            bytes: packet(1, hex("01")) + payloads(Captured.rowsWithEOF).dropFirst().prefix(1).flatMap { packet(2, $0) }
                + packet(3, hex("fe 0000 0240")) + packet(4, hex("01 31")) + packet(5, hex("fe 0000 0240")),
            events: [.endOfDefinitions, .endOfRows], rows: 1, columns: 1),
        Reply(
            name: "local file, then another result", kind: .query, capabilities: plain,
            bytes: numbered(
                Captured.infileRequest + packet(3, hex("00 00 00 0a00 0000")) + Captured.rowsWithEOF,
                behindFile: true),
            events: [.localInfile, .ok, .endOfRows], rows: 3, columns: 2),
        Reply(
            name: "refused local file", kind: .query, capabilities: plain,
            bytes: numbered(Captured.infileRequest + Captured.syntaxError, behindFile: true),
            events: [.localInfile, .error]),
    ]

    static let all = captured + made
}

@Suite struct ResponseTrackerTests {
    @Test(arguments: Reply.all)
    func `a reply is followed to its last byte`(_ reply: Reply) throws {
        let transcript = try RelayTranscript.run(reply.kind, reply.capabilities, pieces: [reply.bytes[...]])
        #expect(transcript.events == reply.events)
        #expect(transcript.relayed == reply.bytes)
        #expect(transcript.isComplete)
        #expect(transcript.unread.isEmpty)
        #expect(transcript.rowCount == reply.rows)
        #expect(transcript.columnCount == reply.columns)
    }

    @Test(arguments: Reply.all)
    func `splits do not change what comes out`(_ reply: Reply) throws {
        let whole = try RelayTranscript.run(reply.kind, reply.capabilities, pieces: [reply.bytes[...]])
        let single = reply.bytes.indices.map { reply.bytes[$0...$0] }
        #expect(try RelayTranscript.run(reply.kind, reply.capabilities, pieces: single) == whole)
        for cut in reply.bytes.indices {
            let pieces = [reply.bytes[..<cut], reply.bytes[cut...]]
            let split = try RelayTranscript.run(reply.kind, reply.capabilities, pieces: pieces)
            #expect(split == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: Reply.all)
    func `a damaged reply is judged alike as a whole and byte by byte`(_ reply: Reply) throws {
        func judged(_ pieces: [ArraySlice<UInt8>]) -> Result<RelayTranscript, WireError> {
            do { return .success(try RelayTranscript.run(reply.kind, reply.capabilities, pieces: pieces)) } catch {
                return .failure(error as? WireError ?? .emptyPacket)
            }
        }
        for place in reply.bytes.indices {
            for value: UInt8 in [0x00, 0x01, 0xFB, 0xFE, 0xFF, reply.bytes[place] ^ 8, reply.bytes[place] &+ 1] {
                var bytes = reply.bytes
                bytes[place] = value
                let whole = judged([bytes[...]])
                let single = judged(bytes.indices.map { bytes[$0...$0] })
                #expect(whole == single, "\(value) at \(place)")
            }
        }
    }

    @Test(arguments: Reply.all)
    func `a truncated reply is not complete`(_ reply: Reply) throws {
        for end in reply.bytes.indices {
            let part = try RelayTranscript.run(reply.kind, reply.capabilities, pieces: [reply.bytes[..<end]])
            #expect(!part.isComplete, "cut at \(end)")
            #expect(part.relayed + part.unread == Array(reply.bytes[..<end]))
        }
    }

    @Test(arguments: Reply.all)
    func `bytes behind the reply stay with the caller`(_ reply: Reply) throws {
        let next = packet(0, [0, 0, 0, 2, 0, 0, 0])
        let transcript = try RelayTranscript.run(reply.kind, reply.capabilities, pieces: [(reply.bytes + next)[...]])
        #expect(transcript.relayed == reply.bytes)
        #expect(transcript.unread == next)
    }

    @Test func `a command without reply is complete at once`() throws {
        var tracker = ResponseTracker()
        tracker.begin(.none, capabilities: Reply.plain)
        #expect(tracker.isComplete)
        let step = try Captured.okWithInfo.withUnsafeBytes { try tracker.advance($0) }
        #expect(step == ResponseStep(passed: 0, event: .needMoreBytes, packetLength: 0))
        #expect(!tracker.hasStarted)
    }

    @Test func `a fresh tracker owes nothing and a begun one has not started`() throws {
        var tracker = ResponseTracker()
        #expect(tracker.isComplete)
        tracker.begin(.query, capabilities: Reply.plain)
        #expect(!tracker.isComplete)
        #expect(!tracker.hasStarted)
        _ = try [UInt8(1)].withUnsafeBytes { try tracker.advance($0) }
        #expect(tracker.hasStarted)
        #expect(!tracker.isComplete)
    }

    @Test func `the client's file is awaited until it is sent`() throws {
        var tracker = ResponseTracker()
        tracker.begin(.query, capabilities: Reply.plain)
        let step = try Captured.infileRequest.withUnsafeBytes { try tracker.advance($0) }
        #expect(step == ResponseStep(passed: 0, event: .localInfile, packetLength: 10))
        #expect(tracker.awaitsLocalInfile)
        tracker.localInfileSent(behind: 2)
        #expect(!tracker.awaitsLocalInfile)
        #expect(!tracker.isComplete)
    }

    @Test func `the status is that of the last terminal packet`() throws {
        let reply = try RelayTranscript.run(.query, Reply.plain, pieces: [Captured.rowsWithEOF[...]])
        #expect(reply.status == [.autocommit, .noIndexUsed])
        let cursor = try RelayTranscript.run(.query, Reply.modern, pieces: [Captured.cursorWithoutEOF[...]])
        #expect(cursor.status == [.autocommit, .cursorExists])
    }

    @Test func `partial rows are passed as they come`() throws {
        var tracker = ResponseTracker()
        tracker.begin(.fetch, capabilities: Reply.plain)
        let row = packet(1, [0] + Array(repeating: 7, count: 99))
        let first = try row[..<30].withUnsafeBytes { try tracker.advance($0) }
        #expect(first == ResponseStep(passed: 30, event: .needMoreBytes, packetLength: 0))
        let second = try row[30...].withUnsafeBytes { try tracker.advance($0) }
        #expect(second == ResponseStep(passed: 74, event: .needMoreBytes, packetLength: 0))
        let header = try packet(2, [0])[..<4].withUnsafeBytes { try tracker.advance($0) }
        #expect(header == ResponseStep(passed: 0, event: .needMoreBytes, packetLength: 0))
    }
}
