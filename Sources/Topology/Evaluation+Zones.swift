// The loss of a whole site is one event, whatever the number of its nodes.

extension Evaluation {
    /// Compares the zones of more than one node with what was known of them.
    mutating func judgeZones() {
        var zones: [String: [RoutingEntry]] = [:]
        for entry in entries where sameServerAs[entry.id.index] == nil {
            if let zone = entry.zone { zones[zone, default: []].append(entry) }
        }
        for zone in memory.zonesDown.keys.sorted() where zones[zone] == nil { memory.zonesDown[zone] = nil }
        for (zone, nodes) in zones.sorted(by: { $0.key < $1.key }) where nodes.count > 1 {
            let isDown = nodes.allSatisfy { $0.state == .down }
            if isDown && memory.zonesDown[zone] == nil {
                lost(zone, nodes)
            } else if !isDown, let alarm = memory.zonesDown.removeValue(forKey: zone) {
                let back = nodes.filter { $0.state != .down }.map(\.name)
                record(
                    RoutingEventKind.zoneUp, node: nil, from: "down", to: "\(back.count) of \(nodes.count)",
                    reason: "zone \(zone) answers again after \(max(0, now - alarm.sinceUnixMilliseconds)) ms: "
                        + back.joined(separator: ", "))
            }
        }
    }

    private mutating func lost(_ zone: String, _ nodes: [RoutingEntry]) {
        let reason = "no node of zone \(zone) answers: " + nodes.map(\.name).joined(separator: ", ")
        memory.zonesDown[zone] = ClusterAlarm(
            kind: RoutingEventKind.zoneDown, node: nil, sinceUnixMilliseconds: now, reason: reason)
        let earliest = nodes.map(\.sinceUnixMilliseconds).min() ?? now
        record(
            RoutingEventKind.zoneDown, node: nil, to: "down", reason: reason,
            evidence: nodes.map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
                + "; within \(max(0, now - earliest)) ms")
    }
}
