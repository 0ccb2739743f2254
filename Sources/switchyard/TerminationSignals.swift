// SIGTERM and SIGINT as something to wait for.
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Catches the signals that ask the process to end. Make it before any thread is started; a second signal ends at once.
final class TerminationSignals: Sendable {
    private let arrived = DispatchSemaphore(value: 0)
    private let name = Mutex<String>("")
    nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

    init() {
        signal(SIGPIPE, SIG_IGN)
        // A terminal that goes away, or an operator who expects a reload, must not end the proxy.
        signal(SIGHUP, SIG_IGN)
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

    /// Blocks until one comes; its name.
    func wait() -> String {
        arrived.wait()
        return name.withLock { $0 }
    }
}
