// Connections that work for the proxy itself: no client waits for what their servers say.
package import Wire

/// A user who relays nothing. What concerns only those who do is done already.
package protocol ErrandUser: ServerConnectionUser {}

extension ErrandUser {
    package func serverReady(_ server: ServerConnection) {}
    package func serverSynchronized(_ server: ServerConnection) {}
    package func serverChanged(_ server: ServerConnection, _ change: SessionStateChange) {}
    package func serverEnding(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) -> EndPacketUse { .relay }
    package func serverReplaces(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) {}
    package func serverReplied(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer) {}
    package func serverCompleted(_ server: ServerConnection, rows: UInt64, status: StatusFlags) {}
    package func serverDrained(_ server: ServerConnection) {}
}
