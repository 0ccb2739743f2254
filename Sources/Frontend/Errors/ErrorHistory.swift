// The last errors of Switchyard's own, of the whole process.
internal import Synchronization

/// Bounded; any thread. Logins have room of their own: guesses at passwords do not displace what happened to sessions.
package final class ErrorHistory: Sendable {
    private struct Ring {
        var records: [ErrorRecord] = []
        /// Where the next one goes once the ring is full.
        var next = 0

        mutating func add(_ record: ErrorRecord, limit: Int) {
            guard records.count >= limit else { return records.append(record) }
            records[next] = record
            next = (next + 1) % limit
        }

        var inOrder: [ErrorRecord] { Array(records[next...] + records[..<next]) }
    }

    private struct Rings {
        var sessions = Ring()
        var logins = Ring()
        /// For ids where nobody else makes them.
        var count = 0
    }

    private let rings = Mutex(Rings())
    private let limit: Int
    private let loginLimit: Int
    private let nextID: (@Sendable () -> String)?
    private let onError: @Sendable (ErrorRecord) -> Void

    /// An empty history.
    ///
    /// - Parameters:
    ///   - limit: errors of sessions that are kept, at least one.
    ///   - loginLimit: refused logins that are kept, at least one.
    ///   - nextID: makes ids; nil for `E-1`, `E-2` and so on.
    ///   - onError: told of each error that nobody else writes into the log, on the thread that made it.
    package init(
        limit: Int = FrontendLimits.errors, loginLimit: Int = FrontendLimits.loginErrors,
        nextID: (@Sendable () -> String)? = nil, onError: @escaping @Sendable (ErrorRecord) -> Void = { _ in }
    ) {
        self.limit = max(1, limit)
        self.loginLimit = max(1, loginLimit)
        self.nextID = nextID
        self.onError = onError
    }

    /// Keeps an error, the oldest goes when there are too many, and gives it back with its id. One that a server made, or
    /// that has an id, is given back as it is.
    ///
    /// - Parameter isLogged: whether the caller writes it into the log.
    package func note(
        _ error: ProxyError, isLogin: Bool, isLogged: Bool = false, session: UInt32, peer: String, origin: ErrorOrigin,
        unixMilliseconds: Int64
    ) -> ProxyError {
        guard error.id.isEmpty, !error.isServers else { return error }
        var noted = error
        noted.id = nextID?() ?? ownID()
        var origin = origin
        if let node = error.node { origin.node = node }
        let record = ErrorRecord(
            id: noted.id, unixMilliseconds: unixMilliseconds, isLogin: isLogin, session: session, peer: peer,
            origin: origin, error: error)
        rings.withLock { rings in
            if isLogin {
                rings.logins.add(record, limit: loginLimit)
            } else {
                rings.sessions.add(record, limit: limit)
            }
        }
        if !isLogged { onError(record) }
        return noted
    }

    private func ownID() -> String {
        rings.withLock { rings in
            rings.count += 1
            return "E-\(rings.count)"
        }
    }

    /// Those that are kept, the oldest first.
    package func records() -> [ErrorRecord] {
        let (sessions, logins) = rings.withLock { ($0.sessions.inOrder, $0.logins.inOrder) }
        return (sessions + logins).sorted { $0.unixMilliseconds < $1.unixMilliseconds }
    }

    /// The one with this id; nil when it is not kept any more, or never was.
    package func record(_ id: String) -> ErrorRecord? {
        rings.withLock { rings in
            rings.sessions.records.first { $0.id == id } ?? rings.logins.records.first { $0.id == id }
        }
    }
}
