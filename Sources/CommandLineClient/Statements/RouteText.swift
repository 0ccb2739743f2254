// `EXPLAIN ROUTE` for people: the answer first, then what led to it, then each node.

/// A route explained.
package enum RouteText {
    /// - Parameter result: rows of `item` and `value`, as the console answers `EXPLAIN ROUTE`.
    package static func render(_ result: StatementResult) -> String {
        let rows = result.rows.compactMap { row -> (item: String, value: String)? in
            guard row.count >= 2, let item = row[0] else { return nil }
            return (TerminalText.printable(item), TerminalText.printable(row[1] ?? "NULL"))
        }
        func value(_ item: String) -> String? { rows.first { $0.item == item }?.value }
        var text = ""
        if let place = value("runs on") {
            text += "runs on: \(place)\n"
            if let reason = value("route reason") { text += "because: \(reason)\n" }
            text += "\n"
        }
        let nodes = rows.filter { $0.item.hasPrefix(nodePrefix) }
        text += list(rows.filter { !answered.contains($0.item) && !$0.item.hasPrefix(nodePrefix) })
        if !nodes.isEmpty {
            text += "\nnodes:\n" + list(nodes.map { (String($0.item.dropFirst(nodePrefix.count)), $0.value) })
        }
        return text
    }

    private static let nodePrefix = "node "
    private static let answered: Set<String> = ["runs on", "route reason"]

    private static func list(_ rows: [(item: String, value: String)]) -> String {
        let width = rows.map { TerminalText.width($0.item) }.max() ?? 0
        return rows.map { "  \(TerminalText.fitted($0.item, width))  \($0.value)\n" }.joined()
    }
}
