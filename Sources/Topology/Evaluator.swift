// The judge: a pure function from what probes saw to a routing table and the events that led to it.
//
// Invariants
//   - At most one entry accepts writes, and only while the gate is open; it is the gate's primary.
//   - The epoch never decreases, and two different primaries never share one.
//   - The primary is sticky: it is replaced only after it was seen read-only, down, or replicating from a member.
//   - A pause changes neither gate nor epoch: it says beside them that nothing may begin (`RoutingTable.mayBegin`).
//   - What is not seen is not written to: a primary whose probes fail is `down`, whatever the reason, unless policy
//     `unseenPrimary` trusts its replicas.
//   - Who is cut off from most nodes writes to none (policy `majority`).
//
// Transitions of the gate
//   closed → open    one candidate left, and every seed was probed once          `electPrimary`
//   open → closed    the primary is down, read-only, or follows a member         `judgePrimary`
//                    its followers went over to another writable node            `judgePrimary`
//                    its group does not let it write                             `judgePrimary`
//                    most of the configured nodes are out of reach               `judgeMajority`
//                    a second writable node, with policy `stop`                  `judgePrimary`
//   open → open      never directly to another node: the old one closes the gate in the same evaluation

/// Judges a cluster. Reads no clock and keeps no state: the past is in the previous table.
package enum Evaluator {
    /// The longest text of reasons a closed gate lists, in characters.
    static let gateReasonCharactersMaximum = 1_000

    /// The next table, and what changed.
    ///
    /// - Parameters:
    ///   - previous: the last result; `RoutingTable(cluster:nowUnixMilliseconds:)` at the start.
    ///   - members: all members, each at the position of its `id.index`.
    ///   - observations: the latest of each node that was probed.
    /// - Returns: a table with the previous `version` if nothing that can be seen changed (it must then replace
    ///   the previous one as the argument of the next call, but needs no publishing), and the events in order.
    package static func evaluate(
        previous: RoutingTable, members: [ClusterMember], observations: [Observation], policy: ClusterPolicy,
        nowUnixMilliseconds: Int64
    ) -> (table: RoutingTable, events: [RoutingEvent]) {
        var evaluation = Evaluation(
            previous: previous, members: members, observations: observations, policy: policy,
            now: nowUnixMilliseconds)
        evaluation.noteNodes()
        evaluation.noteFeeds()
        evaluation.judgeMajority()
        evaluation.judgePrimary()
        if evaluation.primary == nil { evaluation.electPrimary() }
        evaluation.notePrimary()
        evaluation.settleGate()
        evaluation.judgeNodes()
        evaluation.noteOrders()
        evaluation.compareWithPrevious()
        return evaluation.result()
    }
}

/// One evaluation under way.
struct Evaluation {
    let previous: RoutingTable
    let members: [ClusterMember]
    let policy: ClusterPolicy
    let now: Int64
    /// The latest observation by node index.
    let seen: [Observation?]
    /// By node index: the earlier member that is the same server.
    let sameServerAs: [NodeID?]

    var memory: EvaluationMemory
    /// The nodes under whose name another server was found in this evaluation.
    var moved: Set<NodeID> = []
    var epoch: UInt64
    /// The node that takes writes after this evaluation.
    var primary: NodeID?
    /// Why nobody may be written to, when that is more than "nobody accepts writes".
    var closedReason: String?
    var gate: Gate
    var entries: ContiguousArray<RoutingEntry> = []
    var events: [RoutingEvent] = []

    init(
        previous: RoutingTable, members: [ClusterMember], observations: [Observation], policy: ClusterPolicy,
        now: Int64
    ) {
        self.previous = previous
        self.members = members
        self.policy = policy
        self.now = now
        var seen = [Observation?](repeating: nil, count: members.count)
        for observation in observations where seen.indices.contains(observation.node.index) {
            seen[observation.node.index] = observation
        }
        self.seen = seen
        sameServerAs = Self.duplicates(members, seen, policy)
        memory = previous.memory
        epoch = previous.epoch
        gate = previous.gate
    }

