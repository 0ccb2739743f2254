// The named things that a session has on its connection, so that the pin for them goes when the last of them goes.
internal import Routing
internal import SQL

/// Temporary tables, user locks and HANDLERs by name. Never fewer than the server has; perhaps more, where a text does not
/// tell enough or a statement failed.
struct HeldNames {
    private struct Lock {
        let name: [UInt8]
        var count: Int
    }

    private var tables: [TableName] = []
    private var locks: [Lock] = []
    private var handlers: [[UInt8]] = []
    /// Kinds of which there may be some whose names nobody knows.
    private var nameless: SessionPins = []

    /// Kinds that are kept account of here.
    static let kinds: SessionPins = [.temporaryTables, .userLocks, .handler]

    /// The pins that hold.
    var pins: SessionPins {
        var pins = nameless
        if !tables.isEmpty { pins.insert(.temporaryTables) }
        if !locks.isEmpty { pins.insert(.userLocks) }
        if !handlers.isEmpty { pins.insert(.handler) }
        return pins
    }

    /// There may be some of these kinds whose names nobody knows.
    mutating func addNameless(_ kinds: SessionPins) { nameless.formUnion(kinds.intersection(Self.kinds)) }

    /// A statement with these changes ended. After an error only what it may have made counts.
    ///
    /// - Parameters:
    ///   - schema: the default schema in which it ran.
    ///   - dialect: MySQL renames no temporary tables with RENAME TABLE.
    mutating func apply(_ changes: [NamedChange], failed: Bool, schema: [UInt8], dialect: Dialect) {
        for change in changes {
            switch change {
            case .temporaryTableCreated(let name): addTable(name, schema)
            case .tablesDropped(let names):
                guard !failed else { continue }
                for name in names { remove(name, schema) }
            case .tableAltered(let from, let to): rename(from, to, failed: failed, schema)
            case .tableRenamed(let from, let to):
                if dialect == .mariaDB { rename(from, to, failed: failed, schema) }
            case .handlerOpened(let name): addHandler(name)
            case .handlerClosed(let name): if !failed { handlers.removeAll { $0 == name } }
            case .lockTaken(let name): addLock(name)
            case .lockReleased(let name): if !failed { release(name) }
            case .allLocksReleased:
                guard !failed else { continue }
                locks = []
                nameless.remove(.userLocks)
            case .distributedTransactionBegan, .distributedTransactionsListed, .distributedTransactionEnded,
                .binaryLogSwitched:
                break
            }
        }
    }

    private var isFull: Bool { tables.count + locks.count + handlers.count >= FrontendLimits.heldNames }

    /// A name that may be kept; nil when it is not known, too long, or one too many.
    private func kept(_ name: [UInt8]?) -> [UInt8]? {
        guard let name, name.count <= FrontendLimits.heldNameBytes, !isFull else { return nil }
        return name
    }

    // MARK: Tables

    private func qualified(_ name: TableName, _ schema: [UInt8]) -> TableName {
        name.schema.isEmpty ? TableName(schema: schema, table: name.table) : name
    }

    private mutating func addTable(_ name: TableName?, _ schema: [UInt8]) {
        // In a schema that nobody knows it has no name either.
        guard let name, kept(name.schema + name.table) != nil, !(name.schema.isEmpty && schema.isEmpty) else {
            nameless.insert(.temporaryTables)
            return
        }
        let full = qualified(name, schema)
        if !tables.contains(full) { tables.append(full) }
    }

    private mutating func remove(_ name: TableName, _ schema: [UInt8]) {
        let full = qualified(name, schema)
        tables.removeAll { $0 == full }
    }

    private mutating func rename(_ from: TableName, _ to: TableName?, failed: Bool, _ schema: [UInt8]) {
        guard tables.contains(qualified(from, schema)) else { return }
        addTable(to, schema)
        if !failed { remove(from, schema) }
    }

    // MARK: Locks and handlers

    private mutating func addLock(_ name: [UInt8]?) {
        if let index = locks.firstIndex(where: { $0.name == name }) {
            locks[index].count += 1
        } else if let name = kept(name) {
            locks.append(Lock(name: name, count: 1))
        } else {
            nameless.insert(.userLocks)
        }
    }

    private mutating func release(_ name: [UInt8]) {
        guard let index = locks.firstIndex(where: { $0.name == name }) else { return }
        locks[index].count -= 1
        if locks[index].count == 0 { locks.remove(at: index) }
    }

    private mutating func addHandler(_ name: [UInt8]?) {
        guard let name = kept(name) else {
            nameless.insert(.handler)
            return
        }
        if !handlers.contains(name) { handlers.append(name) }
    }

    // MARK: For people

    /// What releases the one pin in `pin`; nil when the general rule says it all.
    func releaseRule(_ pin: SessionPins) -> String? {
        guard pins.contains(pin), Self.kinds.contains(pin), nameless.isDisjoint(with: pin) else { return nil }
        switch pin {
        case .temporaryTables:
            return "DROP TEMPORARY TABLE " + Self.list(tables) { Self.text($0.schema) + "." + Self.text($0.table) }
        case .handler: return "HANDLER … CLOSE of " + Self.list(handlers, Self.text)
        default:
            let calls = Self.list(locks) { lock in
                "RELEASE_LOCK('\(Self.text(lock.name))')" + (lock.count > 1 ? " \(lock.count) times" : "")
            }
            return calls + ", or RELEASE_ALL_LOCKS()"
        }
    }

    private static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

    /// The first of them, and how many more there are.
    private static func list<Thing>(_ things: [Thing], _ text: (Thing) -> String) -> String {
        let shown = things.prefix(FrontendLimits.shownNames).map(text)
        let more = things.count - shown.count
        return (shown + (more > 0 ? ["\(more) more"] : [])).joined(separator: ", ")
    }
}
