// The statements that one server connection has prepared. A pure value.

/// What a session must know of a statement on a server connection.
package struct ServerStatement: Sendable, Equatable {
    /// The number that the server gave it.
    package let serverID: UInt32
    /// Whether the server was last given the types that the session means.
    package let knowsTypes: Bool
}

/// Prepared statements by the session's own numbers, bounded; the one not used for longest makes room.
///
/// Resetting a connection closes all its statements, so none outlives the session that prepared it.
struct StatementCache: Sendable {
    struct Entry: Sendable {
        let id: UInt32
        let serverID: UInt32
        /// Which types the server was given last, as the session counts them; 0 for none.
        var typesVersion: UInt32 = 0
        var lastUse: UInt64
        /// Long data or a cursor is on it: it stays.
        var isHeld = false
    }

    private var entries: [Entry] = []
    private var places: [UInt32: Int] = [:]
    /// The place of the one used last: most sessions use the same again.
    private var recent = 0
    private var clock: UInt64 = 0

    var count: Int { entries.count }
    /// What the entries take of memory, and their places.
    var heldBytes: Int {
        entries.capacity * MemoryLayout<Entry>.stride + places.capacity * MemoryLayout<(UInt32, Int)>.stride
    }
    /// Whether long data or a cursor is on one of them.
    var holdsAny: Bool { entries.contains { $0.isHeld } }

    /// Notes a use with these types; nil when it is not prepared here.
    mutating func use(_ id: UInt32, typesVersion: UInt32) -> ServerStatement? {
        guard let place = place(of: id) else { return nil }
        clock += 1
        entries[place].lastUse = clock
        let knows = entries[place].typesVersion == typesVersion
        entries[place].typesVersion = typesVersion
        return ServerStatement(serverID: entries[place].serverID, knowsTypes: knows)
    }

    /// Whether the server was last given these types.
    func knowsTypes(_ id: UInt32, typesVersion: UInt32) -> Bool {
        places[id].map { entries[$0].typesVersion == typesVersion } ?? false
    }

    /// The server's number.
    func serverID(of id: UInt32) -> UInt32? {
        if recent < entries.count, entries[recent].id == id { return entries[recent].serverID }
        return places[id].map { entries[$0].serverID }
    }

    private mutating func place(of id: UInt32) -> Int? {
        if recent < entries.count, entries[recent].id == id { return recent }
        guard let place = places[id] else { return nil }
        recent = place
        return place
    }

    mutating func insert(_ id: UInt32, serverID: UInt32) {
        clock += 1
        places[id] = entries.count
        entries.append(Entry(id: id, serverID: serverID, lastUse: clock))
    }

    mutating func hold(_ id: UInt32, _ isHeld: Bool) {
        if let place = places[id] { entries[place].isHeld = isHeld }
    }

    /// Removes one; gives the server's number, with which it is closed there.
    mutating func remove(_ id: UInt32) -> UInt32? {
        guard let place = places.removeValue(forKey: id) else { return nil }
        let removed = entries[place]
        let last = entries.removeLast()
        if place < entries.count {
            entries[place] = last
            places[last.id] = place
        }
        return removed.serverID
    }

    /// Removes the one not used for longest that nothing holds.
    mutating func evict() -> UInt32? {
        guard let oldest = entries.lazy.filter({ !$0.isHeld }).min(by: { $0.lastUse < $1.lastUse }) else { return nil }
        return remove(oldest.id)
    }

    mutating func removeAll() {
        guard !entries.isEmpty else { return }
        entries = []
        places = [:]
    }
}
