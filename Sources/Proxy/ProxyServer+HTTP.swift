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
    /// Wrong tokens and passwords.
    let throttle: LoginThrottle
}

extension ProxyServer {
    /// Listens for HTTP clients; they are accepted when the listener is started.
    func openHTTP(_ settings: HTTPSettings, _ executor: ConsoleExecutor) throws(ProxyStartError) {
        let address = try settings.bind.bindAddress()
        // Wrong passwords of HTTP say nothing of an application on the same machine: they are counted apart.
        let throttle = LoginThrottle(self.settings.limits.loginThrottle)
        let service = DashboardService(
            executor: executor, access: access(settings, throttle), clusters: clusters.map(\.consoleCluster),
            isDraining: { [weak self] in self?.isDraining ?? true }, assets: DashboardPage.assets)
        let lanes = LaneGroup(count: 1)
        let server = HTTPServer(lane: lanes.next(), service: service, tls: tls.http)
        do throws(ListenError) {
            let inherited = takeInherited(address, InheritedNames.http)
            let listener = try Listener(address, inherited: inherited) { descriptor, peer in
                server.accept(descriptor, peer: peer)
            }
            http.withLock { $0 = HTTPFront(listener: listener, server: server, lanes: lanes, throttle: throttle) }
            logger.info("listening", metadata: ["listener": "http", "address": "\(listener.address)"])
        } catch {
            lanes.stop()
            throw ProxyStartError("http: \(error)")
        }
        warnOfPlainSecrets(settings)
    }

    private func warnOfPlainSecrets(_ settings: HTTPSettings) {
        guard settings.tls.mode == .disabled && !settings.bind.isLoopback else { return }
        logger.warning("http: tokens and passwords can be read on their way: http.tls would encrypt them")
    }

    /// Puts other settings in force: who may ask, how it is encrypted, and how many wrong tokens are borne. Where it
    /// listens does not change.
    func adoptHTTP(from old: Settings, _ new: Settings) {
        guard let settings = new.http, let front = http.withLock({ $0 }) else { return }
        front.throttle.adopt(new.limits.loginThrottle)
        front.server.adopt(tls.http)
        if settings.users != old.http?.users || settings.token != old.http?.token {
            front.server.adopt(access(settings, front.throttle))
        }
        if settings.tls != old.http?.tls { warnOfPlainSecrets(settings) }
    }

    private func access(_ http: HTTPSettings, _ throttle: LoginThrottle) -> HTTPAccess {
        HTTPAccess(
            users: http.users.map { user in
                HTTPUser(
                    name: user.name, verifier: user.account.methods.first?.verifier ?? .unreadable,
                    isReadOnly: user.role == .readOnly)
            },
            token: http.token.map { SecretBytes($0.utf8) },
            throttle: throttle,
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
