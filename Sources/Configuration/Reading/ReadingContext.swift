// What all readers of one settings file share: where it is, what it may refer to, and the problems found so far.

internal import Yams

/// The state of reading one file. Confined to the call that reads it.
final class ReadingContext {
    /// Problems beyond this many are not reported; the file is refused anyway.
    static let maximumProblems = 100

    let file: String
    let directory: String
    let environment: [String: String]
    private(set) var problems: [ConfigurationError] = []

    init(file: String, directory: String, environment: [String: String]) {
        self.file = file
        self.directory = directory
        self.environment = environment
    }

    func report(_ message: String, at mark: Mark?, path: String, suggestion: String? = nil) {
        report(message, line: mark?.line ?? 0, column: mark?.column ?? 0, path: path, suggestion: suggestion)
    }

    func report(_ message: String, line: Int, column: Int = 0, path: String, suggestion: String? = nil) {
        guard problems.count < Self.maximumProblems else { return }
        problems.append(
            ConfigurationError(
                file: file, line: line, column: column, path: path, message: message, suggestion: suggestion))
    }
}
