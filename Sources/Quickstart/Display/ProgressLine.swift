// The one line that says how the workload is doing.

/// Builds progress lines from the counters of one moment to the next.
struct ProgressLine {
    /// What the marks in a line mean.
    static let legend = "reads and writes per second on each node; * is the primary"

    private let start: Double
    private var last: (seconds: Double, traffic: Traffic)

    init(start: Double, traffic: Traffic) {
        self.start = start
        last = (start, traffic)
    }

    /// The line for this moment, about the time since the last one.
    mutating func text(now: Double, traffic: Traffic, errors: Int) -> String {
        let elapsed = max(now - last.seconds, 0.001)
        let difference = traffic.since(last.traffic)
        last = (now, traffic)
        func rate(_ count: UInt64) -> String { Int((Double(count) / elapsed).rounded()).grouped }
        let nodes = difference.nodes.map { node in
            let figures = "\(rate(node.reads).right(5)) r \(rate(node.writes).right(5)) w"
            return "\(node.isPrimary ? "*" : " ")\(node.name) \(figures)"
        }
        let seconds = "\(Int((now - start).rounded()))".right(3)
        return "\(seconds) s \(rate(difference.total).right(6)) queries/s │"
            + nodes.joined(separator: " │") + (errors > 0 ? " │ \(errors) retried" : "")
    }
}
