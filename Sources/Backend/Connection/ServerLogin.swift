// The proxy's login to a server: a pure machine from packets to packets.
internal import Compression
internal import Security
internal import Wire

/// Whether the connection to a server may, or must, be encrypted.
enum ServerEncryption { case disabled, preferred, required }

/// One login. Fed with whole packets, it answers with the next step.
///
///     greeting ──▶ (TLS) ──▶ response sent ──┬──▶ plugin's exchange ──▶ done (OK)
///                                  ├──▶ switched ──▶ plugin's exchange ──▶ done
///                                  └──▶ failed (ERR, unknown plugin, nonsense)
struct ServerLogin {
    enum Step: Equatable {
        /// Send these bytes (a whole packet with its header) and wait.
        case send([UInt8])
        /// Send this packet, encrypt the connection, and tell `secured` of it.
        case startTLS([UInt8])
        /// Nothing to send: the server's verdict follows.
        case wait
        /// Do this off the lane. `workEnded` is next.
        case work(ServerLoginWork)
        /// Logged in, with these capabilities in force.
        case done(Capabilities)
        case fail(ServerFailure)
    }

    private enum Phase { case awaitingGreeting, securing, awaitingVerdict, finished }

    /// Flags without which bytes mean something else: a server that lacks one that the client has cannot serve it.
    static let layout: Capabilities = [
        .deprecateEOF, .optionalResultsetMetadata, .queryAttributes, .mariadbExtendedMetadata, .mariadbCacheMetadata,
        .mariadbStmtBulkOperations, .mariadbBulkUnitResults,
    ]

    private let account: BackendAccount
    private let traits: ConnectionTraits
    private let attributes: [ConnectAttribute]
    private let encryption: ServerEncryption
    private var channel: ServerChannel
    private var greeting: InitialHandshake?
    private let compression: CompressionAlgorithm?
    private var phase = Phase.awaitingGreeting
    private var negotiated: Capabilities = []
    /// The server's id of the connection, from its greeting.
    private(set) var threadID: UInt32 = 0
    private var answer: ServerLoginAnswer
    /// What a server that knows the account's password knows of it, as the present plugin has it.
    private var proofSecret: [UInt8] = []
    private var switches = 0
    private var nextSequence: UInt8 = 0
    /// Why a plugin that the server asked for could not be answered.
    private var objection: String?

    /// - Parameter compression: asked for, and done without when the server does not offer it.
    init(
        account: BackendAccount, traits: ConnectionTraits, attributes: [ConnectAttribute],
        channel: ServerChannel = ServerChannel(isSecure: false), encryption: ServerEncryption = .disabled,
        compression: CompressionAlgorithm? = nil
    ) {
        self.compression = compression
        self.account = account
        self.traits = traits
        self.attributes = attributes
        self.channel = channel
        self.encryption = encryption
        answer = ServerLoginAnswer(plugin: "", data: [], secret: account.secret, isSecure: channel.isSecure)
    }

    mutating func packetReceived(_ payload: UnsafeRawBufferPointer, sequence: UInt8) -> Step {
        do throws(WireError) {
            switch phase {
            case .awaitingGreeting: return try greetingReceived(payload, sequence)
            case .securing: return .fail(.nonsense("a packet before TLS began"))
            case .awaitingVerdict: return try verdictReceived(payload, sequence)
            case .finished: return .fail(.nonsense("a packet after the login"))
            }
        } catch {
            return .fail(.nonsense("\(error)"))
        }
    }

