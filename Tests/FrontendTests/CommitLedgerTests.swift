// What became of commits whose answers were lost: on which evidence, and when nobody knows.
import Testing
import Topology
import Wire

@testable import Frontend

private let old = NodeID(index: 0)
private let new = NodeID(index: 1)
private let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
private let newUUID = "4e11fa47-71ca-11e1-9e33-c80aa9429562"
private let third = "5e11fa47-71ca-11e1-9e33-c80aa9429562"

private func position(_ text: String, _ flavor: PositionFlavor = .mariaDB) throws -> Position {
    try Position.parse(text, flavor: flavor)
}

/// The ledger of a reign that began at `base`; server 1 of node 0.
private func makeLedger(_ base: String?, _ flavor: PositionFlavor = .mariaDB) throws -> CommitLedger {
    CommitLedger(
        epoch: 3, node: old, name: "old", serverID: 1, base: try base.map { try position($0, flavor) })
}

/// One whose reign began behind number 10, with commits acknowledged by these numbers.
private func makeLedger(acknowledged numbers: [UInt64]) throws -> CommitLedger {
    var ledger = try makeLedger("0-2-10")
    for number in numbers { ledger.acknowledge(try position("0-1-\(number)")) }
    return ledger
}

/// What node 1, of server 2, answers that logs what it replicates.
private func makeArrival(
    state: String, slave: String = "", running: String = "0", server: UInt32 = 2, logs: String = "ON",
    strict: String = "ON", epoch: UInt64 = 4
) throws -> Arrival {
    let text = "\(server)|ON|\(logs)|\(strict)|\(running)|\(state)|\(slave)"
    return try #require(Arrival(Array(text.utf8), .mariaDB, node: "new", epoch: epoch))
}

private func makeArrival(executed: String, server: String = newUUID, id: UInt32 = 2) throws -> Arrival {
    try #require(Arrival(Array("\(id)|\(server)|\(executed)".utf8), .mySQL, node: "new", epoch: 4))
}

extension CommitLedger {
    /// A commit that is sent now and whose answer is lost.
    fileprivate mutating func lose(takesOneNumber: Bool = true) -> Doubt {
        let doubt = Doubt(behind: takenUpTo, takesOneNumber: takesOneNumber)
        add(doubt)
        return doubt
    }

    fileprivate func verdict(_ doubt: Doubt, _ arrival: Arrival, inFlight: Int = 0) -> Finding.Verdict {
        let finding = verdict(on: doubt, by: arrival, from: new, inFlight: inFlight)
        #expect(!finding.evidence.isEmpty)
        return finding.verdict
    }
}

@Suite struct CommitLedgerTests {
    /// Enough for a proxy to take itself for the only writer.
    private let many = Array<UInt64>(11...50)

    // MARK: It is not there

