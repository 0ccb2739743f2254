// Where commands and files end, however their bytes are cut; and the packets of Switchyard's own errors.
import SQL
import Testing
import Topology
import Wire

@testable import Frontend

private func frame(_ sequence: UInt8, _ count: Int, _ fill: UInt8 = 7) -> [UInt8] {
    [UInt8(count & 255), UInt8(count >> 8 & 255), UInt8(count >> 16), sequence] + [UInt8](repeating: fill, count: count)
}

/// Feeds `bytes` in parts of `size`, keeping what was not taken in front of the next part; returns what was passed.
private func pass(_ bytes: [UInt8], by size: Int, file: Bool, _ framer: inout CommandFramer) -> Int {
    var passed = 0
    var end = 0
    while end < bytes.count && !framer.isComplete {
        end = min(end + size, bytes.count)
        passed += bytes[passed..<end].withUnsafeBytes { framer.pass($0, wholeFile: file) }
    }
    return passed
}

@Suite struct CommandFramerTests {
    @Test func `a command ends with its frame, and what follows stays, in every split`() {
        let command = frame(0, 40)
        let bytes = command + frame(0, 9)
        for size in 1...bytes.count {
            var framer = CommandFramer()
            #expect(pass(bytes, by: size, file: false, &framer) == command.count)
            #expect(framer.isComplete && framer.payloadBytes == 40 && framer.lastSequence == 0)
        }
    }

    @Test(arguments: [0, 1, 1_000]) func `a command of a full frame goes on in the next`(rest: Int) {
        let command = frame(0, PacketHeader.maximumPayload) + frame(1, rest)
        for size in [65_536, 4_000_037, command.count + 10] {
            var framer = CommandFramer()
            #expect(pass(command + frame(0, 3), by: size, file: false, &framer) == command.count)
            #expect(framer.isComplete && framer.lastSequence == 1)
            #expect(framer.payloadBytes == PacketHeader.maximumPayload + rest)
        }
    }

    @Test func `a header that is not whole is not taken`() {
        for length in 0..<4 {
            var framer = CommandFramer()
            #expect(frame(0, 5)[..<length].withUnsafeBytes { framer.pass($0, wholeFile: false) } == 0)
            #expect(!framer.isComplete)
        }
    }

    @Test func `nothing is taken after the end`() {
        var framer = CommandFramer()
        _ = frame(0, 1).withUnsafeBytes { framer.pass($0, wholeFile: false) }
        #expect(frame(0, 1).withUnsafeBytes { framer.pass($0, wholeFile: false) } == 0)
    }

    @Test func `a file goes on until an empty frame, in every split`() {
        let file = frame(2, 10) + frame(3, 1) + frame(4, 20) + frame(5, 0)
        for size in 1...file.count {
            var framer = CommandFramer()
            #expect(pass(file + frame(0, 4), by: size, file: true, &framer) == file.count)
            #expect(framer.isComplete && framer.lastSequence == 5 && framer.lastFrameIsEmpty)
        }
    }

    @Test func `an empty file is one empty frame`() {
        var framer = CommandFramer()
        #expect(frame(2, 0).withUnsafeBytes { framer.pass($0, wholeFile: true) } == 4)
        #expect(framer.isComplete)
    }

    @Test func `the empty frame behind a full one ends a packet of a file, not the file`() {
        let file = frame(2, PacketHeader.maximumPayload) + frame(3, 0) + frame(4, 5) + frame(5, 0)
        var framer = CommandFramer()
        #expect(pass(file, by: 1 << 20, file: true, &framer) == file.count)
        #expect(framer.isComplete && framer.lastSequence == 5)
    }

    @Test func `frames of a compressed client are numbered anew behind the first`() {
        var framer = CommandFramer()
        var bytes: [UInt8] = [1, 0, 0, 2, 7] + [1, 0, 0, 0, 8] + [0, 0, 0, 0]
        let count = bytes.withUnsafeMutableBytes { framer.pass($0, wholeFile: true, renumbers: true) }
        #expect(count == bytes.count && framer.isComplete && framer.lastSequence == 4)
        #expect(bytes == [1, 0, 0, 2, 7] + [1, 0, 0, 3, 8] + [0, 0, 0, 4])
    }
}

@Suite struct ProxyErrorTests {
    static let all: [(ProxyError, UInt16, String)] = [
        (.tooManyClients(5), 1040, "08004"), (.badHandshake("x"), 1043, "08S01"),
        (.accessDenied(user: "u", host: "h", usedPassword: true), 1045, "28000"),
        (.unknownCommand, 1047, "08S01"),
        (.packetTooLarge(7), 1153, "08S01"), (.timedOut("x"), 1159, "08S01"), (.notServed("x"), 1235, "42000"),
        (.malformedCommand(.mySQL), 1835, "HY000"), (.unknownConnection(5), 1094, "HY000"),
        (.notOwner(5), 1095, "HY000"),
        (.unknownQuery(5), 1957, "HY000"), (.interrupted, 1317, "70100"), (.connectionKilled, 1927, "70100"),
        (.killFailed("r"), 9513, "HY000"),
        (.unknownStatement(3), 1243, "HY000"),
        (.accountLocked(user: "u", host: "h", flavor: .mariaDB), 4151, "HY000"),
        (.accountLocked(user: "u", host: "h", flavor: .mySQL), 3118, "HY000"), (.passwordExpired, 1862, "HY000"),
        (.hostBlocked("h", seconds: 9), 1129, "HY000"), (.noAccountsYet("r"), 9509, "08004"),
        (.tooManyLogins, 1040, "08004"),
        (.noPrimary(cluster: "c", reason: "r", waitedMilliseconds: 1), 9501, "HY000"),
        (.noReader(cluster: "c", reason: "r", waitedMilliseconds: 1), 9502, "HY000"),
        (.noConnection(node: "n", reason: "r", waitedMilliseconds: 1), 9503, "08004"),
        (.outcomeUnknown(node: "n", cause: "r"), 9504, "08007"),
        (.outcomeUnknown(node: "n", cause: "r", evidence: "e"), 9504, "08007"),
        (.answerLost(node: "n", on: "m"), 9516, "08007"),
        (.transactionLost(node: "n", cause: "r"), 9505, "40001"),
        (.sessionLost(node: "n", cause: "r", state: ["HANDLER"]), 9506, "08S01"),
        (.resultBroken(node: "n", cause: "r"), 9507, "08S01"), (.tooManyWaiting(3, reason: "r"), 9508, "08004"),
    ]

    @Test(arguments: all.indices) func `an error is a packet that a client reads back`(index: Int) throws {
        let (error, code, state) = Self.all[index]
        let packet = error.packet(sequence: 200)
        let header = try #require(packet.withUnsafeBytes { PacketHeader($0) })
        #expect(header.frameLength == packet.count && header.sequence == 200)
        let read = try Array(packet.dropFirst(4)).withUnsafeBytes { bytes throws(WireError) in
            try ErrorPacket.parse(bytes)
        }
        #expect(read == ErrorPacket(code: code, sqlState: state, message: error.message))
        #expect(!error.message.isEmpty)
    }
}
