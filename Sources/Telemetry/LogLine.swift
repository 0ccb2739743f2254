// One log event as one line of text, for people or as JSON; pure, so that tests can state lines byte by byte.

package import Logging

/// An event ready to be written.
package struct LogLine {
    /// Texts longer than this many bytes are cut, so that one event cannot flood the log.
    package static let maximumTextBytes = 8_192
    /// Metadata beyond this many entries is left out.
    package static let maximumEntries = 64
    /// Lists and dictionaries in metadata are followed this deep.
    package static let maximumDepth = 8

    // The longest level is `notice`, and one space.
    private static let levelColumns = 7

    /// When it happened.
    package var time: WallClockTime
    /// How severe it is.
    package var level: Logger.Level
    /// Which part of the program says so.
    package var label: String
    /// What happened.
    package var message: String
    /// The facts beside it.
    package var metadata: Logger.Metadata

    /// Collects the parts of an event.
    package init(
        time: WallClockTime, level: Logger.Level, label: String, message: String, metadata: Logger.Metadata
    ) {
        self.time = time
        self.level = level
        self.label = label
        self.message = message
        self.metadata = metadata
    }

    /// The line with its line feed.
    package func text(_ format: LogLineFormat) -> String {
        switch format {
        case .human: humanText()
        case .json: jsonText()
        }
    }

    // Sorted, because a dictionary's order changes from run to run.
    private var entries: ArraySlice<(key: String, value: Logger.MetadataValue)> {
        metadata.sorted { $0.key < $1.key }.prefix(Self.maximumEntries)
    }

    private func humanText() -> String {
        let name =
            switch level {
            case .warning: "warn"
            case .critical: "crit"
            default: level.rawValue
            }
        var line = "\(time) \(name)"
        line.append(String(repeating: " ", count: max(1, Self.levelColumns - name.utf8.count)))
        line.append(LogEscaping.oneLine(label, maximumBytes: Self.maximumTextBytes))
        line.append(": ")
        line.append(LogEscaping.oneLine(message, maximumBytes: Self.maximumTextBytes))
        for (key, value) in entries {
            line.append(" ")
            line.append(LogEscaping.oneLine(key, maximumBytes: Self.maximumTextBytes))
            line.append("=")
            line.append(LogEscaping.humanValue(value, depth: Self.maximumDepth, maximumBytes: Self.maximumTextBytes))
        }
        line.append("\n")
        return line
    }

    private func jsonText() -> String {
        var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"label\":"
        line.append(LogEscaping.jsonString(label, maximumBytes: Self.maximumTextBytes))
        line.append(",\"message\":")
        line.append(LogEscaping.jsonString(message, maximumBytes: Self.maximumTextBytes))
        if !metadata.isEmpty {
            line.append(",\"metadata\":{")
            for (index, entry) in entries.enumerated() {
                if index > 0 { line.append(",") }
                line.append(LogEscaping.jsonString(entry.key, maximumBytes: Self.maximumTextBytes))
                line.append(":")
                line.append(
                    LogEscaping.jsonValue(entry.value, depth: Self.maximumDepth, maximumBytes: Self.maximumTextBytes))
            }
            line.append("}")
        }
        line.append("}\n")
        return line
    }
}
