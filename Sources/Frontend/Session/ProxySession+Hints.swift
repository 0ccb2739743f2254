// Hints in comments: what a statement asks of the proxy, followed where that changes nothing but the place.
internal import Backend
internal import Routing
internal import SQL
internal import Topology

extension ProxySession {
    /// The hints in a text; nil for nearly all.
    func readHints(in text: UnsafeRawBufferPointer, _ traits: StatementTraits) -> StatementHints? {
        guard traits.hintLength > 0, defaults.hints else { return nil }
        let start = Int(traits.hintOffset)
        let end = start + Int(traits.hintLength)
        guard end <= text.count else { return nil }
        return StatementHints.parse(UnsafeRawBufferPointer(rebasing: text[start..<end]))
    }

    /// Changes a command that is about to begin into what its hints ask for, and counts what became of them.
    func apply(_ hints: StatementHints, to command: inout RunningCommand) {
        if hints.unknown > 0 { cluster.hintCounts.add(.unknown, .unknown, hints.unknown) }
        if let route = hints.route { apply(route, to: &command) }
        if let limit = hints.maxLagMilliseconds {
            command.wishes.maxLagMilliseconds = limit
            cluster.hintCounts.add(.maxLag, outcomeForReads(command))
        }
        if let timeout = hints.timeoutMilliseconds { command.wishes.timeoutMilliseconds = timeout }
        if let causality = hints.causality {
            command.causal.mode = CausalMode(causality)
            cluster.hintCounts.add(.causal, outcomeForReads(command))
        }
    }

    /// What says how a replica is to be chosen, for a statement that may run on one.
    private func outcomeForReads(_ command: RunningCommand) -> HintOutcome {
        if command.decision.target == .reader { return .followed }
        if state.isInTransaction { return .insideTransaction }
        if mode == .replica { return .followed }
        return command.traits.access == .read ? .needsPrimary : .notARead
    }

    private func apply(_ route: StatementHints.Route, to command: inout RunningCommand) {
        if command.statement?.hold != nil { return cluster.hintCounts.add(route.kind, .followsSession) }
        let place: HintedPlace
        switch route {
        case .primary: place = .primary
        case .replica: place = .reader
        case .last: place = lastPlace
        case .node(let name): place = placeOfNode(name)
        }
        switch place {
        case .primary: decide(&command, .primary, route.kind)
        case .reader: decide(&command, .reader, route.kind)
        case .node(let index):
            guard decide(&command, .reader, route.kind, countsSuccess: false) else { return }
            command.wishes.node = index
            command.wishes.route = route.kind
        case .nowhere: cluster.hintCounts.add(route.kind, .unknownNode)
        }
    }

    @discardableResult
    private func decide(
        _ command: inout RunningCommand, _ hint: RouteHint, _ kind: HintKind, countsSuccess: Bool = true
    ) -> Bool {
        let (decision, outcome) = Router.decide(command.traits, routingContext, hint: hint)
        if outcome == .followed { command.decision = decision }
        if outcome != .followed || countsSuccess { cluster.hintCounts.add(kind, outcome) }
        return outcome == .followed
    }

    private enum HintedPlace {
        case primary, reader
        /// The entry at this position.
        case node(Int)
        case nowhere
    }

    private var lastPlace: HintedPlace {
        guard let last else { return .nowhere }
        return place(of: last.entry.id)
    }

    private func placeOfNode(_ name: String) -> HintedPlace {
        cluster.table.entries.first { $0.name == name }.map { place(of: $0.id) } ?? .nowhere
    }

    private func place(of node: NodeID) -> HintedPlace {
        if cluster.table.primary?.id == node { return .primary }
        return node.index < Balancer.nodesMaximum ? .node(node.index) : .nowhere
    }

    /// Of the nodes that may come into question, the one that a hint names; all of them when it is not among them. What
    /// its read must have seen is asked for or waited for as for any other.
    func onlyHinted(_ readers: UInt64) -> UInt64 {
        guard command.hasWishes, let node = command.wishes.node else { return readers }
        let wanted = readers & (1 << UInt64(node))
        return wanted != 0 ? wanted : readers
    }

    /// The read at hand may run on one of these: whether a hint was followed is known.
    func countHinted(_ candidates: UInt64) -> UInt64 {
        guard command.hasWishes, let node = command.wishes.node else { return candidates }
        countRoute(candidates & (1 << UInt64(node)) != 0 ? .followed : .unfitNode)
        return candidates
    }

    /// The node that a hint names does not have what the read must see, and others may: false when there is no such hint.
    func giveUpHintedNode() -> Bool {
        guard command.hasWishes, command.wishes.node != nil else { return false }
        countRoute(.unfitNode)
        command.wishes.node = nil
        return true
    }

    /// Routed again, it is not counted again.
    private func countRoute(_ outcome: HintOutcome) {
        guard let route = command.wishes.route, !command.wishes.isRouteCounted else { return }
        command.wishes.isRouteCounted = true
        cluster.hintCounts.add(route, outcome)
    }
}

extension StatementHints.Route {
    fileprivate var kind: HintKind {
        switch self {
        case .primary: .routePrimary
        case .replica: .routeReplica
        case .last: .routeLast
        case .node: .routeNode
        }
    }
}

extension CausalMode {
    /// The mode that a hint asks for.
    fileprivate init(_ hint: StatementHints.Causality) {
        switch hint {
        case .none: self = .none
        case .session: self = .session
        case .global: self = .global
        }
    }
}
