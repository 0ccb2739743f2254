// Ends what a server's thread runs: a connection of the same account says KILL there.
internal import Backend
internal import Topology
internal import Wire

/// Why a server's thread was not ended.
struct KillFailure: Equatable {
    let text: String
    /// The KILL was sent and not answered: it may still hit whatever the thread runs by then.
    var mayComeLate = false
}

/// One KILL on its way to a server. An account may always end its own threads, so no privilege is needed.
///
/// It names a server's thread, and a thread is one connection for life: the connection that is named is never given to
/// another session afterwards (`ServerConnection.retire`), so a KILL that comes late hits nobody.
final class ServerThreadKiller {
    /// How it ended: nil when the server did it, or when there was nothing to end any more; otherwise why not.
    typealias Completion = (_ failure: KillFailure?) -> Void

    let startedAtMilliseconds: UInt64
    let connectionOrigin: ConnectionOrigin
    private let threadID: UInt32
    private let isQueryOnly: Bool
    private let isStillWanted: () -> Bool
    private var completion: Completion?
    private var connection: ServerConnection?
    private var failure: KillFailure?
    /// The KILL is on its way, and its answer is not here.
    private var isOwed = false

    /// - Parameter isStillWanted: asked when the connection is there: what was to be ended may have ended by itself.
    init(
        threadID: UInt32, origin: ConnectionOrigin, isQueryOnly: Bool, now: UInt64, isStillWanted: @escaping () -> Bool,
        completion: @escaping Completion
    ) {
        self.threadID = threadID
        connectionOrigin = origin
        self.isQueryOnly = isQueryOnly
        self.isStillWanted = isStillWanted
        self.completion = completion
        startedAtMilliseconds = now
    }

    /// Uses this connection as soon as it is ready.
    func use(_ connection: ServerConnection) {
        self.connection = connection
        if connection.isReady { serverReady(connection) }
    }

    /// It takes too long, or cannot be: says why, and lets go.
    func giveUp(_ reason: String) {
        let connection = connection
        self.connection = nil
        connection?.close()
        finish(KillFailure(text: reason, mayComeLate: isOwed))
    }

    private func finish(_ failure: KillFailure?) {
        let completion = completion
        self.completion = nil
        completion?(failure)
    }
}

extension ServerThreadKiller: ErrandUser {
    func serverReady(_ server: ServerConnection) {
        guard isStillWanted() else {
            connection = nil
            server.release()
            return finish(nil)
        }
        var writer = ByteWriter()
        writer.beginPacket(sequence: 0)
        writer.writeUInt8(CommandCode.query.rawValue)
        QueryAttributes.writeNone(into: &writer, for: server.negotiated)
        // Both servers know the form; SOFT and HARD are the same for an account's own thread.
        writer.writeBytes(Array("KILL \(isQueryOnly ? "QUERY" : "CONNECTION") \(threadID)".utf8))
        writer.endPacket()
        isOwed = true
        writer.bytes.withUnsafeBytes { server.send($0, expecting: .query) }
    }

    func serverEnding(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) -> EndPacketUse {
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        if event == .error, let error = try? ErrorPacket.parse(payload),
            // The thread ended before.
            error.code != ErrorCode.noSuchThread.rawValue
        {
            failure = KillFailure(text: "\(server.entry.name): \(error.message)")
        }
        return .relay
    }

    func serverCompleted(_ server: ServerConnection, rows: UInt64, status: StatusFlags) {
        connection = nil
        server.release()
        finish(failure)
    }

    func serverFailed(_ server: ServerConnection, _ failure: ServerFailure) {
        connection = nil
        finish(KillFailure(text: failure.text, mayComeLate: isOwed))
    }
}
