// Rates from one look at the counters to the next.

import Testing

@testable import Quickstart

@Suite struct ProgressLineTests {
    private func traffic(_ reads: UInt64, _ writes: UInt64, isPrimary: Bool = true) -> Traffic {
        Traffic(nodes: [
            NodeTraffic(name: "a", address: "x:1", isPrimary: isPrimary, reads: reads, writes: writes),
            NodeTraffic(name: "b", address: "x:2", isPrimary: !isPrimary, reads: 10 * reads, writes: 0),
        ])
    }

    @Test func `each line tells of the time since the line before`() {
        var progress = ProgressLine(start: 100, traffic: traffic(50, 7))
        #expect(
            progress.text(now: 102, traffic: traffic(250, 27), errors: 0)
                == "  2 s  1,110 queries/s │*a   100 r    10 w │ b 1,000 r     0 w")
        #expect(
            progress.text(now: 103, traffic: traffic(251, 28, isPrimary: false), errors: 3)
                == "  3 s     12 queries/s │ a     1 r     1 w │*b    10 r     0 w │ 3 retried")
    }

    @Test func `two lines at the same moment are no division by zero`() {
        var progress = ProgressLine(start: 100, traffic: traffic(0, 0))
        #expect(progress.text(now: 100, traffic: traffic(0, 0), errors: 0).hasPrefix("  0 s      0 queries/s"))
    }
}
