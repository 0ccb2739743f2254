// EXPLAIN ROUTE: the hints of a statement, and what they do to the route of a new session.
internal import Routing
internal import SQL
internal import Topology

/// The decision for a statement with its hints.
struct HintExplanation {
    let decision: RoutingDecision
    /// The hints and their effect in words; empty for a statement without hints.
    let rows: [(item: String, value: String)]
    /// The node on which a hint makes it run; nil where the hints name none.
    let node: String?

    init(_ text: [UInt8], _ traits: StatementTraits, _ table: RoutingTable) {
        let session = RoutingContext(mode: .split)
        let start = Int(traits.hintOffset)
        let end = start + Int(traits.hintLength)
        guard traits.hintLength > 0, end <= text.count else {
            decision = Router.decide(traits, session)
            rows = []
            node = nil
            return
        }
        let hints = text[start..<end].withUnsafeBytes(StatementHints.parse)
        var effects: [String] = []
        var decision = Router.decide(traits, session)
        var node: String?
        if let route = hints.route {
            let (hint, entry, remark) = Self.place(route, table)
            if let hint {
                let (hinted, outcome) = Router.decide(traits, session, hint: hint)
                if outcome == .followed {
                    decision = hinted
                    node = hint == .reader ? entry?.name : nil
                }
                effects.append("route: \(outcome.text)")
            } else {
                effects.append("route: \(remark)")
            }
        }
        if let limit = hints.maxLagMilliseconds { effects.append("max_lag: \(limit) ms") }
        if let timeout = hints.timeoutMilliseconds { effects.append("timeout: \(timeout) ms") }
        if let causality = hints.causality { effects.append("causal: \(causality.rawValue)") }
        if hints.unknown > 0 { effects.append("\(hints.unknown) not known") }
        self.decision = decision
        self.node = node
        rows = [
            (
                "hints",
                String(decoding: text[start..<min(end, start + ConsoleServiceLimits.quotedBytes)], as: UTF8.self)
            ),
            ("effect of hints", effects.joined(separator: "; ")),
        ]
    }

    private static func place(
        _ route: StatementHints.Route, _ table: RoutingTable
    ) -> (hint: RouteHint?, entry: RoutingEntry?, remark: String) {
        switch route {
        case .primary: return (.primary, nil, "")
        case .replica: return (.reader, nil, "")
        case .last: return (nil, nil, "ignored: a new session has no last statement")
        case .node(let name):
            guard let index = table.entries.firstIndex(where: { $0.name == name }) else {
                return (nil, nil, HintOutcome.unknownNode.text)
            }
            if index == table.primaryIndex { return (.primary, table.entries[index], "") }
            let isFit = index < Balancer.nodesMaximum && table.readers.contains(index)
            return isFit ? (.reader, table.entries[index], "") : (nil, nil, HintOutcome.unfitNode.text)
        }
    }
}
