// What a service manager is told of the process: systemd's notification protocol, which others speak too.
// https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html

/// Parts of a message. Each is a line.
package enum ServiceNotification: Sendable, Equatable {
    /// The service serves: at its start, and at the end of a reload.
    case ready
    /// A reload has begun, on the monotonic clock.
    case reloading(monotonicMicroseconds: UInt64)
    /// The service ends.
    case stopping
    /// It needs so much more time than the unit grants.
    case extendTimeout(microseconds: UInt64)
    /// It makes progress.
    case watchdog
    /// How it does, in one line.
    case status(String)
    /// The process that the service is from now on: what a hand-over tells.
    case mainProcess(Int32)

    /// The longest status, in bytes of UTF-8.
    static let statusBytesMaximum = 400

    /// The line without its end.
    var line: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
        case .stopping: "STOPPING=1"
        case .extendTimeout(let time): "EXTEND_TIMEOUT_USEC=\(time)"
        case .watchdog: "WATCHDOG=1"
        case .status(let text): "STATUS=\(Self.oneLine(text))"
        case .mainProcess(let id): "MAINPID=\(id)"
        }
    }

    /// A line end would begin another part.
    private static func oneLine(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || scalar.value == 0x7F
            if line.utf8.count + (isControl ? 1 : UTF8.width(scalar)) > statusBytesMaximum { break }
            line.unicodeScalars.append(isControl ? " " : scalar)
        }
        return line
    }
}
