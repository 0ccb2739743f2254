// What came of the workload, and whether it counts as a success.
internal import Topology

/// What is known of the promotion.
struct PromotionOutcome: Sendable, Equatable {
    let node: String
    let seconds: Double
    /// Why it failed; nil when it did not.
    let failure: String?
    /// What the proxy saw of it: seconds since its beginning, the kind of event, the node and the reason.
    var events: [String] = []
}

/// The result of the whole demonstration.
struct Summary: Sendable, Equatable {
    let seconds: Double
    let counts: WorkloadCounts
    let traffic: Traffic
    let promotion: PromotionOutcome
    /// Why the nodes' content is not what was acknowledged; empty when it is.
    let differences: [String]

    /// Whether every operation came to its end, every answer was right, and nothing was lost. An error that another
    /// attempt made good does not count: an application that tries again has not seen it.
    var isSuccess: Bool {
        counts.failed == 0 && counts.wrong == 0 && differences.isEmpty && promotion.failure == nil
    }

    var lines: [String] {
        var lines = ["Summary of \(seconds.duration): \(traffic.total.grouped) statements", ""]
        lines += table + ["", errorLine] + errorDetails
        lines += [
            "  longest pause  reads \(counts.reads.longestSeconds.duration), "
                + "writes \(counts.writes.longestSeconds.duration), "
                + "reads of what the session wrote just before \(counts.ownReads.longestSeconds.duration)",
            "                 (one operation, from its first attempt to its success)",
            "  answers        \(counts.checked.grouped) checked, \(counts.wrong.grouped) wrong",
        ]
        if let first = counts.firstWrong { lines.append("                 the first: \(first)") }
        lines += content + promotionLines
        lines += ["", isSuccess ? "All is well." : "NOT all is well: see above."]
        return lines
    }

    private var table: [String] {
        let header = "  " + "node".left(26) + "reads".right(12) + "writes".right(12)
        return [header]
            + traffic.nodes.map { node in
                "  " + "\(node.name)  \(node.address)".left(26) + node.reads.grouped.right(12)
                    + node.writes.grouped.right(12) + (node.isPrimary ? "   primary" : "   replica")
            }
    }

    private var errorLine: String {
        if counts.errorTotal == 0 { return "  errors         none" }
        let settled = counts.failed == 0 ? "all made good by trying again" : "given up after all: \(counts.failed)"
        return "  errors         \(counts.errorTotal.grouped), \(settled)"
    }

    private var errorDetails: [String] {
        counts.errors.map { "                 \($0.count) × \($0.code) \($0.text)" }
    }

    private var content: [String] {
        if differences.isEmpty {
            return ["  orders         \(counts.orders.grouped) acknowledged, every one of them on all nodes"]
        }
        return ["  orders         \(counts.orders.grouped) acknowledged, but:"]
            + differences.map { "                 \($0)" }
    }

    private var promotionLines: [String] {
        if let failure = promotion.failure { return ["  promotion      of \(promotion.node) failed: \(failure)"] }
        return ["  promotion      of \(promotion.node) took \(promotion.seconds.duration); what the proxy saw:"]
            + promotion.events.map { "                 \($0)" }
    }
}
