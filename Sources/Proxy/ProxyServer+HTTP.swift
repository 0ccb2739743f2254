// Opens the HTTP endpoint, on a lane that nothing of the data path lives on.
internal import Admin
internal import Configuration
internal import Dashboard
internal import Frontend
internal import Logging
internal import Network
internal import Security
internal import Synchronization
internal import Telemetry

/// The HTTP endpoint while it is open.
struct HTTPFront: Sendable {
    let listener: Listener
    let server: HTTPServer
    let lanes: LaneGroup
}

extension ProxyServer {
    /// Listens for HTTP clients; they are accepted when the listener is started.
    func openHTTP(_ settings: HTTPSettings, _ executor: ConsoleExecutor) throws(ProxyStartError) {
        let address = try settings.bind.bindAddress()
        let service = DashboardService(
            executor: executor, access: access(settings), clusters: clusters.map(\.consoleCluster),
            isDraining: { [weak self] in self?.isDraining ?? true })
        let lanes = LaneGroup(count: 1)
        let server = HTTPServer(lane: lanes.next(), service: service, tls: tls.http)
        do throws(ListenError) {
            let listener = try Listener(address) { descriptor, peer in server.accept(descriptor, peer: peer) }
            http.withLock { $0 = HTTPFront(listener: listener, server: server, lanes: lanes) }
            logger.info("listening", metadata: ["listener": "http", "address": "\(listener.address)"])
        } catch {
            lanes.stop()
            throw ProxyStartError("http: \(error)")
        }
        if settings.tls.mode == .disabled && !settings.bind.isLoopback {
            logger.warning("http: tokens and passwords can be read on their way: http.tls would encrypt them")
        }
    }

    /// Wrong passwords of HTTP say nothing of an application on the same machine: they are counted apart.
    private func access(_ http: HTTPSettings) -> HTTPAccess {
        HTTPAccess(
            users: http.users.map { user in
                HTTPUser(name: user.name, verifier: user.account.methods.first?.verifier ?? .unreadable)
            },
            token: http.token.map { SecretBytes($0.utf8) },
            throttle: LoginThrottle(settings.limits.loginThrottle),
            onRefused: { [weak self] peer, user in self?.logHTTPRefusal(peer, user) })
    }

    private func logHTTPRefusal(_ peer: String, _ user: String) {
        guard case .write(let suppressed) = refusals.admit("http \(user)") else { return }
        var metadata: Logger.Metadata = ["peer": "\(peer)", "user": "\(user)"]
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        logger.notice("http: wrong token or password", metadata: metadata)
    }

    /// Ends the endpoint, if there is one.
    func closeHTTP() {
        guard let front = http.withLock({ $0 }) else { return }
        front.listener.close()
        front.server.endAll()
        front.lanes.stop()
    }
}
