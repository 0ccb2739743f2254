// SIGHUP as a call.
internal import Dispatch
internal import Glibc

/// Calls back at each SIGHUP, on a queue of its own.
final class ReloadSignal: Sendable {
    nonisolated(unsafe) private let source: any DispatchSourceSignal

    init(_ work: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "switchyard.reload"))
        source.setEventHandler(handler: work)
        source.activate()
    }

    func end() { source.cancel() }
}
