// The routing decision and the choice of a replica, alone and behind the classifier.

import Benchmark
import Routing
import SQL
import Topology

/// A primary and three replicas, all of them fit.
private func makeTable() -> RoutingTable {
    let entries = (0..<4).map { index in
        let member = ClusterMember(
            id: NodeID(index: index), name: "node-\(index)",
            address: .tcp(host: "127.0.0.1", port: UInt16(3306 + index)))
        var entry = RoutingEntry(member: member, nowUnixMilliseconds: 0)
        entry.role = index == 0 ? .primary : .replica
        entry.state = .online
        entry.acceptsReads = true
        entry.acceptsWrites = index == 0
        entry.load.began()
        entry.load.finished(latencyNanoseconds: UInt64(80_000 + index * 10_000))
        return entry
    }
    return RoutingTable(
        cluster: "main", version: 1, epoch: 1, gate: .open(epoch: 1, primary: NodeID(index: 0)), entries: entries,
        publishedUnixMilliseconds: 0)
}

func registerRoutingBenchmarks() {
    let mode = SQLMode()
    let table = makeTable()
    let replicas: UInt64 = 0b1110
    let session = RoutingContext()
    let pointSelect = Statement.pointSelect.bytes
    let traits = Classifier.classify(pointSelect, mode: mode)
    var random = LaneRandom(seed: 1)

    measure("Decide a route") {
        blackHole(Router.decide(traits, session).reason.rawValue)
    }
    measure("Choose one of three replicas") {
        blackHole(Balancer.choose(table, candidates: replicas, attached: 0b0010, random: &random))
    }
    // The budget: at most 1 µs and no allocation.
    measure("Classify, decide and choose for a 100-byte point select") {
        let traits = Classifier.classify(pointSelect, mode: mode)
        let decision = Router.decide(traits, session)
        if decision.target == .reader {
            blackHole(Balancer.choose(table, candidates: replicas, attached: 0b0010, random: &random))
        }
    }
}
