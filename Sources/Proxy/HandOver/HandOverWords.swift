// What the two processes of a hand-over say to each other, a line for each:
//
//      new: ready <clusters that it cannot serve> ──▶ old: go <newest connection id> ──▶ new: serving
//
// Who goes away before that has failed; the old process that goes away has ended, and the new one serves.
internal import Network

/// The lines.
enum HandOverWords: Equatable {
    /// Everything is bound, and known but for these clusters.
    case ready(unserved: [String])
    /// The old process will accept nobody more than those of its ids.
    case go(newestID: UInt32)
    /// Clients are accepted.
    case serving

    var line: String {
        switch self {
        case .ready(let unserved): (["ready"] + unserved.map(InheritedListeners.escaped)).joined(separator: " ")
        case .go(let id): "go \(id)"
        case .serving: "serving"
        }
    }

    /// Nil for a line that is none of these.
    init?(_ line: String) {
        let words = line.split(separator: " ")
        switch (words.first, words.count) {
        case ("ready", _):
            let names = words.dropFirst().compactMap { InheritedListeners.unescaped($0) }
            guard names.count == words.count - 1 else { return nil }
            self = .ready(unserved: names)
        case ("go", 2):
            guard let id = UInt32(words[1]) else { return nil }
            self = .go(newestID: id)
        case ("serving", 1): self = .serving
        default: return nil
        }
    }
}

/// What the sockets are called in a hand-over.
enum InheritedNames {
    static let http = "http"
    /// A listener's; nil for the console.
    static func listener(_ name: String?) -> String { name.map { "listener/\($0)" } ?? "console" }
}
