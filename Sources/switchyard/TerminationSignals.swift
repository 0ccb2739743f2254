// SIGTERM and SIGINT as something to wait for.
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Why the process is to end.
enum EndReason: Sendable, CustomStringConvertible {
    /// A signal asks for it.
    case signal(String)
    /// Another process has taken its place.
    case handedOver

    var description: String {
        switch self {
        case .signal(let name): name
        case .handedOver: "handed over"
        }
    }
}

/// Catches the signals that ask the process to end. Make it before any thread is started; a second signal ends at once.
final class TerminationSignals: Sendable {
    private let arrived = DispatchSemaphore(value: 0)
    private let name = Mutex<String>("")
    nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

    init() {
        signal(SIGPIPE, SIG_IGN)
        // A terminal that goes away, or an operator who expects a reload or a new process, must not end the proxy.
        signal(SIGHUP, SIG_IGN)
        signal(SIGUSR2, SIG_IGN)
        for (number, text) in [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { [self] in
                let isFirst = name.withLock { held in
                    defer { held = text }
                    return held.isEmpty
                }
                if isFirst { arrived.signal() } else { exit(130) }
            }
            source.activate()
            sources.append(source)
        }
    }

    /// Whether a signal has come.
    var hasCome: Bool { name.withLock { !$0.isEmpty } }

    /// Another process has taken this one's place. The first signal after that changes nothing: what drains goes on.
    func handedOver() { arrived.signal() }

    /// Blocks until there is a reason to end.
    func wait() -> EndReason {
        arrived.wait()
        return name.withLock { $0.isEmpty ? .handedOver : .signal($0) }
    }
}
