// The settings in force, those before them, and what is pending. A pure value: it reads files, and nothing else.

/// Which settings are in force and how they came to be.
///
/// A change has three steps: a candidate is made and validated here, whoever runs prepares for it, and then it is
/// accepted here. When one of the first two fails, `refuse` notes it, and nothing has changed.
package struct SettingsLedger: Sendable {
    /// Those that can be gone back to, the oldest first; the last is in force.
    package private(set) var versions: [SettingsVersion]
    /// What was changed and refused, the oldest first.
    package private(set) var events: [SettingsEvent] = []
    /// What the console has set and not applied.
    package private(set) var staged: [SettingAssignment] = []
    /// What that would change.
    package private(set) var pending: [SettingChange] = []
    /// Fills in what settings leave to the machine.
    private let fit: @Sendable (Settings) -> Settings
    /// Which of the versions kept brought the value of a setting; those that are missing are older.
    private var changedIn: [String: Int] = [:]

    /// The settings that a process starts with.
    ///
    /// - Parameters:
    ///   - document: where they were read from; without it they cannot be changed.
    ///   - fit: fills in what settings leave to the machine.
    package init(
        _ settings: Settings, document: SettingsDocument?, unixMilliseconds: Int64,
        fit: @escaping @Sendable (Settings) -> Settings
    ) {
        self.fit = fit
        versions = [
            SettingsVersion(
                number: 1, settings: settings, document: document,
                order: SettingsOrder(origin: .start, unixMilliseconds: unixMilliseconds))
        ]
    }

    /// The one in force. There is always one.
    package var current: SettingsVersion { versions[versions.count - 1] }

    // MARK: Pending changes

    /// Adds to what is pending, after the whole of it was validated; returns all that `APPLY` would change now.
    package mutating func stage(_ assignments: [SettingAssignment]) throws(SettingsRefusal) -> [SettingChange] {
        for assignment in assignments { try checkExists(assignment) }
        let all = staged + assignments
        let document = try document().assigning(all)
        guard all.count <= SettingsLimits.assignmentsMaximum,
            document.assignments.count <= SettingsLimits.assignmentsMaximum
        else {
            throw SettingsRefusal(
                "more than \(SettingsLimits.assignmentsMaximum) settings are set at the console: write them into the file"
            )
        }
        let candidate = try candidate(document)
        staged = all
        pending = candidate.changes
        return pending
    }

    /// What is to go must be there; otherwise a slip of the keyboard would change nothing, and say so to nobody.
    private func checkExists(_ assignment: SettingAssignment) throws(SettingsRefusal) {
        guard assignment.value == .nothing, case .element(let name)? = assignment.path.parts.last else { return }
        let path = assignment.path.description
        let isThere =
            current.settings.listed.contains { SettingsDifference.isPart($0.path, of: path) }
            || pending.contains { $0.path == path && $0.new != SettingsDifference.absent }
        guard isThere else { throw SettingsRefusal("\(path): nothing is named '\(printable(name))' there") }
    }

    /// Forgets what is pending; false when nothing was.
    package mutating func discard() -> Bool {
        defer {
            staged = []
            pending = []
        }
        return !staged.isEmpty
    }

    // MARK: Candidates

    /// What is pending, validated anew: files that the settings name may have changed.
    package func applying() throws(SettingsRefusal) -> SettingsCandidate {
        guard !staged.isEmpty else { throw SettingsRefusal("nothing is pending: SET <setting> = <value> comes first") }
        return try candidate(try document().assigning(staged))
    }

    /// The file as it is now, with what the console has in force.
    package func reloading() throws(SettingsRefusal) -> SettingsCandidate {
        let present = try document()
        let document: SettingsDocument
        do throws(ConfigurationErrors) {
            document = try present.reread()
        } catch {
            throw SettingsRefusal(error)
        }
        return try candidate(document)
    }

    /// An earlier version.
    package func rollingBack(to number: Int) throws(SettingsRefusal) -> SettingsCandidate {
        guard let version = versions.first(where: { $0.number == number }) else {
            let known = versions.map { "\($0.number)" }.joined(separator: ", ")
            throw SettingsRefusal("there is no version \(number); those kept are \(known)")
        }
        return try candidate(version.settings, version.document)
    }

    private func document() throws(SettingsRefusal) -> SettingsDocument {
        guard let document = current.document else {
            throw SettingsRefusal("these settings come from no file, and cannot be changed")
        }
        return document
    }

    private func candidate(_ document: SettingsDocument) throws(SettingsRefusal) -> SettingsCandidate {
        let settings: Settings
        do throws(ConfigurationErrors) {
            settings = try document.settings()
        } catch {
            throw SettingsRefusal(error)
        }
        return try candidate(fit(settings), document)
    }

    private func candidate(
        _ settings: Settings, _ document: SettingsDocument?
    ) throws(SettingsRefusal) -> SettingsCandidate {
        let changes = SettingsDifference.between(current.settings, settings)
        let impossible = changes.filter(\.requiresRestart)
        guard impossible.isEmpty else { throw SettingsRefusal(needingRestart: impossible) }
        return SettingsCandidate(settings: settings, document: document, changes: changes)
    }

    // MARK: Outcomes

    /// A candidate is in force: it is a new version, if it changed anything.
    package mutating func accept(_ candidate: SettingsCandidate, _ order: SettingsOrder) {
        if order.origin == .apply { staged = [] }
        guard !candidate.changes.isEmpty else {
            versions[versions.count - 1].document = candidate.document
            return refreshPending()
        }
        let number = current.number + 1
        versions.append(
            SettingsVersion(number: number, settings: candidate.settings, document: candidate.document, order: order))
        if versions.count > SettingsLimits.versionsMaximum {
            versions.removeFirst()
            changedIn = changedIn.filter { $0.value > versions[0].number }
        }
        for change in candidate.changes { changedIn[change.path] = number }
        note(candidate.changes, number, order)
        refreshPending()
    }

    /// A change was asked for and not made.
    package mutating func refuse(_ refusal: SettingsRefusal, _ order: SettingsOrder) {
        note([SettingsEvent(order: order, refusal: refusal.description)])
    }

    private mutating func note(_ changes: [SettingChange], _ number: Int, _ order: SettingsOrder) {
        let told =
            changes.count > SettingsLimits.eventsPerChangeMaximum
            ? changes.prefix(SettingsLimits.eventsPerChangeMaximum - 1) : changes[...]
        var more = told.map {
            SettingsEvent(version: number, order: order, path: $0.path, old: $0.old, new: $0.new)
        }
        if told.count < changes.count {
            more.append(
                SettingsEvent(version: number, order: order, path: "(\(changes.count - told.count) more settings)"))
        }
        note(more)
    }

    private mutating func note(_ more: [SettingsEvent]) {
        events += more
        if events.count > SettingsLimits.eventsMaximum {
            events.removeFirst(events.count - SettingsLimits.eventsMaximum)
        }
    }

    /// What is pending may mean something else, or nothing, beside other settings; `APPLY` says so.
    private mutating func refreshPending() {
        pending = staged.isEmpty ? [] : (try? applying())?.changes ?? []
    }

    // MARK: What others see

    /// What a version differs in from the one in force: what `ROLLBACK` to it would change.
    package func difference(from number: Int) throws(SettingsRefusal) -> [SettingChange] {
        try rollingBack(to: number).changes
    }

    /// What the file says of settings for which the console's words are in force instead.
    package var overruled: [SettingChange] {
        guard let document = current.document, !document.assignments.isEmpty,
            let file = try? document.withoutAssignments.settings()
        else { return [] }
        return SettingsDifference.between(current.settings, fit(file))
    }

    /// All settings in force, and those that are only pending.
    package var rows: [SettingRow] {
        let sources = current.document?.sources ?? [:]
        var waiting = Dictionary(pending.map { ($0.path, $0) }) { _, last in last }
        var rows: [SettingRow] = current.settings.listed.map { setting in
            SettingRow(
                path: setting.path, value: setting.value, pending: waiting.removeValue(forKey: setting.path)?.new,
                source: sources[setting.path] ?? .standard, version: version(of: setting.path),
                requiresRestart: setting.requiresRestart)
        }
        for change in pending where waiting[change.path] != nil {
            rows.append(
                SettingRow(
                    path: change.path, value: change.old == SettingsDifference.absent ? nil : change.old,
                    pending: change.new, source: sources[change.path] ?? .standard, version: version(of: change.path),
                    requiresRestart: change.requiresRestart))
        }
        return rows
    }

    /// A whole element that came is one change, and names all of its settings.
    private func version(of path: String) -> Int {
        if let number = changedIn[path] { return number }
        return changedIn.lazy.filter { SettingsDifference.isPart(path, of: $0.key) }.map(\.value).max()
            ?? versions[0].number
    }
}
