// What a lane knows of nodes: from probes, and from waits.
import Testing
import Topology
import Wire

@testable import Frontend

private func position(_ text: String, _ flavor: PositionFlavor = .mariaDB) throws -> Position {
    try Position.parse(text, flavor: flavor)
}

private func table(
    _ positions: [String], askedAt: UInt64 = 0, epoch: UInt64 = 1, flavor: ServerFlavor = .mariaDB,
    sharesPositions: Bool = true
) -> RoutingTable {
    let entries = positions.enumerated().map { index, gtid -> RoutingEntry in
        let member = ClusterMember(
            id: NodeID(index: index), name: "n\(index)", address: .tcp(host: "127.0.0.1", port: 1), weight: 100)
        var entry = RoutingEntry(member: member, nowUnixMilliseconds: 0)
        entry.gtid = gtid
        entry.gtidAskedAtMilliseconds = askedAt
        entry.flavor = flavor
        entry.acceptsReads = true
        entry.sharesPositions = sharesPositions
        return entry
    }
    return RoutingTable(
        cluster: "c", version: 1, epoch: epoch, gate: .open(epoch: epoch, primary: NodeID(index: 0)), entries: entries,
        publishedUnixMilliseconds: 0)
}

private let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
private let other = "4e11fa47-71ca-11e1-9e33-c80aa9429562"

@Suite struct KnownPositionsTests {
    @Test func `who is known to have everything covers it, and who is unknown does not`() throws {
        var known = KnownPositions()
        known.adopt(table(["0-1-10", "0-1-9", "0-1-10", ""]))
        let need = CausalNeed(own: try position("0-1-10"))
        #expect(known.covering(need, among: 0b1110) == 0b0100)
        #expect(known.covering(CausalNeed(), among: 0b1110) == 0b1110)
        let both = CausalNeed(own: try position("0-1-9"), newest: try position("0-1-10"))
        #expect(known.covering(both, among: 0b1110) == 0b0100)
        let awaited = CausalNeed(awaited: try position("1-1-1"))
        #expect(known.covering(awaited, among: 0b1110) == 0)
    }

    @Test func `where nodes number for themselves none is waited for`() {
        var known = KnownPositions()
        known.adopt(table(["", ""], sharesPositions: false))
        #expect(known.expected(1, ageMilliseconds: 0, nowMilliseconds: 1) == .infinity)
        known.adopt(table(["", ""]))
        #expect(known.expected(1, ageMilliseconds: 0, nowMilliseconds: 1) == 0)
    }

    @Test func `a wait that ended well is known until a later probe says less`() throws {
        var known = KnownPositions()
        known.adopt(table(["0-1-10", "0-1-5"], askedAt: 100))
        let need = CausalNeed(own: try position("0-1-8"))
        #expect(known.covering(need, among: 0b10) == 0)
        known.arrived(1, at: try position("0-1-8"), ageMilliseconds: 0, waited: 5, nowMilliseconds: 200)
        #expect(known.covering(need, among: 0b10) == 0b10)
        // This probe was on its way already.
        known.adopt(table(["0-1-10", "0-1-6"], askedAt: 150))
        #expect(known.covering(need, among: 0b10) == 0b10)
        known.adopt(table(["0-1-10", "0-1-6"], askedAt: 300))
        #expect(known.covering(need, among: 0b10) == 0)
    }

    @Test func `a node whose position is unknown again is not believed what a wait showed`() throws {
        var known = KnownPositions()
        known.adopt(table(["0-1-10", "0-1-5"], askedAt: 100))
        known.arrived(1, at: try position("0-1-8"), ageMilliseconds: 0, waited: 5, nowMilliseconds: 200)
        known.adopt(table(["0-1-10", ""]))
        #expect(known.covering(CausalNeed(own: try position("0-1-8")), among: 0b10) == 0)
    }

    @Test func `a commit of one domain covers all before it only where there is no other domain`() throws {
        var known = KnownPositions()
        #expect(!known.completed(try position("0-1-9"), isSightOpen: true).coversAll)
        known.adopt(table(["0-1-8"]))
        #expect(known.completed(try position("0-1-9"), isSightOpen: true).coversAll)
        #expect(!known.completed(try position("1-1-1"), isSightOpen: true).coversAll)
        known.adopt(table(["0-1-8,1-1-1"]))
        #expect(!known.completed(try position("0-1-9"), isSightOpen: true).coversAll)
    }

    @Test func `MySQL's commit is completed by what came before it, but for known gaps`() throws {
        var known = KnownPositions()
        known.adopt(table(["\(uuid):1-5:7-10,\(other):1-3"], flavor: .mySQL))
        let own = known.completed(try position("\(uuid):14", .mySQL), isSightOpen: false)
        #expect(own.position == (try position("\(uuid):1-5:7-14", .mySQL)) && own.coversAll)
        let all = known.completed(try position("\(uuid):14", .mySQL), isSightOpen: true)
        #expect(all.position == (try position("\(uuid):1-5:7-14,\(other):1-3", .mySQL)))
    }
}

