// How the log is written, shared by all log handlers of the process and changeable while they are in use.

package import Logging
internal import Glibc
internal import Synchronization

/// The shape of a log line.
package enum LogLineFormat: Int, Sendable {
    /// `2026-01-02T03:04:05.678Z info  topology: message key=value`.
    case human
    /// One JSON object per line.
    case json
}

/// The level, the shape and the destination of the log. Changes take effect with the next event.
package final class LogConfiguration: Sendable {
    // A pipe that is ready takes this much without waiting (PIPE_BUF, pipe(7)).
    private static let pipeBytes = 4_096

    private let levelIndex: Atomic<Int>
    private let formatIndex: Atomic<Int>
    private let descriptor: Int32
    private let dropped = Counter()
    /// Whether the last line was taken in part. Held while a line is written.
    private let endsInside = Mutex(false)

    /// Starts with a level and a shape; lines go to `descriptor`, which stays open and belongs to the caller.
    package init(level: Logger.Level = .info, format: LogLineFormat = .human, descriptor: Int32 = 2) {
        levelIndex = Atomic(Self.index(of: level))
        formatIndex = Atomic(format.rawValue)
        self.descriptor = descriptor
    }

    /// The least severe level that is written.
    package var level: Logger.Level {
        get { Logger.Level.allCases[levelIndex.load(ordering: .relaxed)] }
        set { levelIndex.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    /// The shape of a line.
    package var format: LogLineFormat {
        get { LogLineFormat(rawValue: formatIndex.load(ordering: .relaxed)) ?? .human }
        set { formatIndex.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Lines that the destination did not take, because it is full, closed or broken.
    package var droppedLines: Int { dropped.value }

    /// Makes every `Logger` of the process write through this configuration. Call it once, before any `Logger` is made.
    package func bootstrap() {
        LoggingSystem.bootstrap { label in SwitchyardLogHandler(label: label, configuration: self) }
    }

    private static func index(of level: Logger.Level) -> Int {
        Logger.Level.allCases.firstIndex(of: level) ?? 0
    }

    /// Writes one line. Waiting for whoever reads the log would stop the thread's sessions: what is not taken at once is
    /// lost.
    ///
    /// One thread at a time: of two that see the last room of a pipe, the second would find it taken and wait in `write`.
    func write(_ line: String) {
        endsInside.withLock { endsInside in
            // What comes behind a line that lost its end must not look like a part of it.
            var text = endsInside ? "\n\(line)" : line
            let taken = text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
            guard taken == text.utf8.count else {
                dropped.add()
                if taken > 0 { endsInside = true }
                return
            }
            endsInside = false
        }
    }

    /// How many bytes were taken without waiting.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            var readiness = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let written =
                poll(&readiness, 1, 0) == 0 ? 0 : Glibc.write(descriptor, start, min(rest.count, Self.pipeBytes))
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { break }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return bytes.count - rest.count
    }
}