    @Test func `a commit of which nothing arrived is not there`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        for state in ["0-1-50", "0-1-49", "0-1-10", "0-1-50,0-2-60", "0-9-30,0-1-50", "0-2-10,0-1-50"] {
            #expect(ledger.verdict(doubt, try makeArrival(state: state)) == .notCommitted, "\(state)")
        }
    }

    @Test func `nothing beyond what was taken when it was sent: it is not there, whoever else writes`() throws {
        // 31 is another proxy's.
        var ledger = try makeLedger(acknowledged: many.filter { $0 != 31 })
        ledger.becomeIncomplete()
        let doubt = ledger.lose()
        #expect(doubt.behind == 50)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50")) == .notCommitted)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-51")) == .unknown)
    }

    @Test func `what the primary told by itself was taken, too`() throws {
        var ledger = try makeLedger(acknowledged: many)
        ledger.observe(try position("0-1-55"))
        let doubt = ledger.lose()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-55")) == .notCommitted)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-56")) == .unknown)
    }

    @Test func `a hole that nobody was told of may be the commit, although later ones were acknowledged`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        ledger.acknowledge(try position("0-1-52"))
        ledger.becomeIncomplete()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-52")) == .unknown)
        ledger.acknowledge(try position("0-1-51"))
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-52")) == .notCommitted)
    }

    // MARK: It is there

    @Test func `as many as are in doubt arrived, and nobody else writes: they are there`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubts = [ledger.lose(), ledger.lose()]
        for doubt in doubts {
            #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-52")) == .committed)
            #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-51")) == .unknown, "one of the two")
            #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-53")) == .unknown, "somebody else's")
            #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50")) == .notCommitted)
        }
    }

    @Test func `one that was sent later than the last that arrived does not count`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let first = ledger.lose()
        ledger.acknowledge(try position("0-1-52"))
        let second = ledger.lose()
        #expect(ledger.verdict(first, try makeArrival(state: "0-1-52")) == .committed)
        #expect(ledger.verdict(second, try makeArrival(state: "0-1-52")) == .notCommitted)
    }

    @Test func `what was written before the first commit of the reign is whoever's made it the primary`() throws {
        // 11 is nobody's.
        var ledger = try makeLedger(acknowledged: many.filter { $0 > 11 })
        let doubt = ledger.lose()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-51")) == .committed)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50")) == .notCommitted)
        // One that was sent before may be 11.
        var early = try makeLedger("0-2-10")
        let first = early.lose()
        for number in many where number > 11 { early.acknowledge(try position("0-1-\(number)")) }
        #expect(early.verdict(first, try makeArrival(state: "0-1-51")) == .unknown)
        #expect(early.verdict(first, try makeArrival(state: "0-1-50")) == .unknown)
        // And so it is with whatever is in doubt together with it.
        let second = early.lose()
        #expect(early.verdict(second, try makeArrival(state: "0-1-51")) == .unknown)
    }

    @Test func `others that were not answered yet may be what arrived`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-51"), inFlight: 1) == .notYet)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50"), inFlight: 1) == .notCommitted)
    }

    @Test func `another writer's earlier transaction is not taken for one in doubt`() throws {
        var ledger = try makeLedger(acknowledged: many.filter { $0 != 31 })
        let doubts = [ledger.lose(), ledger.lose()]
        // 31 and 51: as many as are in doubt.
        for doubt in doubts { #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-51")) == .unknown) }
    }

    @Test(arguments: ["incomplete", "several numbers", "a commit without a number", "another domain"])
    func `what arrived is nobody's when the ledger may miss something`(because: String) throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose(takesOneNumber: because != "several numbers")
        switch because {
        case "incomplete": ledger.becomeIncomplete()
        case "a commit without a number": ledger.acknowledge(try position("0-1-20,1-1-7"))
        case "another domain": ledger.acknowledge(try position("1-1-7"))
        default: break
        }
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-51")) == .unknown)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50")) == .notCommitted)
    }

    @Test func `what may be a part of what others were told of as a whole is not taken for one in doubt`() throws {
        // A procedure committed twice, and MariaDB told the second number.
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        ledger.acknowledge(try position("0-1-52"), severalBehind: 50)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-52")) == .unknown)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50")) == .notCommitted)
        // One that committed once leaves nothing open.
        var single = try makeLedger(acknowledged: many)
        single.acknowledge(try position("0-1-51"), severalBehind: 50)
        let next = single.lose()
        #expect(single.verdict(next, try makeArrival(state: "0-1-52")) == .committed)
    }

    @Test func `what the next primary but one has may be of the reign in between`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        for state in ["0-1-50,0-2-51", "0-1-51"] {
            let arrival = try makeArrival(state: state, server: 3, epoch: 5)
            #expect(ledger.verdict(doubt, arrival) == .unknown, "\(state)")
        }
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50", server: 3, epoch: 5)) == .notCommitted)
    }

    @Test func `what another server wrote, such as one between the two, is not the commit`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50,0-9-51")) == .unknown)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-9-10,0-1-51")) == .committed, "before the reign")
    }

    @Test func `a primary that others may have seen alone had others' writes, until it is proven again`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        ledger.becomeUnseen()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-51")) == .unknown)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50")) == .notCommitted)
        var healed = try makeLedger(acknowledged: many)
        healed.becomeUnseen()
        for number in 51...UInt64(50 + FrontendLimits.ledgerProof) {
            healed.acknowledge(try position("0-1-\(number)"))
        }
        let later = healed.lose()
        #expect(healed.verdict(later, try makeArrival(state: "0-1-\(later.behind + 1)")) == .committed)
    }

    @Test func `few commits do not show who else writes`() throws {
        var ledger = try makeLedger(acknowledged: [11, 12])
        let doubt = ledger.lose()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-13")) == .unknown)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-12")) == .notCommitted)
    }

    // MARK: Nobody knows

    @Test func `where it may still be done, nobody knows`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        let nothing = try makeArrival(state: "0-1-50")
        #expect(ledger.verdict(on: doubt, by: nothing, from: old, inFlight: 0).verdict == .unknown, "the same node")
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50,0-3-4", server: 1)) == .unknown, "the same server")
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50", running: "1")) == .unknown, "it still applies")
    }

    @Test func `a history that lacks what came before proves nothing`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        // RESET MASTER; its own writes; a replica that stopped long ago.
        for state in ["", "0-2-60", "0-1-9", "7-1-50"] {
            #expect(ledger.verdict(doubt, try makeArrival(state: state)) == .unknown, "\(state)")
        }
    }

    @Test func `a primary that was never seen to number a commit may not number them`() throws {
        for (base, arrival) in [
            (try makeLedger("0-2-10"), try makeArrival(state: "0-9-10")),
            (try makeLedger("\(uuid):1-9", .mySQL), try makeArrival(executed: "\(uuid):1-9")),
        ] {
            var ledger = base
            let doubt = ledger.lose()
            #expect(ledger.verdict(doubt, arrival) == .unknown)
        }
    }

    @Test func `numbers that begin anew prove nothing`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        // RESET MASTER, and others write.
        ledger.acknowledge(try position("0-1-5"))
        #expect(!ledger.hasBase)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-20")) == .unknown)
    }

    @Test func `a reign that began at no known position is judged by nobody`() throws {
        var ledger = try makeLedger(nil)
        ledger.acknowledge(try position("0-1-11"))
        let doubt = ledger.lose()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-11")) == .unknown)
    }

    @Test func `transactions of a domain that the reign did not begin with may be the commit`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50,8-1-1")) == .unknown)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50,8-2-1")) == .notCommitted, "its own")
    }

    @Test func `domains in which nobody writes any more do not matter`() throws {
        var ledger = try makeLedger("0-2-10,5-9-100")
        for number in many { ledger.acknowledge(try position("0-1-\(number)")) }
        let doubt = ledger.lose()
        #expect(doubt.behind == 50)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50,5-9-100")) == .notCommitted)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-51,5-9-100")) == .committed)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50,5-9-101")) == .unknown)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-50")) == .unknown)
    }

    @Test func `very many holes are not kept, and what was taken when it was sent still counts`() throws {
        let holed = (0..<UInt64(FrontendLimits.ledgerRanges + 10)).map { 11 + 2 * $0 }
        var ledger = try makeLedger(acknowledged: holed)
        let doubt = ledger.lose()
        let last = try #require(holed.last)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-\(last)")) == .notCommitted)
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-\(last + 1)")) == .unknown)
    }

    @Test func `more in doubt than are kept make it unknown`() throws {
        var ledger = try makeLedger(acknowledged: many)
        let doubt = ledger.lose()
        for _ in 0..<FrontendLimits.ledgerDoubts { _ = ledger.lose() }
        let last = 50 + FrontendLimits.ledgerDoubts
        #expect(ledger.verdict(doubt, try makeArrival(state: "0-1-\(last)")) == .unknown)
    }

    // MARK: MySQL

    @Test func `sets of a source are judged alike`() throws {
        var ledger = try makeLedger("\(third):1-7", .mySQL)
        for number in 1...40 { ledger.acknowledge(try position("\(uuid):\(number)", .mySQL)) }
        let doubt = ledger.lose()
        #expect(doubt.behind == 40)
        let cases: [(String, CommitLedger.Finding.Verdict)] = [
            ("\(third):1-7,\(uuid):1-40", .notCommitted), ("\(third):1-7,\(uuid):1-41", .committed),
            ("\(third):1-7,\(uuid):1-42", .unknown), ("\(third):1-7,\(uuid):1-40,\(newUUID):1-9", .notCommitted),
            ("\(third):1-7,\(uuid):1-40:tag:1", .unknown), ("\(third):1-8,\(uuid):1-40", .unknown),
            ("\(uuid):1-40", .unknown), ("", .unknown), ("\(third):1-7", .notCommitted),
        ]
        for (executed, verdict) in cases {
            #expect(ledger.verdict(doubt, try makeArrival(executed: executed)) == verdict, "\(executed)")
        }
    }

    @Test func `the same server under another name may do it yet`() throws {
        var ledger = try makeLedger("\(uuid):1-5", .mySQL)
        ledger.acknowledge(try position("\(uuid):6", .mySQL))
        let doubt = ledger.lose()
        #expect(ledger.verdict(doubt, try makeArrival(executed: "\(uuid):1-6", server: uuid, id: 1)) == .unknown)
    }

    @Test func `a number that was given back on MySQL may be the next one's`() throws {
        var ledger = try makeLedger("\(uuid):1-5:7-9", .mySQL)
        ledger.acknowledge(try position("\(uuid):10", .mySQL))
        let doubt = ledger.lose()
        #expect(doubt.behind == 5)
        #expect(ledger.verdict(doubt, try makeArrival(executed: "\(uuid):1-10")) == .unknown)
        #expect(ledger.verdict(doubt, try makeArrival(executed: "\(uuid):1-5:7-10")) == .notCommitted)
    }
}

