// What the exit codes of the commands mean: one place, for the commands and their help.

/// How `sql`, `explain` and `top` end.
package enum ClientExit: Int32, Sendable {
    /// Everything was answered.
    case success = 0
    /// A statement failed.
    case statementFailed = 1
    /// The command line, or what it names, is wrong.
    case usage = 2
    /// The console cannot be connected to, or refuses the login.
    case cannotConnect = 3
}

/// A command line that cannot be followed, or a file it names that cannot be read; exit code 2, or 3 of `status`.
package struct UsageProblem: Error, Equatable, CustomStringConvertible {
    /// One sentence for a human.
    package let description: String

    /// A problem in words.
    package init(_ description: String) { self.description = description }
}
