// Text that came from anywhere, made safe for a log: no event can end its line early or fake a second one.

internal import Logging

/// Escaping for the two shapes of a log line.
enum LogEscaping {
    /// The text cut to about `maximumBytes`, with control characters written as escapes.
    static func oneLine(_ text: String, maximumBytes: Int) -> String {
        if text.utf8.count <= maximumBytes, text.unicodeScalars.allSatisfy({ !isControl($0) }) { return text }
        return escaped(text, maximumBytes: maximumBytes, escapesQuotes: false)
    }

    /// A metadata value as text: bare if it is one plain word, otherwise in quotes.
    static func humanValue(_ value: Logger.MetadataValue, depth: Int, maximumBytes: Int) -> String {
        switch value {
        case .string(let text):
            return humanWord(text, maximumBytes: maximumBytes)
        case .stringConvertible(let object):
            return humanWord("\(object)", maximumBytes: maximumBytes)
        case .array(let values):
            guard depth > 0 else { return "[…]" }
            let texts = values.prefix(LogLine.maximumEntries)
                .map { humanValue($0, depth: depth - 1, maximumBytes: maximumBytes) }
            return "[\(texts.joined(separator: ","))]"
        case .dictionary(let entries):
            guard depth > 0 else { return "{…}" }
            let texts = entries.sorted { $0.key < $1.key }.prefix(LogLine.maximumEntries).map { entry in
                let value = humanValue(entry.value, depth: depth - 1, maximumBytes: maximumBytes)
                return "\(oneLine(entry.key, maximumBytes: maximumBytes))=\(value)"
            }
            return "{\(texts.joined(separator: ","))}"
        }
    }

    /// A metadata value as JSON.
    static func jsonValue(_ value: Logger.MetadataValue, depth: Int, maximumBytes: Int) -> String {
        switch value {
        case .string(let text):
            return jsonString(text, maximumBytes: maximumBytes)
        case .stringConvertible(let object):
            switch object {
            case let number as Int: return String(number)
            case let number as Int64: return String(number)
            case let number as UInt64: return String(number)
            case let flag as Bool: return flag ? "true" : "false"
            default: return jsonString("\(object)", maximumBytes: maximumBytes)
            }
        case .array(let values):
            guard depth > 0 else { return "[]" }
            let texts = values.prefix(LogLine.maximumEntries)
                .map { jsonValue($0, depth: depth - 1, maximumBytes: maximumBytes) }
            return "[\(texts.joined(separator: ","))]"
        case .dictionary(let entries):
            guard depth > 0 else { return "{}" }
            let texts = entries.sorted { $0.key < $1.key }.prefix(LogLine.maximumEntries).map { entry in
                let value = jsonValue(entry.value, depth: depth - 1, maximumBytes: maximumBytes)
                return "\(jsonString(entry.key, maximumBytes: maximumBytes)):\(value)"
            }
            return "{\(texts.joined(separator: ","))}"
        }
    }

    /// A JSON string with its quotes (RFC 8259, section 7).
    static func jsonString(_ text: String, maximumBytes: Int) -> String {
        "\"\(escaped(text, maximumBytes: maximumBytes, escapesQuotes: true))\""
    }

    private static func humanWord(_ text: String, maximumBytes: Int) -> String {
        let isPlain =
            !text.isEmpty && text.utf8.count <= maximumBytes
            && text.unicodeScalars.allSatisfy { scalar in
                !isControl(scalar) && scalar != " " && scalar != "\"" && scalar != "=" && scalar != "\\"
            }
        return isPlain ? text : jsonString(text, maximumBytes: maximumBytes)
    }

    private static func escaped(_ text: String, maximumBytes: Int, escapesQuotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if result.utf8.count >= maximumBytes {
                result.append("…")
                break
            }
            switch scalar {
            case "\n": result.append("\\n")
            case "\r": result.append("\\r")
            case "\t": result.append("\\t")
            case "\"" where escapesQuotes: result.append("\\\"")
            case "\\" where escapesQuotes: result.append("\\\\")
            case _ where isControl(scalar):
                result.append("\\u" + paddedNumber(UInt64(scalar.value), width: 4, radix: 16))
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    // Besides the ASCII controls: C1 controls, which some terminals obey, and the two Unicode line ends.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