@Suite struct NewestPositionTests {
    @Test func `the newest of all lanes counts`() throws {
        let newest = NewestPosition()
        let before = newest.version
        newest.note(try position("0-1-5"), epoch: 1)
        newest.note(try position("0-1-4"), epoch: 1)
        #expect(newest.current.position == (try position("0-1-5")))
        #expect(newest.version == before + 1)
    }

    @Test func `a write without a position is unbounded until the primary was asked after it`() throws {
        let newest = NewestPosition()
        newest.noteUnknownWrite()
        let asked = newest.current.unknownWrites
        newest.noteUnknownWrite()
        newest.primaryTold(try position("0-1-5"), covering: asked, epoch: 0)
        #expect(newest.current.isUnbounded)
        newest.primaryTold(try position("0-1-6"), covering: newest.current.unknownWrites, epoch: 0)
        #expect(!newest.current.isUnbounded)
    }

    @Test func `while another process writes too, only what the primary told for the read covers it`() throws {
        let newest = NewestPosition()
        newest.adopt(primary: try position("0-1-5"), epoch: 1)
        #expect(!newest.current.isUnbounded(isTold: false))
        newest.setShared(true)
        #expect(newest.current.isUnbounded(isTold: false) && !newest.current.isUnbounded(isTold: true))
        newest.noteUnknownWrite()
        #expect(newest.current.isUnbounded(isTold: true))
        newest.primaryTold(try position("0-1-6"), covering: newest.current.unknownWrites, epoch: 1)
        #expect(newest.current.isUnbounded(isTold: false) && !newest.current.isUnbounded(isTold: true))
        // What the other one did last is asked for once more.
        newest.setShared(false)
        #expect(newest.current.isUnbounded(isTold: true))
        newest.primaryTold(try position("0-1-7"), covering: newest.current.unknownWrites, epoch: 1)
        #expect(!newest.current.isUnbounded(isTold: false))
        let before = newest.version
        newest.setShared(false)
        #expect(newest.version == before)
    }

    @Test func `what a failover lost is forgotten, and the primary is asked what is left`() throws {
        let newest = NewestPosition()
        newest.adopt(primary: try position("0-1-5"), epoch: 1)
        newest.note(try position("0-1-9"), epoch: 1)
        newest.adopt(primary: try position("0-1-7"), epoch: 2)
        #expect(newest.current.position == (try position("0-1-7")) && newest.current.isUnbounded)
        // An answer of the former primary that comes late.
        newest.note(try position("0-1-10"), epoch: 1)
        #expect(newest.current.position == (try position("0-1-7")))
    }

    @Test func `what the new primary has is kept`() throws {
        let newest = NewestPosition()
        newest.note(try position("0-1-9"), epoch: 0)
        newest.adopt(primary: try position("0-1-9"), epoch: 1)
        #expect(newest.current.position == (try position("0-1-9")) && !newest.current.isUnbounded)
    }
}

@Suite struct PositionInquiryTests {
    private func text(_ inquiry: PositionInquiry, _ flavor: PositionFlavor, _ timeout: UInt64) -> String {
        String(decoding: inquiry.text(flavor: flavor, timeoutMilliseconds: timeout), as: UTF8.self)
    }

    @Test func `a wait names all domains and its time, which is never 0`() throws {
        let wait = PositionInquiry.wait(try position("0-1-5,3-2-7"), index: 1)
        #expect(text(wait, .mariaDB, 50) == "SELECT MASTER_GTID_WAIT('0-1-5,3-2-7', 0.050) LIMIT 1")
        #expect(text(wait, .mariaDB, 12_007) == "SELECT MASTER_GTID_WAIT('0-1-5,3-2-7', 12.007) LIMIT 1")
        let set = PositionInquiry.wait(try position("\(uuid):1-5", .mySQL), index: 1)
        #expect(text(set, .mySQL, 0) == "SELECT WAIT_FOR_EXECUTED_GTID_SET('\(uuid):1-5', 0.001) LIMIT 1")
    }

    @Test(
        arguments: [
            ("0-1-5,0-1-7", "0-1-7"), (",0-1-7", "0-1-7"), ("0-1-7,", "0-1-7"), (",", nil), ("", nil), ("x,0-1-7", nil),
        ] as [(String, String?)])
    func `the primary's answer is one position or none`(answer: String, expected: String?) throws {
        let read = PositionInquiry.position(Array(answer.utf8), flavor: .mariaDB)
        #expect(read?.description == expected)
    }

    @Test func `only 0 means that the replica is there`() {
        #expect(PositionInquiry.isThere(Array("0".utf8)))
        for answer in ["1", "-1", "", "00"] { #expect(!PositionInquiry.isThere(Array(answer.utf8))) }
        #expect(!PositionInquiry.isThere(nil))
    }
}
