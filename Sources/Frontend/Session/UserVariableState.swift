// What the session knows of its user variables: the image has the values, here is what it lacks.
internal import Backend
internal import SQL

/// Variables whose values only the main connection has.
struct UserVariableState {
    /// Their names.
    private(set) var stale: [[UInt8]] = []
    /// There may be others, or values that cannot be carried: the connection is kept.
    private(set) var isUnknown = false
    /// Strings that a `SET` said, of variables that are stale: the bytes are known, the character set is not.
    private var texts: [Text] = []

    private struct Text {
        let name: [UInt8]
        let content: [UInt8]
    }

    /// Whether the session cannot do without its connection.
    var holdsConnection: Bool { isUnknown || !stale.isEmpty }

    /// Any of them may have any value.
    mutating func becomesUnknown() {
        isUnknown = true
        texts = []
    }

    /// Whether there is a string that another statement may change.
    var hasTexts: Bool { !texts.isEmpty }

    /// The string of ASCII that a variable holds; nil when it holds something else, or only the server knows.
    func text(of name: [UInt8], _ image: SessionImage) -> [UInt8]? {
        if let text = texts.first(where: { $0.name == name }) { return text.content }
        return isUnknown ? nil : image.userVariables.first { $0.name == name }?.plainText
    }

    /// A variable that has just become stale holds this string of ASCII.
    mutating func textTold(_ name: [UInt8], _ content: [UInt8]) {
        let bytes = texts.reduce(content.count) { $0 + $1.content.count }
        guard texts.count < BackendLimits.imageUserVariables, bytes <= BackendLimits.imageUserVariableBytes else {
            return
        }
        texts.append(Text(name: name, content: content))
    }

    /// Only the server knows this one now.
    mutating func becomesStale(_ name: [UInt8], _ image: inout SessionImage) {
        image.removeUserVariable(name)
        texts.removeAll { $0.name == name }
        guard !stale.contains(name) else { return }
        guard stale.count + image.userVariables.count < BackendLimits.imageUserVariables else {
            return becomesUnknown()
        }
        stale.append(name)
    }

    /// Its value is known.
    mutating func becomesKnown(_ variable: UserVariable, _ image: inout SessionImage) {
        stale.removeAll { $0 == variable.name }
        texts.removeAll { $0.name == variable.name }
        if !image.setUserVariable(variable) { becomesUnknown() }
    }

    /// A statement that may run triggers or functions was run: what was known is to be asked again.
    mutating func allBecomeStale(_ image: inout SessionImage) {
        texts = []
        for variable in image.userVariables { becomesStale(variable.name, &image) }
    }
}
