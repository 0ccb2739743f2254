// Sessions that servers let the proxy resume: a handshake without the signatures of certificates.

import COpenSSL
import Synchronization

/// The last sessions of each server, for the next handshakes with it. Any thread.
final class TLSSessionCache: Sendable {
    /// Servers whose sessions are kept; one too many and all are forgotten, which costs a handshake each.
    static let serversMaximum = 256
    /// Sessions kept of one server. A server gives one or two at each handshake; a pool opens several at once.
    static let sessionsMaximum = 4

    /// `@unchecked Sendable` because OpenSSL counts references to sessions atomically and does not change them.
    private final class Held: @unchecked Sendable {
        let session: OpaquePointer
        init(_ session: OpaquePointer) { self.session = session }
        deinit { SSL_SESSION_free(session) }
    }

    private struct Server {
        var sessions: [Held] = []
        /// It broke a handshake that wanted to resume: some servers give sessions that they do not take.
        var refuses = false
    }

    private let servers = Mutex<[String: Server]>([:])

    /// Keeps a session, whose reference is taken over.
    func keep(_ session: OpaquePointer, of name: String) {
        let new = Held(session)
        servers.withLock { all in
            if all[name] == nil && all.count >= Self.serversMaximum { all = [:] }
            var server = all[name] ?? Server()
            guard !server.refuses else { return }
            server.sessions.append(new)
            if server.sessions.count > Self.sessionsMaximum { server.sessions.removeFirst() }
            all[name] = server
        }
    }

    /// Lets `ssl` resume the newest session of the server; false when there is none. A ticket is used once, as TLS 1.3
    /// asks for; of TLS 1.2, whose servers give the same one for long, it is kept.
    func resume(_ name: String, with ssl: OpaquePointer) -> Bool {
        let newest = servers.withLock { all -> Held? in
            guard let newest = all[name]?.sessions.last else { return nil }
            if SSL_SESSION_get_protocol_version(newest.session) >= TLS1_3_VERSION { all[name]?.sessions.removeLast() }
            return newest
        }
        guard let newest else { return false }
        return SSL_set_session(ssl, newest.session) == 1
    }

    /// Forgets a server's sessions.
    func forget(_ name: String) { servers.withLock { $0[name] = nil } }

    /// The server broke a handshake that wanted to resume: it is not asked for it again.
    func refuse(_ name: String) { servers.withLock { $0[name] = Server(refuses: true) } }

    /// How many sessions are kept of a server.
    func count(of name: String) -> Int { servers.withLock { $0[name]?.sessions.count ?? 0 } }
}
