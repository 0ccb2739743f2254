// What a client changed of its session, by value: the part that can be carried to another connection.

/// Schema and system variables that differ from a fresh login. Values are the server's own words, as its session
/// tracker reported them, so setting them again needs no knowledge of the variable.
package struct SessionImage: Sendable, Equatable {
    struct Variable: Sendable, Equatable {
        let name: [UInt8]
        var value: [UInt8]
    }

    /// Counts the changes: two images of one session with the same revision are equal.
    package private(set) var revision: UInt64 = 0
    /// The default schema's name; empty when there is none.
    package private(set) var schema: [UInt8] = []
    private(set) var variables: [Variable] = []
    /// The last `SET NAMES`, as text behind `SET`; nil when the login's character set holds. `variables` has what was set
    /// after it of `characterSetVariables`.
    ///
    /// Servers report names of character sets, and the name alone does not say it: `SET NAMES utf8mb4` and
    /// `SET character_set_connection = utf8mb4` choose different collations (seen on MariaDB 11.8), and a login a third.
    package private(set) var namesStatement: [UInt8]?
    /// What COM_SET_OPTION said of several statements in one text; nil when it is as the login fixed it.
    package private(set) var multiStatements: Bool?
    /// User variables by value, in the order in which they were first set.
    package private(set) var userVariables: [UserVariable] = []
    /// The last `SET ROLE`, as text behind it; nil for the roles of the login, empty for what nobody knows.
    package private(set) var role: [UInt8]?
    /// Whether that stands for what was granted at the time it is run: another connection may have run it too early.
    private(set) var roleDependsOnGrants = false
    private var bytes = 0

    /// The state of a fresh login without a schema.
    package init() {}

    /// The state after COM_RESET_CONNECTION, which keeps the schema (seen on MariaDB 10.11).
    /// and COM_SET_OPTION's effect, which is one of the connection.
    ///
    /// It also keeps the role: neither `THD::change_user` of MariaDB nor `THD::cleanup_connection` of MySQL touches what
    /// the account may do. Should a version do so, the role is not the login's for certain either.
    init(afterResetIn schema: [UInt8], multiStatements: Bool?, hadRole: Bool = false) {
        self.schema = schema
        self.multiStatements = multiStatements
        if hadRole { role = [] }
    }

    /// Sets the default schema.
    package mutating func setSchema(_ name: [UInt8]) {
        guard name != schema else { return }
        schema = name
        revision += 1
    }

    /// Notes what COM_SET_OPTION said.
    package mutating func setMultiStatements(_ allowed: Bool?) {
        guard allowed != multiStatements else { return }
        multiStatements = allowed
        revision += 1
    }

    /// Notes that the schema is still this one, without counting it as a change.
    mutating func keepSchema(_ name: [UInt8]) { schema = name }

    /// Notes what `SET ROLE` said, as text behind it. False when it is too long to be carried.
    package mutating func setRole(_ clause: [UInt8], dependsOnGrants: Bool) -> Bool {
        guard clause.count <= BackendLimits.imageRoleBytes else { return false }
        role = clause
        roleDependsOnGrants = dependsOnGrants
        // Also said again it may be another one: it may stand for what was granted meanwhile.
        revision += 1
        return true
    }

    /// Notes that the role is still this one, without counting it as a change.
    mutating func keepRole(_ clause: [UInt8]?) { role = clause }

    /// Whether any role may set what is set of system variables. Others need the role under which they were set.
    package var anyRoleMaySet: Bool { variables.allSatisfy(SessionSynchronizer.anyRoleMaySet) }

    /// Sets a variable by the value the server reported. False when the image is full: the session must then be pinned.
    package mutating func setVariable(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        if let index = variables.firstIndex(where: { Self.equal($0.name, name) }) {
            guard !Self.equal(variables[index].value, value) else { return true }
            guard fits(value.count - variables[index].value.count) else { return false }
            bytes += value.count - variables[index].value.count
            variables[index].value = Array(value)
        } else {
            guard variables.count < BackendLimits.imageVariables, fits(name.count + value.count) else { return false }
            bytes += name.count + value.count
            variables.append(Variable(name: Array(name), value: Array(value)))
        }
        revision += 1
        return true
    }

    /// Whether it asks for the same of a server; what the revisions are does not matter.
    func isLike(_ other: SessionImage) -> Bool {
        schema == other.schema && namesStatement == other.namesStatement && multiStatements == other.multiStatements
            && variables == other.variables && userVariables == other.userVariables && role == other.role
    }

    /// Forgets a variable: what others imply of it holds.
    package mutating func removeVariable(_ name: String) {
        guard let index = variables.firstIndex(where: { $0.name.elementsEqual(name.utf8) }) else { return }
        let variable = variables.remove(at: index)
        bytes -= variable.name.count + variable.value.count
        revision += 1
    }

    /// Notes the value of a user variable. False when the image is full: the session must then be pinned.
    package mutating func setUserVariable(_ variable: UserVariable) -> Bool {
        let index = userVariables.firstIndex { $0.name == variable.name }
        if let index, userVariables[index] == variable { return true }
        let others = userVariables.reduce(0) { $0 + ($1.name == variable.name ? 0 : $1.bytes) }
        guard others + variable.bytes <= BackendLimits.imageUserVariableBytes,
            index != nil || userVariables.count < BackendLimits.imageUserVariables
        else {
            removeUserVariable(variable.name)
            return false
        }
        if let index { userVariables[index] = variable } else { userVariables.append(variable) }
        revision += 1
        return true
    }

    /// The value of a user variable is not known any more.
    package mutating func removeUserVariable(_ name: [UInt8]) {
        guard let index = userVariables.firstIndex(where: { $0.name == name }) else { return }
        userVariables.remove(at: index)
        revision += 1
    }

    /// Variables that `SET NAMES` sets.
    package static let characterSetVariables = [
        "character_set_client", "character_set_results", "character_set_connection", "collation_connection",
    ]

    /// A `SET NAMES` took effect, which holds but for what was set behind it. False when the image is full.
    ///
    /// - Parameters:
    ///   - statement: as text behind `SET`, of literals.
    ///   - later: the names of `characterSetVariables` that the same statement set behind it.
    package mutating func setNames(_ statement: [UInt8], except later: [String] = []) -> Bool {
        for name in Self.characterSetVariables where !later.contains(name) { removeVariable(name) }
        guard statement != namesStatement else { return true }
        let more = statement.count - (namesStatement?.count ?? 0)
        guard fits(more) else { return false }
        bytes += more
        namesStatement = statement
        revision += 1
        return true
    }

    /// What was set of `characterSetVariables` since `namesStatement`, the collation last: setting
    /// character_set_connection changes it.
    var characterSets: [Variable] {
        let set = variables.filter(Self.isCharacterSet)
        return set.filter { !Self.isCollation($0) } + set.filter(Self.isCollation)
    }

    static func isCharacterSet(_ variable: Variable) -> Bool {
        characterSetVariables.contains { variable.name.elementsEqual($0.utf8) }
    }

    private static func isCollation(_ variable: Variable) -> Bool {
        variable.name.elementsEqual("collation_connection".utf8)
    }

    /// Bytes of the names and values in it.
    package var heldBytes: Int {
        bytes + schema.count + userVariables.reduce(0) { $0 + $1.bytes }
    }

    private func fits(_ more: Int) -> Bool { bytes + more <= BackendLimits.imageBytes }

    /// The reported value of a variable that was changed.
    package func value(of name: String) -> [UInt8]? {
        variables.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    private static func equal(_ held: [UInt8], _ other: UnsafeRawBufferPointer) -> Bool {
        held.count == other.count && held.elementsEqual(other)
    }
}
