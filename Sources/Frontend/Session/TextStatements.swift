// The statements that a session prepared by name, with `PREPARE p FROM '…'`.
internal import Backend
internal import SQL

/// What a name stands for. On which connections it is prepared, those know.
final class TextStatement {
    enum Kind: Equatable {
        /// It can be prepared on any connection.
        case carried
        /// Only the main connection has it.
        case held
        /// Only the main connection has it, and only the server knows what it says.
        case unknown
    }

    let name: [UInt8]
    /// Connections know the text under this number: another text under the same name has another.
    let number: UInt32
    let kind: Kind
    /// The PREPARE statement; empty unless it is carried.
    let definition: [UInt8]
    /// What is executed; empty when it is unknown.
    let text: [UInt8]
    let traits: StatementTraits
    /// What the text was read under.
    let context: StatementContext
    let mode: SQLMode

    init(
        name: [UInt8], number: UInt32, kind: Kind, definition: [UInt8] = [], text: [UInt8] = [],
        traits: StatementTraits, context: StatementContext, mode: SQLMode
    ) {
        self.name = name
        self.number = number
        self.kind = kind
        self.definition = definition
        self.text = text
        self.traits = traits
        self.context = context
        self.mode = mode
    }

    var bytes: Int { definition.count + text.count }

    /// Whether it refers to the statement in front of its execution: nothing may be prepared in between.
    var asksAboutPrevious: Bool {
        !traits.effects.isDisjoint(with: [.readsFoundRows, .readsRowCount, .readsWarnings])
    }
}

/// A session's names, bounded in number and bytes.
struct TextStatements {
    private var statements: [[UInt8]: TextStatement] = [:]
    private var bytes = 0
    /// Bytes of all texts.
    var textBytes: Int { bytes }
    private var lastNumber: UInt32 = 0
    /// Something ran that may have prepared anything under any name: what a name means only the main connection knows.
    private(set) var isUncertain = false

    var isEmpty: Bool { statements.isEmpty }
    /// Those that can be prepared anywhere.
    var carried: [TextStatement] { statements.values.filter { $0.kind == .carried } }
    /// Whether the main connection has any that no other can have.
    var needsMain: Bool { isUncertain || statements.values.contains { $0.kind != .carried } }
    /// Whether there may be one more name.
    var hasRoom: Bool { statements.count < FrontendLimits.textStatements }

    subscript(name: [UInt8]) -> TextStatement? { statements[name] }

    /// Whether a text of this length can be kept.
    func hasRoom(for length: Int) -> Bool { bytes + length <= FrontendLimits.textStatementBytes }

    /// A number that no text of the session had before.
    mutating func nextNumber() -> UInt32 {
        lastNumber &+= 1
        return lastNumber
    }

    /// A server accepted it.
    mutating func prepared(_ statement: TextStatement) {
        guard !isUncertain else { return }
        removed(statement.name)
        statements[statement.name] = statement
        bytes += statement.bytes
    }

    /// The name stands for nothing any more, or for what nobody knows yet.
    mutating func removed(_ name: [UInt8]) {
        if let old = statements.removeValue(forKey: name) { bytes -= old.bytes }
    }

    /// From here on the names are the main connection's.
    mutating func becomeUncertain() {
        statements = [:]
        bytes = 0
        isUncertain = true
    }

    /// The session is reset. Numbers go on: connections may not have heard of it.
    mutating func removeAll() {
        let number = lastNumber
        self = TextStatements()
        lastNumber = number
    }
}

/// What a command does with names. Few commands have one.
final class TextUse {
    enum Action {
        case prepares(TextStatement)
        case executes(TextStatement)
        case deallocates(TextStatement)
        /// It executes a text that has no name.
        case runs(TextStatement)
        /// The session has no such name, so no connection may have it.
        case misses(name: [UInt8])
        /// It may use any.
        case anything
    }

    let action: Action
    /// Numbers of those that could not be prepared where it runs, and that it has to do without.
    var missing: [UInt32] = []

    init(_ action: Action) { self.action = action }

    /// The text that is executed, and what it was read under.
    var executed: TextStatement? {
        switch action {
        case .executes(let statement), .runs(let statement): statement
        case .prepares, .deallocates, .misses, .anything: nil
        }
    }
}
