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
        try SettingsDocument(path: path, environment: environment).settings()
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
        try SettingsDocument(yaml: yaml, file: file, directory: directory, environment: environment).settings()
    }
}
