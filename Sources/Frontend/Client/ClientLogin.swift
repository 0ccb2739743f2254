// A client's login to the proxy: a pure machine from packets to packets.
internal import Security
internal import Topology
internal import Wire

/// One login. The salt is given, so that tests are repeatable.
///
///     greeting sent ──▶ response ──┬──▶ plugin's exchange ──▶ verified
///                                  ├──▶ switched to the account's plugin ──▶ its exchange ──▶ verified
///                                  └──▶ accounts read again, once ──▶ judged again, or refused
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
        /// Have the accounts read again; nothing is read meanwhile. `accountsRefreshed` is next.
        case refresh
        /// Verified; the OK packet has this sequence number. `notice` is a packet to send at once, or empty.
        case verified(ClientIdentity, sequence: UInt8, notice: [UInt8])
        /// Send the error with this sequence number and close.
        case refuse(ProxyError, sequence: UInt8)
    }

    private let salt: [UInt8]
    private var peerHost: String
    private let directory: AccountDirectory
    /// What the connection beneath is; TLS changes it before the response comes.
    private(set) var channel: LoginChannel
    private let encryption: ClientEncryption
    /// The fingerprint of the proxy's certificate, if nobody signed it.
    private var fingerprint: [UInt8]?
    /// What the greeting says can be done.
    private let offered: Capabilities
    private var greeted = NativePassword.plugin
    private var flavor = ServerFlavor.mariaDB
    private var response: HandshakeResponse41?
    /// The account the client claims; a decoy for a user who has none.
    private var account: Account?
    /// The plugins that are left to try, the present one first.
    private var offers: AuthOffers?
    private var exchange: PluginExchange?
    /// What the client showed last, to be judged again by a changed account.
    private var evidence: LoginEvidence?
    /// Waits for the accounts to be read again: the account may be new, or may have been changed.
    private var pendingRefusal: ProxyError?
    private var wasRefreshed = false
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
        flavor = greeting.flavor
        return packet { writer in
            InitialHandshake(
                serverVersion: greeting.serverVersion, connectionID: greeting.connectionID, salt: salt,
                capabilities: encryption == .disabled ? offered : offered.union(.ssl), collation: greeting.collation,
                status: [.autocommit],
                authPlugin: greeting.plugin
            ).encode(into: &writer)
        }
    }

    mutating func packetReceived(_ payload: UnsafeRawBufferPointer, sequence: UInt8) -> Step {
        next = sequence &+ 1
        if response != nil { return replied(Array(payload)) }
        do throws(WireError) {
            switch try ClientHandshake.parse(payload) {
            case .sslRequest: return sslRequested()
            case .oldProtocol:
                return refuse(.badHandshake("the client speaks the protocol from before MySQL 4.1"))
            case .response(let response):
                return responseReceived(response)
            }
        } catch {
            return refuse(.badHandshake("\(error)"))
        }
    }

    /// A PROXY protocol header said where the client really is.
    mutating func clientFound(at host: String) { peerHost = host }

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
        evidence = nil
        pendingRefusal = nil
        wasRefreshed = false
        return responseReceived(response)
    }

    /// The work of `Step.work` was done.
    mutating func workEnded(_ result: LoginWorkResult) -> Step { perform(exchange?.workEnded(result)) }

    /// The accounts were read again, or could not be.
    mutating func accountsRefreshed() -> Step {
        guard let response, let error = pendingRefusal else { return refuse(.badHandshake("no login is at hand")) }
        pendingRefusal = nil
        guard case .account(let now) = directory.find(user: response.user, host: peerHost), now != account else {
            return refuse(error)
        }
        return judgeAgain(now, response)
    }

    // MARK: The account

    private mutating func responseReceived(_ response: HandshakeResponse41) -> Step {
        self.response = response
        // Servers say so before they look at the account.
        guard encryption != .required || channel.isSecure else { return refuse(.insecureTransport) }
        guard response.capabilities.contains(.secureConnection) else {
            return refuse(.badHandshake("the client speaks no secure login"))
        }
        if let characterSet = LoginCollation.unusableCharacterSet(response.collation, flavor) {
            return refuse(.unusableCharacterSet(characterSet))
        }
        return lookUp(response)
    }

    private mutating func lookUp(_ response: HandshakeResponse41) -> Step {
        switch directory.find(user: response.user, host: peerHost) {
        case .unavailable(let reason): return refuse(.noAccountsYet(reason))
        case .account(let account): return begin(account, response)
        case .unknown: return begin(directory.decoy(for: response.user), response)
        }
    }

    private func offers(of account: Account, _ response: HandshakeResponse41) -> AuthOffers {
        AuthOffers(
            of: account, preferred: response.authPlugin ?? NativePassword.plugin, standard: greeted, channel: channel,
            cache: directory.passwords)
    }

    private mutating func begin(_ account: Account, _ response: HandshakeResponse41) -> Step {
        self.account = account
        let offers = offers(of: account, response)
        self.offers = offers
        guard let first = offers.list.first else { return refuseUnlessChanged(.noMethod(account, offers)) }
        let exchange = PluginExchange(first, salt: salt, channel: channel, cache: directory.passwords)
        self.exchange = exchange
        let isAnswered = first.plugin == response.authPlugin ?? NativePassword.plugin && exchange.beginsWithGreeting
        guard isAnswered && !isChange else {
            return switchPlugin(first, exchange)
        }
        return replied(response.authResponse)
    }

    /// The account is not what it was: what the client showed may do now.
    private mutating func judgeAgain(_ account: Account, _ response: HandshakeResponse41) -> Step {
        let plugin = offers?.list.first?.plugin
        self.account = account
        var offers = offers(of: account, response)
        guard let evidence, let plugin, offers.moveToFront(plugin), let offer = offers.list.first else {
            return begin(account, response)
        }
        self.offers = offers
        var exchange = PluginExchange(offer, salt: salt, channel: channel, cache: directory.passwords)
        guard let step = exchange.judge(evidence, offer.verifiers) else { return begin(account, response) }
        self.exchange = exchange
        return perform(step)
    }

    // MARK: The exchange

    private mutating func replied(_ reply: [UInt8]) -> Step {
        evidence = .reply(reply)
        return perform(exchange?.replied(reply))
    }

    private mutating func perform(_ step: ExchangeStep?) -> Step {
        guard let step, let response else { return refuse(.badHandshake("no login is at hand")) }
        switch step {
        case .ask(let bytes): return .send(packet { $0.writeBytes(bytes) })
        case .work(let work):
            evidence = .work(work)
            return .work(work)
        case .proved(let secret, let notice): return proved(secret, notice, response)
        case .overloaded: return refuse(.tooManyLogins)
        case .failed(let usedPassword):
            // An account may have several plugins, and the reply of one is no use to another.
            if let offers, offers.list.count > 1 {
                self.offers?.removeFirst()
                let exchange = PluginExchange(
                    offers.list[1], salt: salt, channel: channel, cache: directory.passwords)
                self.exchange = exchange
                return switchPlugin(offers.list[1], exchange)
            }
            return refuseUnlessChanged(
                .accessDenied(user: response.user, host: peerHost, usedPassword: usedPassword))
        }
    }

    private func switchPlugin(_ offer: AuthOffer, _ exchange: PluginExchange) -> Step {
        guard response?.capabilities.contains(.pluginAuth) == true else {
            return refuse(.badHandshake("the client cannot log in with \(offer.plugin)"))
        }
        return .send(packet { AuthSwitchRequest(plugin: offer.plugin, data: exchange.challenge).encode(into: &$0) })
    }

    // MARK: The end

    private mutating func proved(_ secret: LoginSecret, _ notice: [UInt8], _ response: HandshakeResponse41) -> Step {
        guard let account else { return refuse(.badHandshake("no login is at hand")) }
        if let error = objection(to: account, secret, response) { return refuseUnlessChanged(error) }
        let noticePacket = notice.isEmpty ? [] : packet { $0.writeBytes(notice) }
        if !notice.isEmpty { next &+= 1 }
        let server = account.serverLogin
        let identity = ClientIdentity(
            user: response.user, serverUser: server?.user ?? response.user,
            secret: server?.password.map { LoginSecret(password: $0) } ?? secret,
            schema: response.schema.flatMap { $0.isEmpty ? nil : $0 },
            capabilities: response.capabilities.intersection(offered), collation: response.collation,
            attributes: response.attributes, channel: channel, certificateProof: certificateProof(secret))
        // A password may be among what was shown: the connection lives on.
        evidence = nil
        exchange = nil
        return .verified(identity, sequence: next, notice: noticePacket)
    }

    /// What makes clients trust a certificate that nobody signed; empty when they need it not, or cannot check it.
    private func certificateProof(_ secret: LoginSecret) -> [UInt8] {
        guard let fingerprint, !secret.isEmpty, let known = exchange?.proofSecret(secret), !known.isEmpty
        else { return [] }
        return PasswordProof.make(secret: known, salt: salt, fingerprint: fingerprint)
    }

    /// Why an account is refused although its password is right, in the order in which servers look.
    private func objection(
        to account: Account, _ secret: LoginSecret, _ response: HandshakeResponse41
    ) -> ProxyError? {
        guard account.requirement.isMet(by: channel) else {
            return .accessDenied(user: response.user, host: peerHost, usedPassword: !secret.isEmpty)
        }
        if account.isLocked { return .accountLocked(user: response.user, host: peerHost, flavor: flavor) }
        if account.isExpired && !response.capabilities.contains(.canHandleExpiredPasswords) { return .passwordExpired }
        return nil
    }

    private mutating func refuseUnlessChanged(_ error: ProxyError) -> Step {
        guard directory.canRefresh && !wasRefreshed else { return refuse(error) }
        pendingRefusal = error
        wasRefreshed = true
        return .refresh
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
