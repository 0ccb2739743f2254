// A client's login to the proxy: a pure machine from packets to packets.
internal import Security
internal import Wire

/// One login. The salt is given, so that tests are repeatable.
///
///     greeting sent ──▶ response ──┬──▶ plugin's exchange ──▶ verified
///                                  ├──▶ switched to the account's plugin ──▶ its exchange ──▶ verified
///                                  └──▶ refused
///
/// A user who has no account goes the same way as one whose password is wrong.
struct ClientLogin {
    enum Step {
        /// Send this packet (with header) and wait for the next.
        case send([UInt8])
        /// Encrypt the connection, and tell `secured` of it; the client's login follows inside.
        case startTLS
        /// Do this off the lane; nothing is read meanwhile. `workEnded` is next.
        case work(LoginWork)
        /// Verified; the OK packet has this sequence number. `notice` is a packet to send at once.
        case verified(ClientIdentity, sequence: UInt8, notice: [UInt8])
        /// Send the error with this sequence number and close.
        case refuse(ProxyError, sequence: UInt8)
    }

    private let salt: [UInt8]
    private let peerHost: String
    private let directory: AccountDirectory
    /// What the connection beneath is; TLS changes it before the response comes.
    private(set) var channel: LoginChannel
    private let encryption: ClientEncryption
    /// The fingerprint of the proxy's certificate, if nobody signed it.
    private var fingerprint: [UInt8]?
    /// What the greeting says can be done.
    private let offered: Capabilities
    private var greeted = NativePassword.plugin
    private var response: HandshakeResponse41?
    /// The account the client claims; a decoy for a user who has none.
    private var account: Account?
    /// The plugins that are left to try, the present one first.
    private var offers: [AuthOffer] = []
    private var exchange: PluginExchange?
    private var next: UInt8 = 0
    /// A login by COM_CHANGE_USER: servers always ask again, with the salt of the greeting.
    private var isChange = false

    /// - Parameters:
    ///   - salt: 20 bytes from `makeSalt`.
    ///   - offered: what the greeting says can be done, TLS aside.
    init(
        salt: [UInt8], peerHost: String, directory: AccountDirectory, channel: LoginChannel = LoginChannel(),
        offered: Capabilities = CapabilityOffer.base, encryption: ClientEncryption = .disabled
    ) {
        self.offered = offered
        self.salt = salt
        self.peerHost = peerHost
        self.directory = directory
        self.channel = channel
        self.encryption = encryption
    }

    /// 20 random bytes that suit a salt.
    static func makeSalt() -> [UInt8] { NativePassword.makeSalt() }

    /// The level at which the client wants zstd, if it does.
    var zstdLevel: UInt8? { response?.zstdLevel }

    /// Who the client says it is, once it said so.
    var claimedUser: String? { response?.user }

    mutating func greetingPacket(_ greeting: Greeting) -> [UInt8] {
        greeted = greeting.plugin
        var writer = ByteWriter()
        writer.beginPacket(sequence: 0)
        InitialHandshake(
            serverVersion: greeting.serverVersion,
            connectionID: greeting.connectionID,
            salt: salt,
            capabilities: encryption == .disabled ? offered : offered.union(.ssl),
            collation: greeting.collation,
            status: [.autocommit],
            authPlugin: greeting.plugin
        ).encode(into: &writer)
        writer.endPacket()
        return writer.bytes
    }

    mutating func packetReceived(_ payload: UnsafeRawBufferPointer, sequence: UInt8) -> Step {
        next = sequence &+ 1
        if let response { return perform(exchange?.replied(Array(payload)), response) }
        do throws(WireError) {
            switch try ClientHandshake.parse(payload) {
            case .sslRequest: return sslRequested()
            case .oldProtocol:
                return refuse(.badHandshake("the client speaks the protocol from before MySQL 4.1"))
            case .response(let response): return responseReceived(response)
            }
        } catch {
            return refuse(.badHandshake("\(error)"))
        }
    }

    private func sslRequested() -> Step {
        guard encryption != .disabled, channel.cipher == nil else {
            return refuse(.badHandshake("this listener does not serve TLS"))
        }
        return .startTLS
    }

    /// The connection is encrypted now.
    mutating func secured(_ channel: LoginChannel, selfMadeFingerprint: [UInt8]?) {
        self.channel = channel
        fingerprint = selfMadeFingerprint
    }

