// What the watcher concludes from traffic, and tells as events: ejections and circuits.

import Synchronization

/// Who was ejected, and whose circuit was open, when it was looked last. Changed on the watcher's
/// control queue.
struct HealthMemory: Sendable {
    private var outliers = OutlierDetection()
    private var openCircuits: Set<NodeID> = []

    /// Looks at all nodes of a table, ejects and takes back in their `NodeHealth`, and tells what changed.
    mutating func judge(
        _ table: RoutingTable, nowMilliseconds now: UInt64, unixMilliseconds: Int64
    ) -> [RoutingEvent] {
        let events = ejections(table, now) + circuits(table)
        return events.map { event in
            RoutingEvent(
                unixMilliseconds: unixMilliseconds, cluster: table.cluster, node: event.node, kind: event.kind,
                from: event.from, to: event.to, epoch: table.epoch, reason: event.reason, evidence: event.evidence)
        }
    }

    /// An event without what all events of one look share.
    private struct Told {
        let node: String
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
