// One login of a client, fed packet by packet.
import Security
import Testing
import Wire

@testable import Frontend

let loginSalt = (1...20).map { UInt8($0) }
let loginPassword = Array("secret".utf8)
let loginScramble = CachingSHA2.reply(stage1: CachingSHA2.stage1(password: loginPassword), salt: loginSalt)
private let worker = LoginWorker()

/// One login, its directory, and the worker at hand instead of on its threads.
struct LoginScene {
    let directory: AccountDirectory
    var login: ClientLogin

    /// - Parameters:
    ///   - isSecure: whether nobody can listen; `channel` says more.
    ///   - sharing: a scene whose directory is used.
    ///   - isMirrored: whether the accounts can be read again.
    init(
        _ accounts: [Account]? = [LoginScene.mirrored, LoginScene.open], isSecure: Bool = false,
        channel: LoginChannel? = nil, sharing other: LoginScene? = nil, isMirrored: Bool = false
    ) {
        let refresh: @Sendable (@escaping @Sendable () -> Void) -> Void = { _ in }
        directory = other?.directory ?? AccountDirectory(accounts: accounts, refresh: isMirrored ? refresh : nil)
        login = ClientLogin(
            salt: loginSalt, peerHost: "10.0.0.1", directory: directory,
            channel: channel ?? LoginChannel(isSecure: isSecure))
        _ = login.greetingPacket(
            Greeting(serverVersion: "9.7.0", collation: 255, connectionID: 1, plugin: CachingSHA2.plugin))
    }

    /// The hash that MySQL 9.7 made of "secret".
    static let hash: CachingSHA2Hash = {
        let text =
            "244124303041244E5E40426867114C2F66584F730C521607133023556A47334157597371526B3151545A47716C636355526852"
            + "753148674E61486D732E386B6A727936634E37"
        let digits = text.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return CachingSHA2Hash(bytes)!
    }()
    static func account(_ verifier: PasswordVerifier, plugin: String = CachingSHA2.plugin) -> Account {
        Account(user: "app", host: "%", methods: [AuthMethod(plugin: plugin, verifier: verifier)])
    }
    static let mirrored = Account(
        user: "app", host: "%", methods: [AuthMethod(plugin: CachingSHA2.plugin, verifier: .cachingSHA2(hash))])
    static let open = Account(
        user: "open", host: "%",
        methods: [AuthMethod(plugin: CachingSHA2.plugin, verifier: .password(SecretBytes([])))])
    static let configured = Account(
        user: "app", host: "%", methods: [AuthMethod(plugin: "", verifier: .password(SecretBytes(loginPassword)))])

    mutating func begin(
        _ user: String = "app", _ reply: [UInt8] = loginScramble, plugin: String = CachingSHA2.plugin,
        without flags: Capabilities = []
    ) -> ClientLogin.Step {
        var writer = ByteWriter()
        HandshakeResponse41(
            capabilities: CapabilityOffer.base.subtracting([.connectWithDB, .connectAttrs]).subtracting(flags),
            maximumPacketSize: 1 << 24,
            collation: 45, user: user, authResponse: reply, authPlugin: plugin
        ).encode(into: &writer)
        return feed(writer.bytes, 1)
    }

    /// Feeds a packet, and does the work it leads to.
    mutating func feed(_ payload: [UInt8], _ sequence: UInt8) -> ClientLogin.Step {
        finish(payload.withUnsafeBytes { login.packetReceived($0, sequence: sequence) })
    }

    /// Does the work that a step leads to.
    mutating func finish(_ step: ClientLogin.Step) -> ClientLogin.Step {
        var step = step
        while case .work(let work) = step {
            step = login.workEnded(worker.result(of: work, directory.passwords))
        }
        return step
    }
}

func sent(_ step: ClientLogin.Step) -> [UInt8]? {
    if case .send(let packet) = step { packet } else { nil }
}

/// The switch that a step asks for.
func asked(_ step: ClientLogin.Step) -> AuthSwitchRequest? {
    sent(step).flatMap { packet in
        try? Array(packet.dropFirst(4)).withUnsafeBytes { (bytes) throws(WireError) in
            try AuthSwitchRequest.parse(bytes)
        }
    }
}

func isRefresh(_ step: ClientLogin.Step) -> Bool {
    if case .refresh = step { true } else { false }
}

func secret(_ step: ClientLogin.Step) -> LoginSecret? {
    if case .verified(let identity, _, _) = step { identity.secret } else { nil }
}

func refusal(_ step: ClientLogin.Step) -> UInt16? {
    if case .refuse(let error, _) = step { error.code } else { nil }
}

let loginSecret = LoginSecret(password: SecretBytes(loginPassword))
