// SET, SHOW SETTINGS DIFF, APPLY, DISCARD SETTINGS, ROLLBACK n and RELOAD.
internal import Configuration

extension ConsoleProxyCommands {
    /// The result of a statement about settings.
    func answer(_ statement: SettingsStatement, _ session: ConsoleSession) throws(ConsoleError) -> ConsoleResult {
        if case .unreadable(let error) = statement { throw error }
        let control = try control()
        do throws(SettingsRefusal) {
            switch statement {
            case .set(let assignments): return changes(try control.stage(assignments), note: "pending: APPLY")
            case .showDifference(version: nil): return changes(control.pending, note: "pending: APPLY")
            case .showDifference(let version?):
                return changes(try control.difference(from: version), note: "ROLLBACK \(version)")
            case .apply: return outcome(try control.apply(for: session))
            case .discard: return .ok(affectedRows: control.discard() ? 1 : 0)
            case .rollback(let version): return outcome(try control.rollBack(to: version, for: session))
            case .unreadable(let error): return .text(["error"], [[.text(error.message)]])
            }
        } catch {
            throw Self.refused(error)
        }
    }

    /// Reads the file again.
    func reload(_ session: ConsoleSession) throws(ConsoleError) -> ConsoleResult {
        let control = try control()
        do throws(SettingsRefusal) {
            return outcome(try control.reload(for: session))
        } catch {
            throw Self.refused(error)
        }
    }

    /// Throws for `SET hold_timeout = …`: clients' variables are acknowledged, and this would be too.
    func checkIsNoSetting(_ text: String) throws(ConsoleError) {
        guard let name = SettingsStatement.bareVariable(text), !Self.commonVariables.contains(name) else { return }
        let places = snapshots.source.settings.listed.map(\.path).filter { $0.hasSuffix(".\(name)") }
        guard let first = places.first else { return }
        throw ConsoleError(
            code: 1193, sqlState: "HY000",
            message: "Unknown system variable '\(name)'; the setting is written SET \(first) = <value>")
    }

    /// Variables of servers that have the names of settings, too.
    private static let commonVariables: Set<String> = ["connect_timeout", "wait_timeout"]

    private func control() throws(ConsoleError) -> any SettingsControl {
        if let control = snapshots.source.settingsControl { return control }
        throw Self.refused(SettingsRefusal("the settings of this process cannot be changed"))
    }

    /// 1231, ER_WRONG_VALUE_FOR_VAR.
    private static func refused(_ refusal: SettingsRefusal) -> ConsoleError {
        ConsoleError(code: 1231, sqlState: "42000", message: refusal.description)
    }

    private static let columns = ["setting", "old", "new", "note"]

    private func changes(_ changes: [SettingChange], note: String) -> ConsoleResult {
        .text(Self.columns, changes.map { row($0, note) })
    }

    private func outcome(_ outcome: SettingsOutcome) -> ConsoleResult {
        let overruled = outcome.overruled.map { row($0, "not changed: the console's word goes before the file's") }
        return .text(Self.columns, outcome.changes.map { row($0, "version \(outcome.version)") } + overruled)
    }

    private func row(_ change: SettingChange, _ note: String) -> [ConsoleValue] {
        [.text(change.path), .text(change.old), .text(change.new), .text(note)]
    }
}
