// The target of a request: a path and a query, with what is written as %XX decoded.

internal import Security

/// Reads targets.
enum HTTPTarget {
    static func read(
        _ target: [UInt8]
    ) throws(HTTPFailure) -> (path: String, query: [HTTPRequest.Parameter]) {
        let parts = try originForm(target).split(
            separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let path = try decoded(parts.first ?? [], plusIsSpace: false)
        guard parts.count == 2, !parts[1].isEmpty else { return (path, []) }
        var query: [HTTPRequest.Parameter] = []
        for part in parts[1].split(separator: UInt8(ascii: "&")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            query.append(
                HTTPRequest.Parameter(
                    name: try decoded(pair[0], plusIsSpace: true),
                    value: pair.count == 2 ? try decoded(pair[1], plusIsSpace: true) : ""))
        }
        return (path, query)
    }

    /// `/path?query`, also of `http://host/path?query`, which servers have to take.
    private static func originForm(_ target: [UInt8]) throws(HTTPFailure) -> ArraySlice<UInt8> {
        if target.first == UInt8(ascii: "/") { return target[...] }
        for scheme in ["http://", "https://"] where target.starts(with: scheme.utf8) {
            let rest = target.dropFirst(scheme.utf8.count)
            return rest.firstIndex(of: UInt8(ascii: "/")).map { rest[$0...] } ?? [UInt8(ascii: "/")]
        }
        throw HTTPFailure(400, "a target begins with a slash")
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(HTTPFailure) -> String {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(HexDigit.value),
                    let low = rest.popFirst().flatMap(HexDigit.value)
                else {
                    throw HTTPFailure(400, "% is followed by two hexadecimal digits")
                }
                result.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: result.append(UInt8(ascii: " "))
            default: result.append(byte)
            }
        }
        guard !result.contains(where: { $0 < 0x20 || $0 == 0x7F }), let text = String(validating: result, as: UTF8.self)
        else { throw HTTPFailure(400, "a target is a text in UTF-8 without control characters") }
        return text
    }
}
