// What a run says of itself.

import ConsistencyChecker
import LocalCluster

/// The figures of a run.
struct Report {
    let options: RunOptions
    let history: History
    let counts: Nemesis.Counts
    let seconds: Double

    /// Holds that the next statement ends by itself, or that end when another session needs the connection.
    static func isHarmless(_ pin: String) -> Bool {
        ["warnings or row counts", "LAST_INSERT_ID", "user variables"].contains(pin)
    }

    /// So many statements are shown of a session that is held.
    static let shownHolds = 12

    /// Whether a statement is of the kinds that hold a session, or let it go.
    static func mayHold(_ statement: String) -> Bool {
        ["TEMPORARY", "LOCK", "PREPARE", "EXECUTE", "CALL", "app.look", "@v", "COM_RESET", "SET "]
            .contains { statement.contains($0) }
    }

    var text: String {
        var reads = 0
        var writes = 0
        var states = 0
        var codes: [Int: Int] = [:]
        for entry in history.sessions.joined() {
            if let code = entry.errorCode { codes[code, default: 0] += 1 }
            for fact in entry.facts {
                switch fact {
                case .read: reads += 1
                case .wrote, .raised: writes += 1
                case .saw: states += 1
                default: break
                }
            }
        }
        let errors = codes.sorted { $0.key < $1.key }.map { "\($0.key) × \($0.value)" }.joined(separator: ", ")
        let planted = options.plant.map { ", planted: \($0.rawValue)" } ?? ""
        return """
            \(options.flavor.rawValue), mode \(options.mode.rawValue), seed \(options.seed)\(planted): \
            \(options.sessions) sessions on \(options.connectionsPerNode) connections per node
            \(history.count) operations in \(Int(seconds)) s, with \(reads) values read, \(writes) written, \
            \(states) of the sessions' own state looked at
            replicas paused \(counts.pauses) times, frozen \(counts.freezes), delayed \(counts.delays); \
            \(counts.switchovers) changes of the primary; errors: \(errors.isEmpty ? "none" : errors)
            """
    }
}
