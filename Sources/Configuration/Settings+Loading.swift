// The two ways in: from a file on disk, or from text that is already here.

extension Settings {
    /// A larger settings file is a mistake in the path.
    package static let maximumFileBytes = 4 << 20

    /// Reads and validates the settings file at `path`.
    ///
    /// - Parameters:
    ///   - path: the file; names of secret files in it are relative to its folder.
    ///   - environment: the variables that `${NAME}` may refer to.
    /// - Throws: every problem of the file, not only the first.
    package static func load(
        path: String, environment: [String: String]
    ) throws(ConfigurationErrors) -> Settings {
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes = try readFile(path, maximumBytes: maximumFileBytes)
        } catch {
            throw ConfigurationErrors([ConfigurationError(file: path, message: "cannot read: \(error.message)")])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationErrors([ConfigurationError(file: path, message: "not a text in UTF-8")])
        }
        return try parse(yaml: text, file: path, directory: folder(of: path), environment: environment)
    }

    /// Validates settings from text.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - file: what errors call the text.
    ///   - directory: where relative names of secret files start.
    ///   - environment: the variables that `${NAME}` may refer to.
    /// - Throws: every problem of the text, not only the first.
    package static func parse(
        yaml: String, file: String, directory: String, environment: [String: String]
    ) throws(ConfigurationErrors) -> Settings {
        let context = ReadingContext(file: file, directory: directory, environment: environment)
        let settings = composeYAML(yaml, context: context).flatMap(read)
        if !context.problems.isEmpty { throw ConfigurationErrors(context.problems) }
        guard let settings else {
            throw ConfigurationErrors([ConfigurationError(file: file, message: "the settings cannot be read")])
        }
        return settings
    }
}
