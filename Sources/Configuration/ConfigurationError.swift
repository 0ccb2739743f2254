// What is wrong with a settings file, and where: one value per problem, all problems in one error.

/// One problem in a settings file. No part of it contains a secret.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file as it was named by the caller.
    package var file: String
    /// The line, from 1; 0 when the problem has no place in the text (a file that cannot be read).
    package var line: Int
    /// The column in Unicode scalars, from 1; 0 when there is no line.
    package var column: Int
    /// The place in the settings, for example `clusters[0].monitor.user`; empty at the top level.
    package var path: String
    /// What is wrong.
    package var message: String
    /// What was probably meant, as a sentence without a capital; `nil` when nothing is close.
    package var suggestion: String?

    /// Builds one problem.
    package init(
        file: String, line: Int = 0, column: Int = 0, path: String = "", message: String, suggestion: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
        self.suggestion = suggestion
    }

    /// For example `switchyard.yaml:7: clusters[0].nodes[1]: unknown key 'adress'; did you mean 'address'?`.
    package var description: String {
        var text = line > 0 ? "\(file):\(line): " : "\(file): "
        if !path.isEmpty { text += "\(path): " }
        text += message
        if let suggestion { text += "; \(suggestion)" }
        return text
    }
}

/// All problems of one settings file, in the order of the text; never empty.
package struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
    /// The problems, by line and column.
    package var errors: [ConfigurationError]

    /// Sorts the problems by their place in the text.
    package init(_ errors: [ConfigurationError]) {
        // The standard sort is stable, so problems at one place keep the order in which they were found.
        self.errors = errors.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// One problem per line.
    package var description: String { errors.map(\.description).joined(separator: "\n") }
}
