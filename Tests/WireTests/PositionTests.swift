// Replication positions of both flavors.

import Testing
import Wire

@Suite struct MariaDBPositionTests {
    @Test func `a position is read and printed`() throws {
        #expect(try MariaDBPosition.parse("1-2-7,0-1-100").description == "0-1-100,1-2-7")
        #expect(try MariaDBPosition.parse(" 0-1-100 ,\n1-2-7 ").description == "0-1-100,1-2-7")
        #expect(try MariaDBPosition.parse("").isEmpty)
        #expect(try MariaDBPosition.parse("0-1-18446744073709551615").event(inDomain: 0)?.sequence == .max)
    }

    @Test func `of one domain the latest event counts`() throws {
        #expect(try MariaDBPosition.parse("0-1-5,0-2-9,0-3-7").description == "0-2-9")
    }

    @Test func `all events of a list are read, of each server and domain`() throws {
        let events = try Array("0-1-5,0-2-9, 1-1-3".utf8).withUnsafeBytes { try MariaDBPosition.parseEvents($0) }
        #expect(
            events == [
                .init(domain: 0, server: 1, sequence: 5), .init(domain: 0, server: 2, sequence: 9),
                .init(domain: 1, server: 1, sequence: 3),
            ])
    }

    @Test func `a position covers another domain by domain`() throws {
        let position = try MariaDBPosition.parse("0-1-100,1-2-7")
        #expect(position.covers(try .parse("0-3-100")))
        #expect(position.covers(try .parse("")))
        #expect(!position.covers(try .parse("0-1-101")))
        #expect(!position.covers(try .parse("0-1-1,2-1-1")))
        #expect(!MariaDBPosition().covers(position))
    }

    @Test func `merging takes the later event of each domain`() throws {
        var position = try MariaDBPosition.parse("0-1-100,2-1-5")
        position.merge(try .parse("0-2-99,1-1-1,2-9-6"))
        #expect(position.description == "0-1-100,1-1-1,2-9-6")
    }

    @Test(arguments: ["0", "0-1", "0-1-", "0-1-2,", "a-1-2", "0-1-2 3", "4294967296-1-2", "0-1-18446744073709551616"])
    func `what is no position is refused`(_ text: String) {
        #expect(throws: WireError.malformedPosition) { try MariaDBPosition.parse(text) }
    }
}

@Suite struct MySQLGTIDSetTests {
    private static let one = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
    private static let two = "4e11fa47-71ca-11e1-9e33-c80aa9429562"

    @Test(arguments: [
        ("\(one):1-5", "\(one):1-5"), ("\(one):7", "\(one):7"), ("", ""), (",\n", ""),
        ("\(two):1,\n\(one):3-4", "\(one):3-4,\(two):1"),
        ("\(one):4-6:1-3:9", "\(one):1-6:9"), ("\(one):1-5,\(one):3-8", "\(one):1-8"),
        ("\(one):1-5:tag:1-3:b_2:7", "\(one):1-5:b_2:7:tag:1-3"), ("\(one):Tag:1", "\(one):tag:1"),
        ("\(one.uppercased()):1", "\(one):1"), ("\(one):tag:1,\(one):5", "\(one):5:tag:1"),
    ])
    func `a set is read and printed`(_ text: String, _ printed: String) throws {
        let set = try MySQLGTIDSet.parse(text)
        #expect(set.description == printed)
        #expect(try MySQLGTIDSet.parse(set.description) == set)
    }

    @Test func `a set contains what lies within its intervals`() throws {
        let set = try MySQLGTIDSet.parse("\(Self.one):1-5:10-20:tag:1-3")
        for part in ["\(Self.one):1-5", "\(Self.one):3:12-15:20", "\(Self.one):tag:2", ""] {
            #expect(set.contains(try .parse(part)), "\(part)")
        }
        for part in ["\(Self.one):6", "\(Self.one):5-10", "\(Self.two):1", "\(Self.one):tag:4", "\(Self.one):other:1"] {
            #expect(!set.contains(try .parse(part)), "\(part)")
        }
    }

    @Test func `what is known is continued up to a later number, with its gaps`() throws {
        let known = try MySQLGTIDSet.parse("\(Self.one):1-3:5,\(Self.two):1-9")
        let later = try MySQLGTIDSet.parse("\(Self.one):8")
        #expect(try known.continued(by: later) == .parse("\(Self.one):1-3:5-8"))
        #expect(try MySQLGTIDSet().continued(by: later) == .parse("\(Self.one):1-8"))
        #expect(try known.continued(by: .parse("\(Self.one):4")) == .parse("\(Self.one):1-5"))
        #expect(known.sourceCount == 2)
    }

    @Test func `the numbers of a set are told by source, and which one it is when there is one only`() throws {
        let set = try MySQLGTIDSet.parse("\(Self.one):1-3:7,\(Self.one):tag:2")
        let ranges = set.ranges.sorted { $0.source < $1.source }
        #expect(ranges.map(\.numbers) == [[1...3, 7...7], [2...2]])
        #expect(ranges[0].source.isSameServer(as: ranges[1].source) && ranges[0].source != ranges[1].source)
        #expect(set.onlyTransaction == nil)
        for several in ["", "\(Self.one):1-2", "\(Self.one):1:3", "\(Self.one):1,\(Self.two):1"] {
            #expect(try MySQLGTIDSet.parse(several).onlyTransaction == nil, "\(several)")
        }
        let only = try #require(try MySQLGTIDSet.parse("\(Self.two):9").onlyTransaction)
        #expect(only.number == 9 && !only.source.isSameServer(as: ranges[0].source))
    }

    @Test func `a union has both and joins what touches`() throws {
        let set = try MySQLGTIDSet.parse("\(Self.one):1-5").union(.parse("\(Self.one):6-9,\(Self.two):1"))
        #expect(set.description == "\(Self.one):1-9,\(Self.two):1")
        #expect(set.count == 10)
    }

    @Test(arguments: [
        "x", one, "\(one):", "\(one):0", "\(one):5-3", "\(one):1-", "\(one):tag", "\(one):tag:tag:1", "\(one):1 2",
        "\(one):9223372036854775807", "3e11fa4771ca-11e1-9e33-c80aa94295-62:1", "\(one):1-5:tag",
        "\(one):a234567890123456789012345678901234:1",
    ])
    func `what is no set is refused`(_ text: String) {
        #expect(throws: WireError.malformedPosition) { try MySQLGTIDSet.parse(text) }
    }
}

@Suite struct PositionTests {
    @Test func `flavors never cover each other`() throws {
        let maria = try Position.parse("0-1-5", flavor: .mariaDB)
        let mySQL = try Position.parse("", flavor: .mySQL)
        #expect(maria.covers(maria))
        #expect(!maria.covers(mySQL))
        #expect(!mySQL.covers(maria))
        var merged = maria
        merged.merge(mySQL)
        #expect(merged == maria)
        merged.merge(try Position.parse("0-1-9", flavor: .mariaDB))
        #expect(merged.description == "0-1-9")
    }
}
