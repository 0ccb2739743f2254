// The bridge from swift-log to one line per event.

package import Logging

/// Writes the events of one `Logger` as lines, as its shared `LogConfiguration` says.
package struct SwitchyardLogHandler: LogHandler {
    private let label: String
    private let configuration: LogConfiguration
    private var ownLevel: Logger.Level?
    /// What every event of this logger carries.
    package var metadata: Logger.Metadata = [:]
    /// Adds facts of the calling task.
    package var metadataProvider: Logger.MetadataProvider?

    /// A handler for the logger named `label`.
    package init(label: String, configuration: LogConfiguration) {
        self.label = label
        self.configuration = configuration
    }

    /// The shared level, until this one logger is given its own.
    package var logLevel: Logger.Level {
        get { ownLevel ?? configuration.level }
        set { ownLevel = newValue }
    }

    /// One entry of `metadata`.
    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the event. Of entries with the same key, the event's own wins, then the provider's, then the logger's.
    package func log(event: LogEvent) {
        var facts = metadata
        if let provided = metadataProvider?.get() { facts.merge(provided) { _, new in new } }
        if let own = event.metadata { facts.merge(own) { _, new in new } }
        if let error = event.error { facts["error"] = "\(error)" }
        let line = LogLine(
            time: .now(), level: event.level, label: label, message: event.message.description, metadata: facts)
        configuration.write(line.text(configuration.format))
    }
}