    private mutating func greetingReceived(_ payload: UnsafeRawBufferPointer, _ sequence: UInt8) throws(WireError)
        -> Step
    {
        if payload.first == 0xFF { return try refusal(payload) }
        let greeting = try InitialHandshake.parse(payload)
        threadID = greeting.connectionID
        let needed: Capabilities = [.protocol41, .secureConnection, .pluginAuth]
        guard greeting.capabilities.isSuperset(of: needed) else {
            phase = .finished
            return .fail(.loginUnsupported("server \(greeting.serverVersion) speaks too old a protocol"))
        }
        let asked = Capabilities(rawValue: traits.capabilities).union(compression?.capability ?? [])
        negotiated = asked.intersection(greeting.capabilities)
        let missing = asked.intersection(Self.layout).subtracting(negotiated)
        guard missing.isEmpty else {
            phase = .finished
            return .fail(
                .loginUnsupported(
                    "server \(greeting.serverVersion) cannot do what was agreed with the client: it lacks capability "
                        + "flags 0x\(String(missing.rawValue, radix: 16))"))
        }
        guard encryption != .disabled else { return respond(greeting, sequence, negotiated) }
        guard greeting.capabilities.contains(.ssl) else {
            if encryption == .preferred { return respond(greeting, sequence, negotiated) }
            phase = .finished
            return .fail(.loginUnsupported("the server offers no TLS, which clusters.tls.mode asks for"))
        }
        self.greeting = greeting
        phase = .securing
        var writer = ByteWriter()
        response(greeting, plugin: "", reply: [], negotiated.union(.ssl)).encodeSSLRequest(into: &writer)
        return .startTLS(Self.packet(writer.bytes, sequence &+ 1))
    }

    /// The connection is encrypted now: the login follows.
    mutating func secured(_ channel: ServerChannel) -> Step {
        guard phase == .securing, let greeting else { return .fail(.nonsense("TLS that nobody asked for")) }
        self.channel = channel
        // The greeting had number 0, the request for TLS 1.
        return respond(greeting, 1, negotiated.union(.ssl))
    }

    private mutating func respond(_ greeting: InitialHandshake, _ sequence: UInt8, _ flags: Capabilities) -> Step {
        self.greeting = greeting
        // The reply is for the plugin we name; a server that keeps the account under another one says so.
        let plugin =
            channel.unprovedFingerprint == nil
            ? ServerLoginAnswer.firstPlugin(greeting.authPlugin, account.secret) : NativePassword.plugin
        answer = ServerLoginAnswer(
            plugin: plugin, data: greeting.salt, secret: account.secret, isSecure: channel.isSecure)
        guard mayAnswer(plugin) else { return unproved("the account logs in with \(plugin)") }
        guard case .reply(let reply) = answer.begin() else { return unsupported(plugin) }
        var writer = ByteWriter()
        response(greeting, plugin: plugin, reply: reply, flags).encode(into: &writer)
        phase = .awaitingVerdict
        return .send(Self.packet(writer.bytes, sequence &+ 1))
    }

    private func response(
        _ greeting: InitialHandshake, plugin: String, reply: [UInt8], _ flags: Capabilities
    ) -> HandshakeResponse41 {
        HandshakeResponse41(
            capabilities: flags,
            maximumPacketSize: 1 << 30,
            collation: UInt16(traits.collation),
            user: account.user,
            authResponse: reply,
            schema: nil,
            authPlugin: plugin,
            attributes: negotiated.contains(.connectAttrs) ? attributes : [])
    }

    private mutating func verdictReceived(_ payload: UnsafeRawBufferPointer, _ sequence: UInt8) throws(WireError)
        -> Step
    {
        switch payload.first {
        case 0x00:
            phase = .finished
            guard try isProved(by: payload) else { return unproved("it does not know the account's password") }
            return .done(negotiated)
        case 0xFF: return try refusal(payload)
        case AuthSwitchRequest.header where switches < BackendLimits.authSwitches:
            switches += 1
            let request = try AuthSwitchRequest.parse(payload)
            answer = ServerLoginAnswer(
                plugin: request.plugin, data: request.data, secret: account.secret, isSecure: channel.isSecure)
            guard mayAnswer(request.plugin) else { return unproved("the account logs in with \(request.plugin)") }
            return perform(answer.begin(), sequence)
        case AuthMoreData.header:
            return perform(answer.received(try AuthMoreData.parse(payload).data), sequence)
        default:
            if answer.takesUnmarkedData { return perform(answer.received(Array(payload)), sequence) }
            phase = .finished
            return .fail(.nonsense("an unexpected packet during the login"))
        }
    }

