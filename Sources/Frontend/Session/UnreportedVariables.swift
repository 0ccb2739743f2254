// What servers do not report of a SET by themselves, and the statement that makes them.
internal import Backend
internal import SQL

/// What a `SET` does to character sets that no report tells.
enum CharacterSetChange: Equatable {
    /// `SET NAMES`, as text behind `SET`, and what the same statement sets behind it.
    case names([UInt8], except: [String])
    /// The collation of the connection, or nil for the one that the character set implies.
    case collation([UInt8]?)
    /// A collation that only the server knows.
    case unknownCollation
    /// The text does not tell what it sets.
    case unknown
}

/// MariaDB does not report `SET @@x = …` at all. Setting a variable to the value it has, in a form that is reported, brings
/// the value to light in the same round trip. MySQL reports that form, too (9.7), and forgets the warnings of the client's
/// statement with each that follows.
///
/// MariaDB keeps `collation_connection` and `character_set_connection` in one place, and tells of a change under either
/// name: 11.8 under the wrong one (10.11 happens to choose the right one). Of `SET NAMES` all report the names of character
/// sets, which do not say the collations. So there the text says what was set.
struct UnreportedVariables: Equatable {
    /// At most so many variables of one SET are asked about; with more the session is pinned.
    static let maximum = 32

    /// What goes behind the client's statement, if anything is to be asked.
    private(set) var question: [UInt8]?
    /// What the text says, in order, to be noted when the statement succeeded.
    private(set) var changes: [CharacterSetChange] = []

    /// - Parameter text: the client's statement.
    init(_ text: UnsafeRawBufferPointer, _ traits: StatementTraits, _ mode: SQLMode) {
        guard !traits.effects.isDisjoint(with: [.changesCharacterSet, .setsBareSystemVariable]) else { return }
        let assignments = SetStatement.assignments(text, mode: mode)
        guard traits.statementCount == 1, !assignments.isEmpty, assignments.count < SetStatement.assignmentsMaximum
        else {
            changes = [.unknown]
            return
        }
        let names = assignments.lastIndex { $0.name.elementsEqual("names".utf8) }
        var asked = mode.dialect == .mariaDB ? Self.bareNames(assignments, names) : []
        if let names { changes.append(Self.namesChange(assignments[names...], text)) }
        for assignment in assignments[(names.map { $0 + 1 } ?? 0)...] where assignment.scope == .session {
            switch String(decoding: assignment.name, as: UTF8.self) {
            case "collation_connection":
                if assignment.isLiteral, let collation = Self.collation(text[assignment.value]) {
                    changes.append(.collation(collation))
                } else {
                    changes.append(.unknownCollation)
                    asked.append(assignment.name)
                }
            case "character set":
                // The collation is that of the schema.
                changes.append(.unknownCollation)
                asked.append(Array("collation_connection".utf8))
            case "character_set_connection": changes.append(.collation(nil))
            default: break
            }
        }
        if asked.count > Self.maximum { changes.append(.unknown) }
        if !asked.isEmpty { question = Self.question(asked.prefix(Self.maximum)) }
    }

    /// Variables in the form that is not reported. Asked for a character set again, MariaDB 11.8 would take another
    /// collation than the `SET NAMES` at `names` chose.
    private static func bareNames(_ assignments: [VariableAssignment], _ names: Int?) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for (index, assignment) in assignments.enumerated() where assignment.scope == .session && assignment.isBare {
            let name = String(decoding: assignment.name, as: UTF8.self)
            guard assignment.name.allSatisfy(isPlain),
                // Set to its own value, `timestamp` would stand still.
                !SessionState.notCarried.contains(name),
                index > names ?? -1 || !SessionImage.characterSetVariables.contains(name)
            else { continue }
            found.append(assignment.name)
        }
        return found
    }

    /// - Parameter assignments: from the `SET NAMES` on.
    private static func namesChange(
        _ assignments: ArraySlice<VariableAssignment>, _ text: UnsafeRawBufferPointer
    ) -> CharacterSetChange {
        guard let names = assignments.first else { return .unknown }
        let rest = assignments.dropFirst()
        let collate = rest.first.flatMap { $0.name.elementsEqual("names collate".utf8) ? $0 : nil }
        guard names.isLiteral, collate?.isLiteral ?? true else { return .unknown }
        var statement = Array("NAMES ".utf8) + text[names.value]
        if let collate { statement += Array(" COLLATE ".utf8) + text[collate.value] }
        let setsAll = rest.contains { $0.name.elementsEqual("character set".utf8) }
        return .names(
            statement,
            except: setsAll
                ? SessionImage.characterSetVariables : rest.map { String(decoding: $0.name, as: UTF8.self) })
    }

    /// The collation's name without quotes; nil if it is none.
    private static func collation(_ value: UnsafeRawBufferPointer.SubSequence) -> [UInt8]? {
        let name = value.filter { $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\"") }
        let isName = name.allSatisfy { isPlain($0 | 0x20) || $0 == UInt8(ascii: "_") }
        return isName && !name.isEmpty && !name.elementsEqual("DEFAULT".utf8) ? name : nil
    }

    private static func question(_ names: ArraySlice<[UInt8]>) -> [UInt8] {
        var statement = Array("SET ".utf8)
        for (index, name) in names.enumerated() {
            if index > 0 { statement.append(UInt8(ascii: ",")) }
            statement += "SESSION ".utf8
            statement += name
            statement += "=@@session.".utf8
            statement += name
        }
        return statement
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}
