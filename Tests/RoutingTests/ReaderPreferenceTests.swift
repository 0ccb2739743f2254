// Zones and health narrow a set of readers, in this order, and never to nothing.
import Testing

@testable import Routing
@testable import Topology

@Suite struct ReaderPreferenceTests {
    private let now: UInt64 = 100_000

    /// A table whose entries are readers in these zones.
    private func table(_ zones: [String?]) -> RoutingTable {
        let entries = zones.enumerated().map { index, zone -> RoutingEntry in
            let member = ClusterMember(
                id: NodeID(index: index), name: "n\(index)", address: .tcp(host: "n\(index)", port: 3306), zone: zone)
            var entry = RoutingEntry(member: member, nowUnixMilliseconds: 0)
            entry.acceptsReads = true
            return entry
        }
        return RoutingTable(
            cluster: "c", version: 1, epoch: 1, gate: .closed(reason: "test", sinceUnixMilliseconds: 0),
            entries: entries, publishedUnixMilliseconds: 0)
    }

    private func preference(
        _ table: RoutingTable, zone: String? = nil, order: [String] = []
    ) -> ReaderPreference {
        var preference = ReaderPreference(zone: zone, order: order)
        preference.adopt(table, nowMilliseconds: now)
        return preference
    }

    private func openCircuit(_ table: RoutingTable, _ index: Int) {
        for _ in 0..<HealthLimits.connectFailuresInARow {
            table.entries[index].load.connectFailed(nowMilliseconds: now)
        }
    }

    @Test(
        arguments: [
            // The own zone's, whoever else fits.
            (0b11111, 0b00011), (0b11101, 0b00001),
            // Then the zones in their order, one after the other.
            (0b11100, 0b00100), (0b11000, 0b01000),
            // Then any.
            (0b10000, 0b10000), (0, 0),
        ] as [(UInt64, UInt64)])
    func `reads stay in the nearest zone in which a reader fits`(_ candidates: UInt64, _ expected: UInt64) {
        let preference = preference(table(["a", "a", "b", "c", nil]), zone: "a", order: ["b", "c"])
        var random = LaneRandom(seed: 1)
        #expect(preference.preferred(candidates, random: &random) == expected)
        #expect(preference.preferred(candidates) == expected)
    }

    @Test func `zones that are not named, and nodes without one, are alike`() {
        let preference = preference(table(["a", "x", nil, "y"]), zone: "a")
        #expect(preference.preferred(0b1110) == 0b1110)
    }

    @Test func `a proxy without a zone narrows nothing, and one with an order only goes by that`() {
        let zones = table(["a", "b", nil])
        #expect(preference(zones).preferred(0b111) == 0b111)
        #expect(preference(zones, order: ["b"]).preferred(0b111) == 0b010)
    }

    @Test func `a zone in which there is no node changes nothing`() {
        let zones = table(["a", "b", nil])
        #expect(preference(zones, zone: "z").preferred(0b111) == 0b111)
        #expect(preference(zones, zone: "z", order: ["y", "b"]).preferred(0b111) == 0b010)
    }

    @Test func `a newer table may have nodes in other zones`() {
        var preference = preference(table(["a", "b"]), zone: "a")
        #expect(preference.preferred(0b11) == 0b01)
        preference.adopt(table(["b", "a"]), nowMilliseconds: now)
        #expect(preference.preferred(0b11) == 0b10)
    }

    @Test func `an ejected reader is left out, also when that leads to a further zone`() {
        let zones = table(["a", "a", "b"])
        zones.entries[0].load.health.eject(untilMilliseconds: now + 1_000)
        #expect(preference(zones, zone: "a").preferred(0b111) == 0b010)
        #expect(preference(zones, zone: "a").preferred(0b101) == 0b100)
        #expect(preference(zones, zone: "a").shuns(0) && !preference(zones, zone: "a").shuns(1))
    }

    @Test func `a reader that no connection can be made to is left out until one is made`() {
        let zones = table(["a", "b"])
        openCircuit(zones, 0)
        var preference = preference(zones, zone: "a")
        #expect(preference.preferred(0b11) == 0b10)
        zones.entries[0].load.loginAnswered()
        preference.look(at: zones, nowMilliseconds: now)
        #expect(preference.preferred(0b11) == 0b01)
    }

    @Test func `where nobody else fits, those that are left out serve, the near ones first`() {
        let zones = table(["a", "b"])
        openCircuit(zones, 0)
        zones.entries[1].load.health.eject(untilMilliseconds: now + 1_000)
        #expect(preference(zones, zone: "b").preferred(0b11) == 0b10)
        #expect(preference(zones, zone: "b").preferred(0b01) == 0b01)
    }

    @Test func `a reader comes back gradually, and by itself`() {
        let zones = table([nil, nil])
        zones.entries[0].load.health.eject(untilMilliseconds: now)
        var preference = preference(zones)
        var random = LaneRandom(seed: 3)
        var shares: [Int] = []
        for elapsed in [0, HealthLimits.returnMilliseconds / 2, HealthLimits.returnMilliseconds] {
            preference.look(at: zones, nowMilliseconds: now + elapsed)
            shares.append((0..<1_000).count { _ in preference.preferred(0b11, random: &random) & 1 != 0 })
        }
        #expect((50...200).contains(shares[0]) && (400...600).contains(shares[1]) && shares[2] == 1_000, "\(shares)")
    }

    @Test func `a returning reader shares with a further zone, and serves whatever has no other place`() {
        let zones = table(["a", "b"])
        zones.entries[0].load.health.eject(untilMilliseconds: now)
        let preference = preference(zones, zone: "a")
        var random = LaneRandom(seed: 5)
        let served = (0..<1_000).map { _ in preference.preferred(0b11, random: &random) }
        #expect(Set(served) == [0b01, 0b10])
        #expect(served.count { $0 == 0b01 } < 200)
        #expect((0..<100).allSatisfy { _ in preference.preferred(0b01, random: &random) == 0b01 })
    }

    @Test func `whatever is known, the preferred ones are candidates, and some if there are any`() {
        let zones = table((0..<64).map { ["a", "b", "c", nil][$0 % 4] })
        var random = LaneRandom(seed: 11)
        for index in 0..<64 where random.next(below: 3) == 0 {
            zones.entries[index].load.health.eject(
                untilMilliseconds: now - 5_000 + UInt64(random.next(below: 10_000)))
        }
        let preference = preference(zones, zone: "b", order: ["c"])
        for _ in 0..<2_000 {
            var candidates: UInt64 = 0
            for _ in 0..<random.next(below: 6) { candidates |= 1 << UInt64(random.next(below: 64)) }
            let preferred = preference.preferred(candidates, random: &random)
            #expect(preferred & ~candidates == 0)
            #expect((preferred == 0) == (candidates == 0))
        }
    }
}
