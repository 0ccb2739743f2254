// The certificates of the process: made from the settings, watched, read again, and counted.
internal import Admin
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

    fileprivate struct Entry: Sendable {
        /// For the log and for figures: `listener 'main'`.
        let name: String
        let cluster: String?
        /// What it was made from: the mode, and the files.
        let origin: Origin
        let source: TLSContextSource

        var files: [String] { origin.files.material.files }
    }

    fileprivate struct Origin: Equatable, Sendable {
        let mode: String
        let files: TLSFileSettings
    }

    /// Everything for one version of the settings. Making it reads files; nothing is in force yet.
    struct Prepared: Sendable {
        fileprivate var entries: [Entry] = []
        fileprivate var clients: [String: ClientTLS] = [:]
        fileprivate var servers: [String: ServerTLS] = [:]
    }

    /// A file as it was last read.
    private struct FileState: Equatable, Sendable {
        var seconds = 0
        var nanoseconds = 0
        var inode: UInt = 0
        var size = 0
    }

    private let held: Mutex<Prepared>
    /// One for all: clients that come to two listeners see one server.
    private let fallback: SelfMadeCertificate?
    private let seen: Mutex<[String: FileState]>
    private let logger: Logger
    /// Why the proxy cannot start; nil when all is well.
    let failure: ProxyStartError?

    init(_ settings: Settings, logger: Logger) {
        self.logger = logger
        var prepared = Prepared()
        var failure: ProxyStartError?
        var fallback: SelfMadeCertificate?
        do throws(TLSFailure) {
            let made = try SelfMadeCertificate()
            fallback = made
            prepared = try Self.make(settings, made, reusing: [])
        } catch {
            failure = ProxyStartError("TLS: \(error)")
        }
        self.fallback = fallback
        self.failure = failure
        seen = Mutex(Self.look(prepared.entries))
        held = Mutex(prepared)
    }

    private static func make(
        _ settings: Settings, _ fallback: SelfMadeCertificate, reusing present: [Entry]
    ) throws(TLSFailure) -> Prepared {
        var prepared = Prepared()
        for (name, tls) in doors(settings) where tls.mode != .disabled {
            let origin = Origin(mode: tls.mode.rawValue, files: tls.files)
            let material = tls.files.material
            let source: TLSContextSource
            if let reused = reused(name, origin, present) {
                source = reused
            } else {
                source = try TLSContextSource { () throws(TLSFailure) in
                    try TLSContext.server(material, fallback: fallback)
                }
            }
            prepared.entries.append(Entry(name: name, cluster: nil, origin: origin, source: source))
            prepared.clients[name] = ClientTLS(isRequired: tls.mode == .required, source: source)
        }
        for cluster in settings.clusters where cluster.tls.mode != .disabled {
            let name = "cluster '\(cluster.name)'"
            let origin = Origin(mode: cluster.tls.mode.rawValue, files: cluster.tls.files)
            let material = cluster.tls.files.material
            let verification = cluster.tls.mode.verification
            let source: TLSContextSource
            if let reused = reused(name, origin, present) {
                source = reused
            } else {
                source = try TLSContextSource { () throws(TLSFailure) in
                    try TLSContext.client(material, verification: verification)
                }
            }
            prepared.entries.append(Entry(name: name, cluster: cluster.name, origin: origin, source: source))
            prepared.servers[cluster.name] = ServerTLS(isRequired: cluster.tls.mode != .preferred, source: source)
        }
        return prepared
    }

    /// What stays as it is keeps its sessions and its counters.
    private static func reused(_ name: String, _ origin: Origin, _ present: [Entry]) -> TLSContextSource? {
        present.first { $0.name == name && $0.origin == origin }?.source
    }

    /// What other settings need. Throws when a file of theirs cannot be used.
    func prepare(_ settings: Settings) throws(TLSFailure) -> Prepared {
        let fallback = if let fallback { fallback } else { try SelfMadeCertificate() }
        return try Self.make(settings, fallback, reusing: entries)
    }

    /// Puts that in force, for the handshakes to come.
    func adopt(_ prepared: Prepared) {
        let before = entries
        held.withLock { $0 = prepared }
        seen.withLock { $0 = Self.look(prepared.entries) }
        for entry in prepared.entries where !before.contains(where: { $0.source === entry.source }) {
            warnIfExpired(entry)
        }
    }

    private var entries: [Entry] { held.withLock { $0.entries } }

    private static let consoleName = "console"
    private static let httpName = "http"

    /// Where clients come in, by the names that the log has.
    static func doors(_ settings: Settings) -> [(name: String, tls: ListenerTLSSettings)] {
        let listeners = settings.listeners.map { ("listener '\($0.name)'", $0.tls) }
        return listeners + (settings.console.map { [(consoleName, $0.tls)] } ?? [])
            + (settings.http.map { [(httpName, $0.tls)] } ?? [])
    }

    /// Certificates that have ended are used all the same: clients that do not look at them lose nothing.
    func warnOfExpired() { for entry in entries { warnIfExpired(entry) } }

    private func warnIfExpired(_ entry: Entry) {
        guard let end = entry.source.current.certificate?.expiry(before: Int64(time(nil))) else { return }
        logger.warning("certificate has expired", metadata: ["of": "\(entry.name)", "ended": "\(end)"])
    }

    func listener(_ name: String) -> ClientTLS { held.withLock { $0.clients["listener '\(name)'"] } ?? .none }
    var console: ClientTLS { held.withLock { $0.clients[Self.consoleName] } ?? .none }
    var http: ClientTLS { held.withLock { $0.clients[Self.httpName] } ?? .none }
    func cluster(_ name: String) -> ServerTLS? { held.withLock { $0.servers[name] } }

    // MARK: Reloading

    /// Reads all files again. New handshakes use what was read; where a file is broken, what was read before.
    func reload() {
        let entries = entries
        seen.withLock { $0 = Self.look(entries) }
        for entry in entries { reload(entry) }
    }

    /// Reads the files again that have changed.
    func reloadChanged() {
        let entries = entries
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
    var figures: [EncryptionReading] {
        var all: [EncryptionReading] = []
        let entries = entries
        var sums = (completed: 0, resumed: 0, failed: 0)
        for entry in entries where entry.cluster == nil {
            sums.completed += entry.source.handshakes.completed
            sums.resumed += entry.source.handshakes.resumptions
            sums.failed += entry.source.handshakes.failures
        }
        all.append(EncryptionReading(.clientHandshakes, sums.completed))
        all.append(EncryptionReading(.clientResumptions, sums.resumed))
        all.append(EncryptionReading(.clientFailures, sums.failed))
        let ends = entries.filter { $0.cluster == nil }.compactMap {
            $0.source.current.certificate?.notAfterUnixSeconds
        }
        if let soonest = ends.min() { all.append(EncryptionReading(.certificateExpiry, Int(soonest))) }
        for entry in entries {
            guard let cluster = entry.cluster else { continue }
            let counters = entry.source.handshakes
            all.append(EncryptionReading(.nodeHandshakes, counters.completed, cluster: cluster))
            all.append(EncryptionReading(.nodeResumptions, counters.resumptions, cluster: cluster))
            all.append(EncryptionReading(.nodeFailures, counters.failures, cluster: cluster))
            if let own = entry.source.current.certificate {
                all.append(EncryptionReading(.certificateExpiry, Int(own.notAfterUnixSeconds), cluster: cluster))
            }
            let end = counters.peerNotAfterUnixSeconds
            if end != 0 { all.append(EncryptionReading(.nodeCertificateExpiry, Int(end), cluster: cluster)) }
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
