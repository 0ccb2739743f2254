// A signal as a call.
internal import Dispatch
internal import Glibc

/// Calls back at each arrival of a signal, on a queue of its own.
final class CallingSignal: Sendable {
    nonisolated(unsafe) private let source: any DispatchSourceSignal

    init(_ number: Int32, _ work: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeSignalSource(signal: number, queue: DispatchQueue(label: "switchyard.signal"))
        source.setEventHandler(handler: work)
        source.activate()
    }

    func end() { source.cancel() }
}
