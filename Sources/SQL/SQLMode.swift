// The server settings that change how SQL text is split into tokens.

/// The family of the server that will run the text. It decides which built-in functions exist and how
/// version comments are read.
@usableFromInline package enum Dialect: UInt8, Sendable {
    case mariaDB, mySQL

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// The session and server settings on which the meaning of SQL text depends.
package struct SQLMode: Sendable, Equatable {
    /// `sql_mode` has `ANSI_QUOTES`: `"x"` is an identifier, not a string.
    package var ansiQuotes = false
    /// `sql_mode` has `NO_BACKSLASH_ESCAPES`: `\` is an ordinary character in strings.
    package var noBackslashEscapes = false
    /// `sql_mode` has `IGNORE_SPACE`: `COUNT (*)` calls the built-in. Without it that names a stored function.
    package var ignoreSpace = false
    /// `character_set_client` is one whose multi-byte characters may hold `\` or a backtick as second byte (big5,
    /// cp932, gbk, gb18030, sjis). Text with bytes from 0x80 on is then never taken for a read.
    package var ambiguousCharacterSet = false
    /// The server's family.
    package var dialect: Dialect
    /// The server's version as in version comments: 10.11.6 is 101106, 8.0.36 is 80036.
    package var serverVersion: UInt32

    /// Default settings; the version defaults to MariaDB 10.11.6 or MySQL 8.0.36.
    package init(
        ansiQuotes: Bool = false, noBackslashEscapes: Bool = false, ignoreSpace: Bool = false,
        ambiguousCharacterSet: Bool = false, dialect: Dialect = .mariaDB, serverVersion: UInt32? = nil
    ) {
        self.ansiQuotes = ansiQuotes
        self.noBackslashEscapes = noBackslashEscapes
        self.ignoreSpace = ignoreSpace
        self.ambiguousCharacterSet = ambiguousCharacterSet
        self.dialect = dialect
        self.serverVersion = serverVersion ?? (dialect == .mariaDB ? 101_106 : 80_036)
    }
}
