// The text that settings are read from: the file, the environment it names, and what a console says instead of parts of it.

internal import Yams

/// Settings before they are read. Its descriptions never contain the text.
package struct SettingsDocument: Sendable {
    /// The file, as the operator named it.
    package let file: String
    private let text: String
    private let directory: String
    private let environment: [String: String]
    /// What the console says, in the order in which it said it; of two places one of which is in the other, the later
    /// counts.
    package private(set) var assignments: [SettingAssignment] = []

    /// A document by its text; see `Settings.parse` for the parameters.
    package init(yaml: String, file: String, directory: String, environment: [String: String]) {
        text = yaml
        self.file = file
        self.directory = directory
        self.environment = environment
    }

    /// Reads the file. Nothing is validated yet, but that it is text.
    package init(path: String, environment: [String: String]) throws(ConfigurationErrors) {
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes = try readFile(path, maximumBytes: Settings.maximumFileBytes)
        } catch {
            throw ConfigurationErrors([ConfigurationError(file: path, message: "cannot read: \(error.message)")])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationErrors([ConfigurationError(file: path, message: "not a text in UTF-8")])
        }
        self.init(yaml: text, file: path, directory: folder(of: path), environment: environment)
    }

    /// The file as it is now, under what the console says.
    package func reread() throws(ConfigurationErrors) -> SettingsDocument {
        var document = try SettingsDocument(path: file, environment: environment)
        document.assignments = assignments
        return document
    }

    /// The document with more of the console's words; those for the same place, or for parts of it, are replaced.
    package func assigning(_ more: [SettingAssignment]) -> SettingsDocument {
        var document = self
        for assignment in more {
            document.assignments.removeAll { $0.path.isWithin(assignment.path) }
            if assignment.value != .fromFile { document.assignments.append(assignment) }
        }
        return document
    }

    /// The document without the console's words.
    var withoutAssignments: SettingsDocument {
        var document = self
        document.assignments = []
        return document
    }

    /// Validates all of it. Throws every problem, not only the first; those of the console's words name it instead of
    /// the file.
    package func settings() throws(ConfigurationErrors) -> Settings {
        let context = ReadingContext(
            file: file, directory: directory, environment: environment, isAssigned: !assignments.isEmpty)
        let settings = try root(context).flatMap(Settings.read)
        if !context.problems.isEmpty { throw ConfigurationErrors(context.problems) }
        guard let settings else {
            throw ConfigurationErrors([ConfigurationError(file: file, message: "the settings cannot be read")])
        }
        return settings
    }

    /// Where the value of each setting that is named anywhere comes from, by its place; the others have their defaults.
    package var sources: [String: SettingSource] {
        let context = ReadingContext(
            file: file, directory: directory, environment: environment, isAssigned: !assignments.isEmpty)
        guard let root = try? root(context) else { return [:] }
        var survey = SettingsSurvey(editor: SettingsEditor(environment: environment))
        survey.visit(root.node, path: "", key: "")
        return survey.sources
    }

    private func root(_ context: ReadingContext) throws(ConfigurationErrors) -> YAMLValue? {
        guard let file = composeYAML(text, context: context) else { return nil }
        let editor = SettingsEditor(environment: environment)
        var node = file.node
        for assignment in assignments { node = try editor.apply(assignment, to: node) }
        return YAMLValue(node: node, path: "", context: context)
    }
}

extension SettingsDocument: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The file's name.
    package var description: String { "settings of \(file)" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the text.
    package var customMirror: Mirror { Mirror(self, children: ["file": file]) }
}