    /// The client begins anew with COM_CHANGE_USER.
    mutating func userChanged(_ response: HandshakeResponse41, sequence: UInt8) -> Step {
        next = sequence &+ 1
        isChange = response.capabilities.contains(.pluginAuth)
        return responseReceived(response)
    }

    /// The work of `Step.work` was done.
    mutating func workEnded(_ result: LoginWorkResult) -> Step {
        guard let response else { return refuse(.badHandshake("no login is at hand")) }
        return perform(exchange?.workEnded(result), response)
    }

    private mutating func responseReceived(_ response: HandshakeResponse41) -> Step {
        self.response = response
        // Servers say so before they look at the account.
        guard encryption != .required || channel.isSecure else { return refuse(.insecureTransport) }
        guard response.capabilities.contains(.secureConnection) else {
            return refuse(.badHandshake("the client speaks no secure login"))
        }
        switch directory.find(user: response.user, host: peerHost) {
        case .unavailable(let reason): return refuse(.noAccountsYet(reason))
        case .unknown: return begin(directory.decoy(for: response.user), response)
        case .account(let account): return begin(account, response)
        }
    }

    private mutating func begin(_ account: Account, _ response: HandshakeResponse41) -> Step {
        self.account = account
        let own = response.authPlugin ?? NativePassword.plugin
        offers = account.offers(preferred: own, standard: greeted)
        guard let first = offers.first else {
            let plugins = account.methods.map(\.plugin).joined(separator: ", ")
            return refuse(.unsupportedPlugin(user: account.user, host: account.host, plugin: plugins))
        }
        exchange = PluginExchange(first, salt: salt, channel: channel, cache: directory.passwords)
        guard first.plugin == own, !isChange else { return switchPlugin(first, response) }
        return perform(exchange?.replied(response.authResponse), response)
    }

    private func switchPlugin(_ offer: AuthOffer, _ response: HandshakeResponse41) -> Step {
        guard response.capabilities.contains(.pluginAuth) else {
            return refuse(.badHandshake("the client cannot log in with \(offer.plugin)"))
        }
        return .send(packet { AuthSwitchRequest(plugin: offer.plugin, salt: salt).encode(into: &$0) })
    }

    private mutating func perform(_ step: ExchangeStep?, _ response: HandshakeResponse41) -> Step {
        switch step {
        case .ask(let bytes): return .send(packet { AuthMoreData(data: bytes).encode(into: &$0) })
        case .work(let work): return .work(work)
        case .proved(let secret, let notice): return proved(secret, notice, response)
        case .overloaded: return refuse(.tooManyLogins)
        case .failed(let usedPassword):
            // An account may have several plugins, and the reply of one is no use to another.
            offers.removeFirst()
            if let offer = offers.first {
                exchange = PluginExchange(offer, salt: salt, channel: channel, cache: directory.passwords)
                return switchPlugin(offer, response)
            }
            directory.passwordRefused()
            return refuse(.accessDenied(user: response.user, host: peerHost, usedPassword: usedPassword))
        case nil: return refuse(.badHandshake("no login is at hand"))
        }
    }

    private mutating func proved(_ secret: LoginSecret, _ notice: [UInt8]?, _ response: HandshakeResponse41) -> Step {
        guard account?.isLocked == false else { return refuse(.accountLocked) }
        var noticePacket: [UInt8] = []
        if let notice {
            noticePacket = packet { AuthMoreData(data: notice).encode(into: &$0) }
            next &+= 1
        }
        let identity = ClientIdentity(
            user: response.user, serverUser: response.user, secret: secret,
            schema: response.schema.flatMap { $0.isEmpty ? nil : $0 },
            capabilities: response.capabilities.intersection(offered), collation: response.collation,
            attributes: response.attributes, channel: channel, certificateProof: certificateProof(secret))
        return .verified(identity, sequence: next, notice: noticePacket)
    }

    /// What makes clients trust a certificate that nobody signed; empty when they need it not, or cannot check it.
    private func certificateProof(_ secret: LoginSecret) -> [UInt8] {
        guard let fingerprint, offers.first?.plugin == NativePassword.plugin, !secret.isEmpty,
            let stage1 = secret.nativeStage1
        else { return [] }
        return PasswordProof.make(
            secret: NativePassword.stage2(fromStage1: stage1), salt: salt, fingerprint: fingerprint)
    }

    private func refuse(_ error: ProxyError) -> Step { .refuse(error, sequence: next) }

    private func packet(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        writer.beginPacket(sequence: next)
        write(&writer)
        writer.endPacket()
        return writer.bytes
    }
}
