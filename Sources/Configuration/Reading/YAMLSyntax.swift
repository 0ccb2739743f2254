// From text to a YAML tree; what the parser objects to becomes a problem with a place, without a piece of the text.

internal import Yams

/// The root of the one document in `yaml`, or `nil` after a problem has been reported.
func composeYAML(_ yaml: String, context: ReadingContext) -> YAMLValue? {
    // A byte order mark is not part of the text, but some editors put it there.
    let text = yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
    do {
        guard let root = try Yams.compose(yaml: text) else {
            context.report("the file is empty", at: nil, path: "")
            return nil
        }
        return YAMLValue(node: root, path: "", context: context)
    } catch let error as YamlError {
        report(error, text: text, context: context)
    } catch {
        context.report("the YAML cannot be read", at: nil, path: "")
    }
    return nil
}

private func report(_ error: YamlError, text: String, context: ReadingContext) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        context.report(
            "not YAML: \(problem)", at: mark, path: "", suggestion: quotingAdvice(problem, line: mark.line, text: text))
    case .reader(let problem, let offset, _, _):
        let lines = text.utf8.prefix(offset ?? 0).count { $0 == UInt8(ascii: "\n") }
        context.report("not YAML: \(problem)", line: offset == nil ? 0 : lines + 1, path: "")
    case .duplicatedKeysInMapping(let duplicates, let place):
        let keys = quotedList(duplicates.map { redactedKey($0).shown })
        context.report("duplicate key \(keys) in one mapping", at: place.mark, path: "")
    default:
        context.report("the YAML cannot be read", at: nil, path: "")
    }
}

/// The usual reason is a password or a hash that means something to YAML.
private func quotingAdvice(_ problem: String, line: Int, text: String) -> String? {
    let lines = text.split(maxSplits: line, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    if lines.indices.contains(line - 1), lines[line - 1].contains("${") {
        return "put a value with '${…}' in quotes where it stands inside '[…]' or '{…}'"
    }
    let isAboutIndicators = ["alias", "anchor", "cannot start any token", "mapping values", "tag"]
        .contains { problem.contains($0) }
    return isAboutIndicators ? "put values with special characters, such as '*…', in quotes" : nil
}
