// What all readers of one settings file share: where it is, what it may refer to, and the problems found so far.

internal import Yams

/// The state of reading one file. Confined to the call that reads it.
final class ReadingContext {
    /// Problems beyond this many are not reported; the file is refused anyway.
    static let maximumProblems = 100

    let file: String
    let directory: String
    let environment: [String: String]
    /// Whether a console put values into the tree; those stand on no line.
    private let isAssigned: Bool
    private(set) var problems: [ConfigurationError] = []

    init(file: String, directory: String, environment: [String: String], isAssigned: Bool = false) {
        self.isAssigned = isAssigned
        self.file = file
        self.directory = directory
        self.environment = environment
    }

    func report(_ message: String, at mark: Mark?, path: String, suggestion: String? = nil) {
        report(message, line: mark?.line ?? 0, column: mark?.column ?? 0, path: path, suggestion: suggestion)
    }

    func report(_ message: String, line: Int, column: Int = 0, path: String, suggestion: String? = nil) {
        guard problems.count < Self.maximumProblems else { return }
        let isConsole = isAssigned && line == 0 && !path.isEmpty
        problems.append(
            ConfigurationError(
                file: isConsole ? SettingsEditor.console : file, line: line, column: column, path: path,
                message: message, suggestion: suggestion))
    }
}
