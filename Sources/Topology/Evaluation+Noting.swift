// What is remembered of each node before anything is decided.

extension Evaluation {
    /// Brings the per-node memory up to date before anything is decided.
    mutating func noteNodes() {
        noteKind()
        for member in members {
            guard let observation = observation(member.id), observation.isReachable else { continue }
            noteIdentity(member.id, observation)
            var node = memory.nodes[member.id, default: .init()]
            let isFirstSight = !node.wasObserved
            node.wasObserved = true
            let channels = memberChannels(member.id, observation)
            if !observation.readOnly.isWritable || channels.isEmpty {
                node.isWritableByHabit = false
            } else if channels.contains(where: { $0.channel.isRunning }) {
                node.isWritableByHabit = true
            }
            memory.nodes[member.id] = node
            let isFree = observation.readOnly.isWritable && !replicatesFromMember(member.id, observation)
            node.writableSinceMilliseconds =
                isFree ? node.writableSinceMilliseconds ?? observation.observedAtMilliseconds : nil
            noteRestart(member.id, observation, node)
            node.connectionID = observation.connectionID
            if !isFirstSight { notePosition(member.id, observation, previous: node.position) }
            node.position = observation.gtidCurrentPosition
            memory.nodes[member.id] = node
        }
    }

    /// Another server under the same name: what was known of the former one is not known of this one.
    private mutating func noteIdentity(_ id: NodeID, _ observation: Observation) {
        let before = memory.nodes[id]?.identity ?? ""
        if !before.isEmpty, !observation.identity.isEmpty, before != observation.identity {
            for flag in (memory.nodes[id]?.alarms ?? [:]).keys { end(flag, of: id) }
            let moves = memory.nodes[id]?.moves ?? 0
            memory.nodes[id] = EvaluationMemory.NodeMemory()
            memory.nodes[id]?.moves = moves + 1
            moved.insert(id)
            record(
                RoutingEventKind.nodeMoved, node: id, from: before, to: observation.identity,
                reason: "another server answers as \(name(id)) now", evidence: evidence(of: id))
        }
        memory.nodes[id, default: .init()].identity = observation.identity
    }

    /// Whether the last primary's name leads to another server now.
    func primaryMoved(_ observation: Observation) -> Bool {
        !memory.primaryIdentity.isEmpty && !observation.identity.isEmpty
            && observation.identity != memory.primaryIdentity
    }

    /// The primary's connection ids start anew with its process.
    private mutating func noteRestart(_ id: NodeID, _ observation: Observation, _ node: EvaluationMemory.NodeMemory) {
        if memory.primary == id, node.connectionID != 0, observation.connectionID < node.connectionID {
            memory.primaryRestarted = true
        }
    }

    private mutating func notePosition(_ id: NodeID, _ observation: Observation, previous position: String) {
        guard memory.kind != .galera,
            policy.positionCovers(observation.gtidCurrentPosition, position, observation.flavor) == false
        else {
            return
        }
        record(
            RoutingEventKind.gtidReset, node: id, from: position, to: observation.gtidCurrentPosition,
            reason: "the position went backwards: binary logs were reset, or a backup was restored")
    }
}
