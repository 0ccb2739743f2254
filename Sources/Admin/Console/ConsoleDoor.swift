// The front door of the console on one lane: its accounts, its greeting, its clients.
package import Frontend
package import Network
internal import Wire

/// The console's door on one lane. Loop-confined.
package final class ConsoleDoor: FrontDoor {
    package let directory: AccountDirectory
    package let services: LoginServices
    package private(set) var tls: ClientTLS
    package private(set) var loginTimeoutMilliseconds: UInt64
    private let executor: ConsoleExecutor
    private let connectionIDs: ConnectionIDs
    private let onRefused: (_ peer: String, _ user: String?, _ error: ProxyError) -> Void
    private let onClosed: () -> Void
    /// Those who proved who they are, by connection id.
    private var clients: [UInt32: ClientConnection] = [:]

    /// - Parameters:
    ///   - onRefused: told of each refused login.
    ///   - onClosed: told when a client is gone.
    package init(
        executor: ConsoleExecutor, directory: AccountDirectory, services: LoginServices, tls: ClientTLS,
        connectionIDs: ConnectionIDs, loginTimeoutMilliseconds: UInt64,
        onRefused: @escaping (String, String?, ProxyError) -> Void,
        onClosed: @escaping () -> Void
    ) {
        self.executor = executor
        self.directory = directory
        self.services = services
        self.tls = tls
        self.connectionIDs = connectionIDs
        self.loginTimeoutMilliseconds = loginTimeoutMilliseconds
        self.onRefused = onRefused
        self.onClosed = onClosed
    }

    /// For logins that begin from now on.
    package func adopt(tls: ClientTLS, loginTimeoutMilliseconds: UInt64) {
        self.tls = tls
        self.loginTimeoutMilliseconds = loginTimeoutMilliseconds
    }

    package func greeting() -> Greeting {
        Greeting(
            serverVersion: ConsoleDatabase.standardVersion, collation: UInt8(ColumnDefinition.utf8mb4GeneralCI),
            connectionID: connectionIDs.next(), plugin: "mysql_native_password")
    }

    /// The console does not compress.
    package var compressionThreshold: Int { 0 }

    package func makeHandler(for client: ClientConnection, _ identity: ClientIdentity) -> any CommandHandler {
        clients[client.id] = client
        return ConsoleHandler(client: client, identity: identity, executor: executor)
    }

    package func closed(_ client: ClientConnection) {
        clients[client.id] = nil
        onClosed()
    }

    package func loginRefused(_ client: ClientConnection, user: String?, _ error: ProxyError) {
        onRefused(client.peer, user, error)
    }

    /// Ends all clients that are logged in.
    package func endAll() {
        for client in Array(clients.values) { client.end() }
    }

    /// Answers a client for whom there is no place, and closes.
    package static func refuse(_ stream: ByteStream) {
        let error = ConsoleError(
            code: 1040, sqlState: "08004",
            message: "Too many connections: the console serves \(ConsoleServiceLimits.clients) clients")
        ConsolePackets.error(error, sequence: 0).withUnsafeBytes { stream.write($0) }
        stream.closeAfterFlush()
    }
}
