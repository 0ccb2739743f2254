// The words of error messages: what was probably meant, lists of names, text made safe to print.

/// Texts longer than this are not compared with known names.
private let maximumComparedCharacters = 64

/// `did you mean 'x'?` for the closest candidate, if any is close enough to be a slip of the keyboard.
func didYouMean(_ text: String, among candidates: [String]) -> String? {
    guard text.count <= maximumComparedCharacters else { return nil }
    let lowercased = text.lowercased()
    let limit = max(1, text.count / 3)
    let best =
        candidates
        .map { (name: $0, distance: editDistance(lowercased, $0.lowercased())) }
        .min { $0.distance < $1.distance }
    guard let best, best.distance <= limit else { return nil }
    return "did you mean '\(best.name)'?"
}

/// The fewest insertions, deletions, replacements and swaps of neighbours that turn one text into the other
/// (the "optimal string alignment" distance).
func editDistance(_ left: String, _ right: String) -> Int {
    let from = Array(left)
    let to = Array(right)
    var beforePrevious: [Int] = []
    var previous = Array(0...to.count)
    for row in 0..<from.count {
        var current = [row + 1]
        for column in 0..<to.count {
            let replace = previous[column] + (from[row] == to[column] ? 0 : 1)
            var cost = min(replace, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, from[row] == to[column - 1], from[row - 1] == to[column] {
                cost = min(cost, beforePrevious[column - 1] + 1)
            }
            current.append(cost)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[to.count]
}

/// `'a', 'b' and 'c'`.
func quotedList(_ names: [String]) -> String {
    let quoted = names.map { "'\($0)'" }
    guard quoted.count > 1, let last = quoted.last else { return quoted.first ?? "" }
    return "\(quoted.dropLast().joined(separator: ", ")) and \(last)"
}

/// Text from the file as it may stand in a one-line message: control characters replaced, long text cut.
func printable(_ text: String) -> String {
    let maximumScalars = 80
    var result = ""
    for scalar in text.unicodeScalars.prefix(maximumScalars) {
        let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        result.unicodeScalars.append(isControl ? "?" : scalar)
    }
    return text.unicodeScalars.count > maximumScalars ? result + "…" : result
}