@Suite struct ArrivalTests {
    @Test func `every event but the server's own counts, and of each domain the last`() throws {
        let arrival = try makeArrival(state: "0-1-50,0-3-12,0-2-60,1-3-4", slave: "0-1-48")
        #expect(arrival.foreign == [.domain(0): NumberSet([0...50]), .domain(1): NumberSet([0...4])])
        #expect(arrival.history == arrival.foreign && arrival.gap == nil && arrival.serverID == 2)
    }

    @Test func `a server that does not log what it replicates knows its last position only`() throws {
        let arrival = try makeArrival(state: "0-1-10", slave: "0-1-50", logs: "OFF")
        #expect(arrival.history == [.domain(0): NumberSet([0...50])] && arrival.gap == nil)
        let wiped = try makeArrival(state: "0-1-10", logs: "OFF")
        #expect(wiped.history.isEmpty && !wiped.foreign.isEmpty, "its log is older than the setting may be")
        let loose = try makeArrival(state: "", slave: "0-1-50", logs: "0", strict: "0")
        #expect(loose.gap?.contains("gtid_strict_mode") == true)
    }

    @Test(arguments: ["", "2", "x|ON|ON|ON|0|0-1-5|", "2|ON|ON|ON|0|0-1|", "2|ON|ON|ON|0|0-1-5", "0|ON|ON|ON|0||"])
    func `what is no answer is none`(text: String) {
        #expect(Arrival(Array(text.utf8), .mariaDB, node: "n", epoch: 1) == nil)
        #expect(Arrival(Array(text.utf8), .mySQL, node: "n", epoch: 1) == nil)
        #expect(Arrival(nil, .mariaDB, node: "n", epoch: 1) == nil)
    }
}

