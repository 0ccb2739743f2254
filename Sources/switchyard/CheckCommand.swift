// `switchyard check`: are the settings right, and what would run?
internal import ArgumentParser
internal import Configuration

/// `switchyard check --config FILE`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Validate a settings file and print what would run; exit code 1 on a mistake.")

    @OptionGroup var file: SettingsFile

    func run() throws {
        let settings = try file.load()
        for line in settings.summary { print(line) }
    }
}
