// EXECUTE IMMEDIATE, by its parts.

/// MariaDB's `EXECUTE IMMEDIATE source [USING …]`.
/// https://mariadb.com/kb/en/execute-immediate/
package struct ImmediateStatement: Sendable, Equatable {
    /// Where the text comes from.
    package enum Source: Sendable, Equatable {
        /// What a string literal means.
        case literal([UInt8])
        /// A user variable, in lower case.
        case variable([UInt8])
    }

    /// What follows the text, or a statement's name.
    package enum Parameters: Sendable, Equatable {
        case absent
        /// `USING` variables and literals.
        case plain
        /// Anything else, which may do anything.
        case other
    }

    /// Where the text comes from.
    package let source: Source
    /// Offset behind the source.
    package let sourceEnd: Int
    /// What follows it.
    package let parameters: Parameters

    /// A statement by its parts.
    package init(source: Source, sourceEnd: Int, parameters: Parameters) {
        self.source = source
        self.sourceEnd = sourceEnd
        self.parameters = parameters
    }
}