    /// The work of `Step.work` was done.
    mutating func workEnded(_ result: ServerLoginWork.Result?) -> Step {
        guard phase == .awaitingVerdict, let result else {
            phase = .finished
            return .fail(.loginUnsupported("account '\(account.user)': \(answer.plugin) failed here"))
        }
        proofSecret = result.proofSecret
        return .send(Self.packet(result.reply, nextSequence))
    }

    // MARK: Servers whose certificate nobody signed

    /// Plugins whose answer gives nothing away, and whose server can prove itself.
    private static let provingPlugins = [NativePassword.plugin, MariaDBEd25519.plugin, ParsecKey.plugin]

    /// Whether a plugin's answer is no use to who stands in between. Begins with the plugin.
    private mutating func mayAnswer(_ plugin: String) -> Bool {
        guard channel.unprovedFingerprint != nil else { return true }
        let stage1 = plugin == NativePassword.plugin ? account.secret.nativeStage1 : nil
        proofSecret = stage1.map { NativePassword.stage2(fromStage1: $0) } ?? []
        return Self.provingPlugins.contains(plugin) && !account.secret.isEmpty
    }

    private func isProved(by payload: UnsafeRawBufferPointer) throws(WireError) -> Bool {
        guard let fingerprint = channel.unprovedFingerprint else { return true }
        guard let salt = greeting?.salt else { return false }
        return PasswordProof.holds(
            try OKPacket.parse(payload, capabilities: negotiated).info, secret: proofSecret, salt: salt,
            fingerprint: fingerprint)
    }

    private mutating func unproved(_ reason: String) -> Step {
        phase = .finished
        return .fail(
            .loginUnsupported(
                "the server's certificate signs itself, and the password cannot prove it: \(reason); name the "
                    + "certificate under clusters.tls.ca"))
    }

    private mutating func perform(_ step: ServerLoginAnswer.Step, _ sequence: UInt8) -> Step {
        switch step {
        case .reply(let bytes): return .send(Self.packet(bytes, sequence &+ 1))
        case .wait: return .wait
        case .work(let work):
            nextSequence = sequence &+ 1
            return .work(work)
        case .impossible(let reason) where answer.plugin == MariaDBEd25519.plugin || answer.plugin == ParsecKey.plugin:
            // The account may have another plugin, which the server tries when this one failed.
            objection = reason
            return .send(Self.packet([0], sequence &+ 1))
        case .unsupported: return unsupported(answer.plugin)
        case .impossible(let reason): return impossible(reason)
        case .nonsense(let what):
            phase = .finished
            return .fail(.nonsense(what))
        }
    }

    private mutating func impossible(_ reason: String) -> Step {
        phase = .finished
        return .fail(.loginUnsupported("account '\(account.user)': \(reason)"))
    }

    private mutating func unsupported(_ plugin: String) -> Step {
        phase = .finished
        return .fail(
            .loginUnsupported(
                "account '\(account.user)' logs in with \(plugin) there; this version of Switchyard serves "
                    + ServerLoginAnswer.plugins.joined(separator: ", ")))
    }

    private mutating func refusal(_ payload: UnsafeRawBufferPointer) throws(WireError) -> Step {
        let error = try ErrorPacket.parse(payload)
        if let objection { return impossible(objection) }
        phase = .finished
        return .fail(.refused(code: error.code, sqlState: error.sqlState, message: error.message))
    }

    private static func packet(_ payload: [UInt8], _ sequence: UInt8) -> [UInt8] {
        var writer = ByteWriter()
        var next = sequence
        payload.withUnsafeBytes { writer.writePacket(sequence: &next, payload: $0) }
        return writer.bytes
    }
}