@Suite struct CommitLedgersTests {
    private func entry(_ index: Int, _ gtid: String, logged: String = "") -> RoutingEntry {
        let member = ClusterMember(
            id: NodeID(index: index), name: "n\(index)", address: .tcp(host: "127.0.0.1", port: 1), weight: 100)
        var entry = RoutingEntry(member: member, nowUnixMilliseconds: 0)
        entry.serverID = UInt32(index + 1)
        (entry.gtid, entry.gtidLogged, entry.flavor) = (gtid, logged, .mariaDB)
        return entry
    }

    @Test func `each reign has its own ledger, and its primary is asked once in each later reign`() throws {
        let ledgers = CommitLedgers()
        let taken = ledgers.adopt(entry(0, "0-1-10"), epoch: 1)
        #expect(taken.upTo == 10)
        ledgers.acknowledge(try position("0-1-11"), epoch: 1)
        #expect(taken.upTo == 11)
        let doubt = CommitLedger.Doubt(behind: taken.upTo, takesOneNumber: true)
        #expect(ledgers.add(doubt, epoch: 1))
        let next = ledgers.adopt(entry(1, "0-1-11"), epoch: 2)
        #expect(next !== taken && ledgers.adopt(entry(1, "0-2-12"), epoch: 2) === next)
        #expect(next.upTo == 12 && taken.upTo == 11)
        #expect(ledgers.finding(on: doubt, of: 1, in: 2, inFlight: 0) == nil)
        let text = Array("2|ON|ON|ON|0|0-1-11,0-2-12|".utf8)
        let arrival = try #require(Arrival(text, .mariaDB, node: "n1", epoch: 2))
        ledgers.arrived(arrival, at: NodeID(index: 1), of: 1)
        #expect(ledgers.finding(on: doubt, of: 1, in: 2, inFlight: 0)?.verdict == .notCommitted)
        #expect(ledgers.finding(on: doubt, of: 1, in: 3, inFlight: 0) == nil, "another primary by now")
    }

