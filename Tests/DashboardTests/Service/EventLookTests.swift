// What those who follow the events are told, and that they are told it once.

import Foundation
import Synchronization
import Testing
import Topology

@testable import Admin
@testable import Dashboard

@Suite struct EventLookTests {
    /// A history that grows.
    private final class History: Sendable {
        private let kept = Mutex<[RoutingEvent]>([])
        var all: [RoutingEvent] { kept.withLock { $0 } }
        func set(_ events: [RoutingEvent]) { kept.withLock { $0 = events } }
    }

    private func look(_ service: DashboardService, after told: [String: RoutingEvent]?) throws -> EventLook {
        let awaited = Awaited<EventLook>()
        #expect(service.readEvents(after: told) { awaited.set($0) })
        return try awaited.wait()
    }

    private func kinds(_ look: EventLook) throws -> [String] {
        try look.events.map { text in
            let object = try JSONSerialization.jsonObject(with: Data(text.bytes)) as? [String: Any]
            return object?["kind"] as? String ?? ""
        }
    }

    @Test func `only what happened since the last look is news`() throws {
        let history = History()
        let cluster = DashboardScene.cluster(history: { history.all })
        let service = try DashboardScene.service(DashboardScene.source(cluster))
        history.set([DashboardScene.event(1, "a"), DashboardScene.event(2, "b")])
        let first = try look(service, after: nil)
        #expect(try kinds(first) == [])
        #expect(try kinds(try look(service, after: first.newest)) == [])
        history.set([DashboardScene.event(2, "b"), DashboardScene.event(3, "c"), DashboardScene.event(3, "d")])
        let second = try look(service, after: first.newest)
        #expect(try kinds(second) == ["c", "d"])
        // What was told last is gone: so much happened that all of it is new.
        history.set([DashboardScene.event(9, "e")])
        #expect(try kinds(try look(service, after: second.newest)) == ["e"])
    }

    @Test func `the first event of a cluster is news too`() throws {
        let history = History()
        let service = try DashboardScene.service(
            DashboardScene.source(DashboardScene.cluster(history: { history.all })))
        let first = try look(service, after: nil)
        history.set([DashboardScene.event(1, "a")])
        #expect(try kinds(try look(service, after: first.newest)) == ["a"])
    }

    @Test func `a tick has the main figures, and where traffic goes`() throws {
        let table = DashboardScene.table()
        table.entries[1].load.finished(latencyNanoseconds: 100_000)
        let service = try DashboardScene.service(DashboardScene.source(DashboardScene.cluster(table)))
        let tick = try look(service, after: nil).tick
        let object = try #require(try JSONSerialization.jsonObject(with: Data(tick.bytes)) as? [String: Any])
        #expect((object["routing_table"] as? [[String: Any]])?.count == 2)
        #expect((object["clusters"] as? [[String: Any]])?.first?["primary_node"] as? String == "db1")
        let figures = try #require(object["figures"] as? [[String: Any]])
        let names = Set(figures.compactMap { $0["name"] as? String })
        #expect(names.isSuperset(of: ["clients", "statements_total", "reads_total", "gate_open", "epoch"]))
        #expect(!names.contains("build_info"))
        let latencies = figures.filter {
            $0["name"] as? String == "statement_latency_microseconds"
                && ($0["labels"] as? [String: String])?["node"] == "db2"
                && ($0["labels"] as? [String: String])?["kind"] == "read"
        }
        #expect(latencies.count == 1 && latencies[0]["count"] as? Int == 1)
        #expect((latencies[0]["buckets"] as? [[Int]])?[0] == [64, 0])
        #expect((latencies[0]["buckets"] as? [[Int]])?[1] == [128, 1])
        // One line each: an event ends with an empty one.
        #expect(!tick.bytes.contains(UInt8(ascii: "\n")))
    }
}