    /// Of several members that are one server the first counts that is not down: an address that was left behind
    /// does not stand for the server that moved away from it.
    private static func duplicates(
        _ members: [ClusterMember], _ seen: [Observation?], _ policy: ClusterPolicy
    ) -> [NodeID?] {
        func identity(_ member: ClusterMember) -> String? {
            guard let observation = seen[member.id.index], observation.hasFacts, !observation.identity.isEmpty else {
                return nil
            }
            return observation.identity
        }
        var first: [String: NodeID] = [:]
        for mustLive in [true, false] {
            for member in members {
                guard let identity = identity(member), first[identity] == nil, let seen = seen[member.id.index],
                    !mustLive || !isSilent(seen, policy)
                else { continue }
                first[identity] = member.id
            }
        }
        return members.map { member in
            guard let identity = identity(member), let chosen = first[identity], chosen != member.id else { return nil }
            return chosen
        }
    }

    func observation(_ id: NodeID) -> Observation? { seen.indices.contains(id.index) ? seen[id.index] : nil }

    func name(_ id: NodeID) -> String {
        members.indices.contains(id.index) ? members[id.index].name : "node \(id.index)"
    }

    /// Whether a node must be considered gone: refused outright, silent for too many probes, or silent for one and
    /// lost by its replicas, too.
    func isDown(_ observation: Observation) -> Bool {
        Self.isSilent(observation, policy) || (observation.node == memory.primary && replicasLost(observation))
    }

    private static func isSilent(_ observation: Observation, _ policy: ClusterPolicy) -> Bool {
        guard observation.failure != nil else { return false }
        return observation.isGone || observation.consecutiveFailures >= policy.failuresUntilDown
            || !observation.hasFacts
    }

    /// A node that is neither down nor the same server as an earlier one, with its facts.
    func living(_ id: NodeID) -> Observation? {
        guard let observation = observation(id), observation.hasFacts, !isDown(observation),
            sameServerAs[id.index] == nil
        else { return nil }
        return observation
    }

    /// The gate and the table in one value.
    func result() -> (table: RoutingTable, events: [RoutingEvent]) {
        let isSame =
            gate == previous.gate && epoch == previous.epoch && policy.pausing.pause == previous.pause
            && entries.count == previous.entries.count
            && zip(entries, previous.entries).allSatisfy { $0.isSame(as: $1) }
        let table = RoutingTable(
            cluster: previous.cluster, version: isSame ? previous.version : previous.version + 1, epoch: epoch,
            gate: gate, pause: policy.pausing.pause, entries: entries,
            publishedUnixMilliseconds: isSame ? previous.publishedUnixMilliseconds : now, memory: memory)
        return (table, events)
    }

    mutating func record(
        _ kind: String, node: NodeID?, from: String = "", to: String = "", reason: String, evidence: String = ""
    ) {
        events.append(
            RoutingEvent(
                unixMilliseconds: now, cluster: previous.cluster, node: node.map(name), kind: kind, from: from,
                to: to, epoch: epoch, reason: reason, evidence: evidence))
    }

    /// Records the beginning of a condition once, and keeps it as an alarm until it ends.
    mutating func tell(
        _ flag: EvaluationMemory.Flag, of node: NodeID, if condition: Bool, kind: String, reason: String,
        evidence: String = ""
    ) {
        guard condition else { return end(flag, of: node) }
        guard memory.nodes[node]?.alarms[flag] == nil else {
            memory.nodes[node]?.alarms[flag]?.reason = reason
            return
        }
        memory.nodes[node, default: .init()].alarms[flag] = ClusterAlarm(
            kind: kind, node: name(node), sinceUnixMilliseconds: now, reason: reason)
        record(kind, node: node, reason: reason, evidence: evidence)
    }

    /// The condition holds no more.
    mutating func end(_ flag: EvaluationMemory.Flag, of node: NodeID) {
        guard let alarm = memory.nodes[node]?.alarms.removeValue(forKey: flag), flag.endIsTold else { return }
        record(
            RoutingEventKind.alarmEnded, node: node, from: alarm.kind,
            reason: "\(alarm.kind) of \(name(node)) ended after \(max(0, now - alarm.sinceUnixMilliseconds)) ms",
            evidence: evidence(of: node))
    }
}
