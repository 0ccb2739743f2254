// What a summary says, and when it counts as a success.

import Testing

@testable import Quickstart

@Suite struct SummaryTests {
    private func summary(
        _ change: (inout WorkloadCounts) -> Void = { _ in }, promotionFailure: String? = nil, differences: [String] = []
    ) -> Summary {
        var counts = WorkloadCounts()
        counts.orders = 1_200
        counts.reads.longestSeconds = 0.012
        change(&counts)
        let traffic = Traffic(nodes: [
            NodeTraffic(name: "node-0", address: "127.0.0.1:1", isPrimary: true, reads: 1_000, writes: 2_000)
        ])
        let promotion = PromotionOutcome(
            node: "node-1", seconds: 0.5, failure: promotionFailure, events: ["+1 ms primary_changed node-1"])
        return Summary(
            seconds: 10, counts: counts, traffic: traffic, promotion: promotion, differences: differences)
    }

    private func text(_ summary: Summary) -> String { summary.lines.joined(separator: "\n") }

    @Test func `nothing went wrong`() {
        let summary = summary()
        #expect(summary.isSuccess)
        #expect(text(summary).contains("Summary of 10.00 s: 3,000 statements"))
        #expect(text(summary).contains("node-0  127.0.0.1:1              1,000       2,000   primary"))
        #expect(text(summary).contains("errors         none"))
        #expect(text(summary).contains("reads 12 ms, writes 0 ms"))
        #expect(text(summary).contains("1,200 acknowledged, every one of them on all nodes"))
        #expect(text(summary).contains("+1 ms primary_changed node-1"))
        #expect(summary.lines.last == "All is well.")
    }

    @Test func `an error that another attempt made good is told, and is no failure`() {
        let summary = summary { $0.errors = [ErrorCount(code: 1290, count: 2, text: "read-only")] }
        #expect(summary.isSuccess)
        #expect(text(summary).contains("errors         2, all made good by trying again"))
        #expect(text(summary).contains("2 × 1290 read-only"))
    }

    @Test func `an operation given up is a failure`() {
        let summary = summary {
            $0.errors = [ErrorCount(code: 9501, count: 1, text: "no primary")]
            $0.writes.failed = 1
        }
        #expect(!summary.isSuccess)
        #expect(text(summary).contains("errors         1, given up after all: 1"))
    }

    @Test func `a wrong answer is a failure and is shown`() {
        let record = WorkloadRecord()
        record.check("the sum", is: [["1"]], [["1"]])
        record.check("the sum", is: [["1"]], [["2"]])
        record.check("the sum", is: [["1"]], [[nil]])
        let counts = record.counts
        #expect(counts.checked == 3 && counts.wrong == 2)
        let summary = summary { $0 = counts }
        #expect(!summary.isSuccess)
        #expect(text(summary).contains(#"the first: the sum: got [[Optional("2")]]"#))
    }

    @Test func `a lost order and a failed promotion are failures`() {
        #expect(!summary(differences: ["node-2 holds 1199 orders"]).isSuccess)
        #expect(text(summary(differences: ["node-2 holds 1199 orders"])).contains("node-2 holds 1199 orders"))
        #expect(!summary(promotionFailure: "no").isSuccess)
        #expect(text(summary(promotionFailure: "no")).contains("of node-1 failed: no"))
    }

    @Test func `errors are counted by their number, and each operation by its kind`() {
        let record = WorkloadRecord()
        for text in ["first", "second"] { record.failedAttempt(SessionError(code: 1290, text: text)) }
        record.failedAttempt(SessionError(code: 9505, text: "third"))
        #expect(
            record.counts.errors == [
                ErrorCount(code: 1290, count: 2, text: "first"), ErrorCount(code: 9505, count: 1, text: "third"),
            ])
        record.finished(.write, seconds: 2)
        record.finished(.write, seconds: 1)
        record.gaveUp(.ownRead)
        #expect(record.counts.writes == OperationCounts(finished: 2, failed: 0, longestSeconds: 2))
        #expect(record.counts.reads == OperationCounts())
        #expect(record.counts.failed == 1)
    }
}
