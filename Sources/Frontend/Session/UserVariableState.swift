// What the session knows of its user variables: the image has the values, here is what it lacks.
internal import Backend
internal import SQL

/// Variables whose values only the main connection has.
struct UserVariableState {
    /// Their names.
    private(set) var stale: [[UInt8]] = []
    /// There may be others, or values that cannot be carried: the connection is kept.
    private(set) var isUnknown = false

    /// Whether the session cannot do without its connection.
    var holdsConnection: Bool { isUnknown || !stale.isEmpty }

    mutating func becomesUnknown() { isUnknown = true }

    /// Only the server knows this one now.
    mutating func becomesStale(_ name: [UInt8], _ image: inout SessionImage) {
        image.removeUserVariable(name)
        guard !stale.contains(name) else { return }
        guard stale.count + image.userVariables.count < BackendLimits.imageUserVariables else {
            return becomesUnknown()
        }
        stale.append(name)
    }

    /// Its value is known.
    mutating func becomesKnown(_ variable: UserVariable, _ image: inout SessionImage) {
        stale.removeAll { $0 == variable.name }
        if !image.setUserVariable(variable) { becomesUnknown() }
    }

    /// A statement that may run triggers or functions was run: what was known is to be asked again.
    mutating func allBecomeStale(_ image: inout SessionImage) {
        for variable in image.userVariables { becomesStale(variable.name, &image) }
    }
}
