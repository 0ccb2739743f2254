// Cuts a text into statements: the console takes one at a time.
internal import SQL

/// Statements of a text.
package enum StatementSplitter {
    /// The statements between semicolons, each with its comments, which may be hints; those without a token are left out.
    package static func statements(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { view in
            var tokenizer = Tokenizer(view, mode: SQLMode(dialect: .mySQL))
            var statements: [String] = []
            var (start, isEmpty) = (0, true)
            func take(to end: Int) {
                if !isEmpty { statements.append(trimmed(view[start..<end])) }
            }
            while true {
                let token = tokenizer.next()
                switch token.kind {
                case .semicolon:
                    take(to: token.start)
                    (start, isEmpty) = (token.end, true)
                case .end:
                    take(to: view.count)
                    return statements
                case .unterminated:
                    // Whoever runs it says what is wrong with it.
                    isEmpty = false
                    take(to: view.count)
                    return statements
                default: isEmpty = false
                }
            }
        }
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return String(decoding: rest, as: UTF8.self)
    }
}
