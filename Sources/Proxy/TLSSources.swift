// The certificates of the process: made from the settings, watched, read again, and counted.
internal import Backend
internal import Configuration
internal import Frontend
internal import Glibc
internal import Logging
internal import Security
internal import Synchronization
internal import Topology

/// TLS of every listener, of the console and of every cluster. Any thread.
final class TLSSources: Sendable {
    /// How often the files are looked at.
    static let watchSeconds = 10

    private struct Entry: Sendable {
        /// For the log and for figures: `listener 'main'`.
        let name: String
        let cluster: String?
        let files: [String]
        let source: TLSContextSource
    }

    /// A file as it was last read.
    private struct FileState: Equatable, Sendable {
        var seconds = 0
        var nanoseconds = 0
        var inode: UInt = 0
        var size = 0
    }

    private let entries: [Entry]
    private let clients: [String: ClientTLS]
    private let servers: [String: ServerTLS]
    private let seen: Mutex<[String: FileState]>
    private let logger: Logger
    /// Why the proxy cannot start; nil when all is well.
    let failure: ProxyStartError?

    init(_ settings: Settings, logger: Logger) {
        self.logger = logger
        var entries: [Entry] = []
        var clients: [String: ClientTLS] = [:]
        var servers: [String: ServerTLS] = [:]
        var failure: ProxyStartError?
        do throws(TLSFailure) {
            // One for all: clients that come to two listeners see one server.
            let fallback = try SelfMadeCertificate()
            for (name, tls) in Self.doors(settings) where tls.mode != .disabled {
                let material = tls.files.material
                let source = try TLSContextSource { () throws(TLSFailure) in
                    try TLSContext.server(material, fallback: fallback)
                }
                entries.append(Entry(name: name, cluster: nil, files: material.files, source: source))
                clients[name] = ClientTLS(isRequired: tls.mode == .required, source: source)
            }
            for cluster in settings.clusters where cluster.tls.mode != .disabled {
                let material = cluster.tls.files.material
                let verification = cluster.tls.mode.verification
                let source = try TLSContextSource { () throws(TLSFailure) in
                    try TLSContext.client(material, verification: verification)
                }
                entries.append(
                    Entry(
                        name: "cluster '\(cluster.name)'", cluster: cluster.name, files: material.files, source: source)
                )
                servers[cluster.name] = ServerTLS(isRequired: cluster.tls.mode != .preferred, source: source)
            }
        } catch {
            failure = ProxyStartError("TLS: \(error)")
        }
        self.entries = entries
        self.clients = clients
        self.servers = servers
        self.failure = failure
        seen = Mutex(Self.look(entries))
    }

    private static let consoleName = "console"

    /// Where clients come in, by the names that the log has.
    static func doors(_ settings: Settings) -> [(name: String, tls: ListenerTLSSettings)] {
        let listeners = settings.listeners.map { ("listener '\($0.name)'", $0.tls) }
        return listeners + (settings.console.map { [(consoleName, $0.tls)] } ?? [])
    }

    /// Certificates that have ended are used all the same: clients that do not look at them lose nothing.
    func warnOfExpired() { for entry in entries { warnIfExpired(entry) } }

    private func warnIfExpired(_ entry: Entry) {
        guard let end = entry.source.current.certificate?.expiry(before: Int64(time(nil))) else { return }
        logger.warning("certificate has expired", metadata: ["of": "\(entry.name)", "ended": "\(end)"])
    }

    func listener(_ name: String) -> ClientTLS { clients["listener '\(name)'"] ?? .none }
    var console: ClientTLS { clients[Self.consoleName] ?? .none }
    func cluster(_ name: String) -> ServerTLS? { servers[name] }

    // MARK: Reloading

    /// Reads all files again. New handshakes use what was read; where a file is broken, what was read before.
    func reload() {
        seen.withLock { $0 = Self.look(entries) }
        for entry in entries { reload(entry) }
    }

    /// Reads the files again that have changed.
    func reloadChanged() {
        let now = Self.look(entries)
        let before = seen.withLock { seen in
            defer { seen = now }
            return seen
        }
        guard before != now else { return }
        for entry in entries where entry.files.contains(where: { before[$0] != now[$0] }) { reload(entry) }
    }

    private func reload(_ entry: Entry) {
        do throws(TLSFailure) {
            try entry.source.reload()
            guard !entry.files.isEmpty else { return }
            logger.notice("certificates read again", metadata: ["of": "\(entry.name)"])
            warnIfExpired(entry)
        } catch {
            logger.error(
                "certificates cannot be read: those before stay in use",
                metadata: ["of": "\(entry.name)", "error": "\(error)"])
        }
    }

    private static func look(_ entries: [Entry]) -> [String: FileState] {
        var states: [String: FileState] = [:]
        for path in entries.flatMap(\.files) {
            var facts = stat()
            guard stat(path, &facts) == 0 else {
                states[path] = FileState()
                continue
            }
            states[path] = FileState(
                seconds: facts.st_mtim.tv_sec, nanoseconds: facts.st_mtim.tv_nsec, inode: facts.st_ino,
                size: Int(facts.st_size))
        }
        return states
    }

    // MARK: Figures

    /// Handshakes and ends of certificates, for the console.
    var figures: [(name: String, value: Int, cluster: String?)] {
        var all: [(name: String, value: Int, cluster: String?)] = []
        var sums = (completed: 0, resumed: 0, failed: 0)
        for entry in entries where entry.cluster == nil {
            sums.completed += entry.source.handshakes.completed
            sums.resumed += entry.source.handshakes.resumptions
            sums.failed += entry.source.handshakes.failures
        }
        all.append(("tls_client_handshakes_total", sums.completed, nil))
        all.append(("tls_client_resumptions_total", sums.resumed, nil))
        all.append(("tls_client_handshake_failures_total", sums.failed, nil))
        let ends = entries.filter { $0.cluster == nil }.compactMap {
            $0.source.current.certificate?.notAfterUnixSeconds
        }
        if let soonest = ends.min() { all.append(("tls_certificate_expires_unix_seconds", Int(soonest), nil)) }
        for entry in entries {
            guard let cluster = entry.cluster else { continue }
            let counters = entry.source.handshakes
            all.append(("tls_node_handshakes_total", counters.completed, cluster))
            all.append(("tls_node_resumptions_total", counters.resumptions, cluster))
            all.append(("tls_node_handshake_failures_total", counters.failures, cluster))
            if let own = entry.source.current.certificate {
                all.append(("tls_certificate_expires_unix_seconds", Int(own.notAfterUnixSeconds), cluster))
            }
            let end = counters.peerNotAfterUnixSeconds
            if end != 0 { all.append(("tls_node_certificate_expires_unix_seconds", Int(end), cluster)) }
        }
        return all
    }
}

extension TLSMaterial {
    fileprivate var files: [String] { [certificate, key, authority].compactMap { $0 } }
}

extension ClusterTLSMode {
    fileprivate var verification: TLSVerification {
        switch self {
        case .disabled, .preferred, .required: .none
        case .verifyAuthority: .authority
        case .verifyIdentity: .identity
        }
    }

    fileprivate var probing: ProbeTLS.Mode? {
        switch self {
        case .disabled: nil
        case .preferred: .preferred
        case .required, .verifyAuthority: .required
        case .verifyIdentity: .verifyIdentity
        }
    }
}

extension ClusterTLSSettings {
    /// The same for the monitor's connections.
    var probing: ProbeTLS? {
        mode.probing.map {
            ProbeTLS(mode: $0, certificate: files.certificate, key: files.key, authority: files.authority)
        }
    }
}
