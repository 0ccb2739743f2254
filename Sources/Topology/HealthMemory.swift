// What the watcher concludes from traffic and from whole zones, and tells as events: ejections, circuits, lost sites.

import Synchronization

/// Who was ejected, whose circuit was open and which zones were lost when it was looked last. Changed on the watcher's
/// control queue.
struct HealthMemory: Sendable {
    private var outliers = OutlierDetection()
    private var openCircuits: Set<NodeID> = []
    private var lostZones: Set<String> = []

    /// Looks at all nodes of a table, ejects and takes back in their `NodeHealth`, and tells what changed.
    mutating func judge(
        _ table: RoutingTable, nowMilliseconds now: UInt64, unixMilliseconds: Int64
    ) -> [RoutingEvent] {
        let events = ejections(table, now) + circuits(table) + zones(table)
        return events.map { event in
            RoutingEvent(
                unixMilliseconds: unixMilliseconds, cluster: table.cluster, node: event.node, kind: event.kind,
                from: event.from, to: event.to, epoch: table.epoch, reason: event.reason, evidence: event.evidence)
        }
    }

    /// An event without what all events of one look share.
    private struct Told {
        var node: String?
        let kind: String
        let from: String
        let to: String
        let reason: String
        var evidence = ""
    }

    // MARK: Ejections

    private mutating func ejections(_ table: RoutingTable, _ now: UInt64) -> [Told] {
        let subjects = table.entries.indices.map { index in
            let load = table.entries[index].load
            let isReader = table.entries[index].acceptsReads && index != table.primaryIndex
            // What failed while it was no reader, such as all while it was down, is no reason when it is one again.
            if !isReader { load.health.forgive() }
            return OutlierDetection.Subject(
                node: table.entries[index].id, isReader: isReader, zone: table.entries[index].zone,
                failuresInARow: load.health.failuresInARow, latencyNanoseconds: load.latencyNanoseconds,
                agedLatencyNanoseconds: load.agedLatencyNanoseconds(nowNanoseconds: now * 1_000_000),
                reads: load.reads)
        }
        return outliers.judge(subjects, nowMilliseconds: now).compactMap { apply($0, table, now) }
    }

    private func apply(_ change: OutlierDetection.Change, _ table: RoutingTable, _ now: UInt64) -> Told? {
        switch change {
        case .ejected(let id, let milliseconds, let reason):
            guard let entry = table.entry(id) else { return nil }
            let failures = entry.load.health.failuresInARow
            entry.load.health.eject(untilMilliseconds: now + milliseconds)
            entry.load.health.forgive()
            return Told(
                node: entry.name, kind: RoutingEventKind.nodeEjected, from: "in", to: "ejected",
                reason: "\(reason): other readers are preferred for \(milliseconds) ms",
                evidence: "failures_in_a_row=\(failures) latency_us=\(entry.load.latencyMicroseconds) "
                    + "errors_total=\(entry.load.errors)")
        case .returned(let id):
            guard let entry = table.entry(id) else { return nil }
            return Told(
                node: entry.name, kind: RoutingEventKind.nodeReturned, from: "ejected", to: "in",
                reason: "the ejection is over: its share of the reads grows to the usual one over "
                    + "\(HealthLimits.returnMilliseconds) ms")
        case .cancelled(let id):
            table.entry(id)?.load.health.endEjection()
            return nil
        }
    }

    // MARK: Circuits

    private mutating func circuits(_ table: RoutingTable) -> [Told] {
        var told: [Told] = []
        for entry in table.entries {
            let isOpen = entry.load.health.isCircuitOpen
            guard isOpen != openCircuits.contains(entry.id) else { continue }
            if isOpen {
                openCircuits.insert(entry.id)
                told.append(
                    Told(
                        node: entry.name, kind: RoutingEventKind.circuitOpened, from: "closed", to: "open",
                        reason: "\(HealthLimits.connectFailuresInARow) connections in a row could not be made: one is "
                            + "tried every \(HealthLimits.connectAgainMilliseconds) ms, and nobody else waits for one",
                        evidence: "errors_total=\(entry.load.errors) connections=\(entry.load.connections)"))
            } else {
                openCircuits.remove(entry.id)
                told.append(
                    Told(
                        node: entry.name, kind: RoutingEventKind.circuitClosed, from: "open", to: "closed",
                        reason: "a connection was made again"))
            }
        }
        return told
    }

    // MARK: Zones

    /// A site that goes is one event, beside those of its nodes.
    private mutating func zones(_ table: RoutingTable) -> [Told] {
        let zones = Dictionary(grouping: table.entries.filter { $0.zone != nil }) { $0.zone ?? "" }
        return zones.sorted { $0.key < $1.key }.compactMap { zone, entries in
            let isLost = entries.allSatisfy { $0.state == .down }
            guard isLost != lostZones.contains(zone) else { return nil }
            let evidence = entries.map { "\($0.name)=\($0.state.rawValue)" }.joined(separator: " ")
            if isLost {
                lostZones.insert(zone)
                return Told(
                    kind: RoutingEventKind.zoneDown, from: "up", to: "down",
                    reason: "zone \(zone): none of its nodes (\(entries.count)) answers", evidence: evidence)
            }
            lostZones.remove(zone)
            return Told(
                kind: RoutingEventKind.zoneUp, from: "down", to: "up", reason: "zone \(zone): a node answers again",
                evidence: evidence)
        }
    }
}

extension Watcher {
    /// Looks at what traffic met. On the control queue.
    func judgeHealth() -> [RoutingEvent] {
        state.withLock { state in
            state.health.judge(
                state.table, nowMilliseconds: UInt64(max(monotonicMilliseconds(), 0)),
                unixMilliseconds: unixMilliseconds())
        }
    }
}

extension WatcherState {
    /// A probe that answers after one that did not has made a new connection: so may others.
    func noteNewConnection(_ observation: Observation) {
        guard observation.isReachable, observations[observation.node]?.isReachable == false,
            members.indices.contains(observation.node.index)
        else { return }
        members[observation.node.index].load.health.connected()
    }
}
