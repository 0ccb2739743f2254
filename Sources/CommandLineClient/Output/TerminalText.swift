// Text that came from anywhere, made safe and measured for a terminal.

/// What a terminal does with text.
package enum TerminalText {
    /// The text with what could command a terminal, or turn what is read around, written as escapes: no statement can
    /// move the cursor, change colours, or fake a line.
    package static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": shown += "\\n"
            case "\t": shown += "\\t"
            case "\r": shown += "\\r"
            case _ where isUnsafe(scalar): shown += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// Controls (C0, DEL, and C1, which some terminals obey), the line ends of Unicode, and marks that change the direction.
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Columns of a terminal.
    package static func width(_ text: String) -> Int {
        // Most texts are ASCII, where characters need not be put together.
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + width($1) }
    }

    /// Two for the wide East Asian blocks and emoji, none for what stands over or under another, else one.
    private static func width(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // A sign that is asked for as an emoji.
        if character.unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch first.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// The text in exactly `columns`: cut with an ellipsis, or filled with spaces.
    package static func fitted(_ text: String, _ columns: Int, toRight: Bool = false) -> String {
        let cut = cut(text, columns)
        let filling = String(repeating: " ", count: max(0, columns - width(cut)))
        return toRight ? filling + cut : cut + filling
    }

    /// The text in at most `columns`.
    package static func cut(_ text: String, _ columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var (kept, used) = ("", 0)
        for character in text {
            let next = width(character)
            if used + next > columns - 1 { break }
            kept.append(character)
            used += next
        }
        return kept + "…"
    }
}
