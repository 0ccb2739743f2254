// One token of a console statement, with the place it came from.

/// A token and its bytes in the statement.
struct ConsoleToken: Equatable {
    /// What a token is.
    enum Kind: Equatable {
        /// An unquoted name or keyword, as written.
        case word(String)
        /// A name between backquotes, unquoted.
        case quotedIdentifier(String)
        /// A string literal with its escapes resolved; MySQL reads both quote characters as strings.
        case string(String)
        /// A number, or anything that begins with a digit.
        case number(String)
        /// `@name`.
        case userVariable(String)
        /// `@@[scope.]name`, without the scope.
        case systemVariable(String)
        /// Punctuation: one character, or `<=>`, `&&`.
        case symbol(String)
    }

    let kind: Kind
    /// Byte offsets in the statement.
    let range: Range<Int>

    /// The keyword in upper case if this is an unquoted word.
    var keyword: String? {
        if case .word(let word) = kind { return word.uppercased() }
        return nil
    }

    /// The name if the token can be one: a word or a backquoted identifier.
    var identifier: String? {
        switch kind {
        case .word(let name), .quotedIdentifier(let name): name
        case .string, .number, .userVariable, .systemVariable, .symbol: nil
        }
    }

    /// Whether the token is this punctuation.
    func isSymbol(_ text: String) -> Bool { kind == .symbol(text) }
}
