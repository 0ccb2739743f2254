// The proxy's login to a server: a pure machine from packets to packets.
internal import Security
internal import Wire

/// One login. Fed with whole packets, it answers with the next step.
///
///     greeting ──▶ response sent ──┬──▶ done (OK)
///                                  ├──▶ switched ──▶ done
///                                  └──▶ failed (ERR, unknown plugin, nonsense)
struct ServerLogin {
    enum Step: Equatable {
        /// Send these bytes (a whole packet with its header) and wait.
        case send([UInt8])
        /// Logged in, with these capabilities in force.
        case done(Capabilities)
        case fail(ServerFailure)
    }

    private enum Phase { case awaitingGreeting, awaitingVerdict, switched, finished }

    /// Flags without which bytes mean something else: a server that lacks one that the client has cannot serve it.
    static let layout: Capabilities = [
        .deprecateEOF, .optionalResultsetMetadata, .queryAttributes, .mariadbExtendedMetadata, .mariadbCacheMetadata,
        .mariadbStmtBulkOperations, .mariadbBulkUnitResults,
    ]

    private let account: BackendAccount
    private let traits: ConnectionTraits
    private let attributes: [ConnectAttribute]
    private var phase = Phase.awaitingGreeting
    private var negotiated: Capabilities = []

    init(account: BackendAccount, traits: ConnectionTraits, attributes: [ConnectAttribute]) {
        self.account = account
        self.traits = traits
        self.attributes = attributes
    }

    mutating func packetReceived(_ payload: UnsafeRawBufferPointer, sequence: UInt8) -> Step {
        do throws(WireError) {
            switch phase {
            case .awaitingGreeting: return try greetingReceived(payload, sequence)
            case .awaitingVerdict, .switched: return try verdictReceived(payload, sequence)
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
        let needed: Capabilities = [.protocol41, .secureConnection, .pluginAuth]
        guard greeting.capabilities.isSuperset(of: needed) else {
            phase = .finished
            return .fail(.loginUnsupported("server \(greeting.serverVersion) speaks too old a protocol"))
        }
        let asked = Capabilities(rawValue: traits.capabilities)
        negotiated = asked.intersection(greeting.capabilities)
        let missing = asked.intersection(Self.layout).subtracting(negotiated)
        guard missing.isEmpty else {
            phase = .finished
            return .fail(
                .loginUnsupported(
                    "server \(greeting.serverVersion) cannot do what was agreed with the client: it lacks capability "
                        + "flags 0x\(String(missing.rawValue, radix: 16))"))
        }
        var writer = ByteWriter()
        HandshakeResponse41(
            capabilities: negotiated,
            maximumPacketSize: 1 << 30,
            collation: traits.collation,
            user: account.user,
            // The reply is for the plugin we name; a server that keeps the account under another one says so.
            authResponse: NativePassword.reply(stage1: account.stage1, salt: greeting.salt),
            schema: nil,
            authPlugin: "mysql_native_password",
            attributes: negotiated.contains(.connectAttrs) ? attributes : []
        ).encode(into: &writer)
        phase = .awaitingVerdict
        return .send(Self.packet(writer.bytes, sequence &+ 1))
    }

    private mutating func verdictReceived(_ payload: UnsafeRawBufferPointer, _ sequence: UInt8) throws(WireError)
        -> Step
    {
        switch payload.first {
        case 0x00:
            phase = .finished
            return .done(negotiated)
        case 0xFF: return try refusal(payload)
        case 0xFE where phase == .awaitingVerdict: return try switchRequested(payload, sequence)
        case 0x01: return unsupported("caching_sha2_password")
        default:
            phase = .finished
            return .fail(.nonsense("an unexpected packet during the login"))
        }
    }

    private mutating func switchRequested(_ payload: UnsafeRawBufferPointer, _ sequence: UInt8) throws(WireError)
        -> Step
    {
        let request = try AuthSwitchRequest.parse(payload)
        guard request.plugin == "mysql_native_password" else { return unsupported(request.plugin) }
        phase = .switched
        let salt = Array(request.data.prefix(20))
        return .send(Self.packet(NativePassword.reply(stage1: account.stage1, salt: salt), sequence &+ 1))
    }

    private mutating func unsupported(_ plugin: String) -> Step {
        phase = .finished
        return .fail(
            .loginUnsupported(
                "account '\(account.user)' logs in with \(plugin) there; this version of Switchyard serves "
                    + "mysql_native_password"))
    }

    private mutating func refusal(_ payload: UnsafeRawBufferPointer) throws(WireError) -> Step {
        let error = try ErrorPacket.parse(payload)
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