    @Test func `a promoted server knows where it began by its binary log alone`() throws {
        let ledgers = CommitLedgers()
        #expect(ledgers.adopt(entry(1, "", logged: "0-1-50"), epoch: 1).upTo == 50)
        #expect(ledgers.adopt(entry(0, "0-1-50", logged: "0-2-49"), epoch: 2).upTo == 50)
        #expect(ledgers.adopt(entry(1, ""), epoch: 3).upTo == 0)
    }

    @Test func `nothing is found out where the primary tells no position, or applies what others write`() throws {
        let ledgers = CommitLedgers()
        let doubt = CommitLedger.Doubt(behind: 0, takesOneNumber: true)
        #expect(!ledgers.add(doubt, epoch: 1), "no such reign")
        _ = ledgers.adopt(entry(0, ""), epoch: 1)
        #expect(!ledgers.add(doubt, epoch: 1))
        var member = entry(0, "0-1-10")
        member.appliesFromOthers = true
        #expect(ledgers.adopt(member, epoch: 2).upTo == 0)
        #expect(!ledgers.add(doubt, epoch: 2))
    }

    @Test func `what was sent in an earlier reign of the same node and ends now is of the present one, too`() throws {
        for isSameNode in [true, false] {
            let ledgers = CommitLedgers()
            _ = ledgers.adopt(entry(isSameNode ? 0 : 2, "0-1-10"), epoch: 1)
            let taken = ledgers.adopt(entry(0, "0-1-10"), epoch: 2)
            for number in 11...50 { ledgers.acknowledge(try position("0-1-\(number)"), epoch: 2) }
            let doubt = CommitLedger.Doubt(behind: taken.upTo, takesOneNumber: true)
            #expect(ledgers.add(doubt, epoch: 2))
            ledgers.acknowledge(try position("0-1-51"), epoch: 1)
            let text = Array("2|ON|ON|ON|0|0-1-51|".utf8)
            let arrival = try #require(Arrival(text, .mariaDB, node: "n1", epoch: 3))
            ledgers.arrived(arrival, at: NodeID(index: 1), of: 2)
            let verdict = ledgers.finding(on: doubt, of: 2, in: 3, inFlight: 0)?.verdict
            #expect(verdict == (isSameNode ? .unknown : .committed))
        }
    }

    @Test func `a node that cannot be seen may have other writers`() throws {
        let ledgers = CommitLedgers()
        let taken = ledgers.adopt(entry(0, "0-1-10"), epoch: 1)
        for number in 11...50 { ledgers.acknowledge(try position("0-1-\(number)"), epoch: 1) }
        let doubt = CommitLedger.Doubt(behind: taken.upTo, takesOneNumber: true)
        #expect(ledgers.add(doubt, epoch: 1))
        let text = Array("2|ON|ON|ON|0|0-1-51|".utf8)
        ledgers.arrived(
            try #require(Arrival(text, .mariaDB, node: "n1", epoch: 2)), at: NodeID(index: 1), of: 1)
        ledgers.becomeUnseen(NodeID(index: 1))
        #expect(ledgers.finding(on: doubt, of: 1, in: 2, inFlight: 0)?.verdict == .committed, "another node")
        ledgers.becomeUnseen(NodeID(index: 0))
        #expect(ledgers.finding(on: doubt, of: 1, in: 2, inFlight: 0)?.verdict == .unknown)
    }

    @Test func `of old reigns nobody knows anything any more`() throws {
        let ledgers = CommitLedgers()
        for epoch in 1...UInt64(FrontendLimits.ledgerReigns + 1) {
            _ = ledgers.adopt(entry(0, "0-1-10"), epoch: epoch)
        }
        let doubt = CommitLedger.Doubt(behind: 10, takesOneNumber: true)
        #expect(ledgers.finding(on: doubt, of: 1, in: 9, inFlight: 0)?.verdict == .unknown)
        // A lane that is late with its table begins no ledger of its own.
        #expect(ledgers.adopt(entry(0, "0-1-99"), epoch: 1).upTo == 0)
    }
}
