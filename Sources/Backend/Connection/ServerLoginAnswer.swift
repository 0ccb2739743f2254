// One plugin's part of a login to a server: what the proxy answers, from what is known of the password.
internal import Security

/// The proxy's side of one plugin's exchange. Fed with the bytes that the server sends to the plugin.
struct ServerLoginAnswer {
    enum Step: Equatable {
        /// Send these bytes to the plugin and wait.
        case reply([UInt8])
        /// Nothing to send: the server goes on.
        case wait
        /// Make the reply off the lane, and send it.
        case work(ServerLoginWork)
        /// This plugin is not served.
        case unsupported
        /// The plugin is served, but not with what is known, or not over this connection.
        case impossible(String)
        /// The server sent what the plugin does not allow.
        case nonsense(String)
    }

    private enum Phase { case begun, keyRequested, saltRequested, passwordSent }

    /// Those that are answered.
    static let plugins = [
        NativePassword.plugin, CachingSHA2.plugin, MariaDBEd25519.plugin, ParsecKey.plugin, ClearPassword.plugin,
    ]

    /// The plugin's name, as the server spells it.
    let plugin: String
    /// The plugin's data as the server sent it: a salt, for some with a NUL behind it.
    private let data: [UInt8]
    private let secret: LoginSecret
    private let isSecure: Bool
    private var phase = Phase.begun

    init(plugin: String, data: [UInt8], secret: LoginSecret, isSecure: Bool) {
        self.plugin = plugin
        self.data = data
        self.secret = secret
        self.isSecure = isSecure
    }

    /// The plugin to begin with: the server's default if it can be answered at once, else one that can.
    static func firstPlugin(_ greeted: String, _ secret: LoginSecret) -> String {
        if greeted == CachingSHA2.plugin, secret.sha256Stage1 != nil { return greeted }
        return secret.nativeStage1 != nil ? NativePassword.plugin : CachingSHA2.plugin
    }

    /// The first bytes.
    mutating func begin() -> Step {
        switch plugin {
        case NativePassword.plugin:
            if secret.isEmpty { return .reply([]) }
            guard let stage1 = secret.nativeStage1 else { return .impossible(Self.unknown(plugin)) }
            guard let salt = salt(NativePassword.saltSize) else { return tooShort }
            return .reply(NativePassword.reply(stage1: stage1, salt: salt))
        case CachingSHA2.plugin:
            // An empty packet would not do in answer to a switch; servers take a NUL for the empty password.
            if secret.isEmpty { return .reply([0]) }
            guard let stage1 = secret.sha256Stage1 else { return .impossible(Self.unknown(plugin)) }
            guard let salt = salt(NativePassword.saltSize) else { return tooShort }
            return .reply(CachingSHA2.reply(stage1: stage1, salt: salt))
        case MariaDBEd25519.plugin:
            guard let password = secret.password else { return .impossible(Self.unknown(plugin)) }
            guard let nonce = salt(MariaDBEd25519.nonceSize) else { return tooShort }
            return .work(.ed25519(password, nonce: nonce))
        case ParsecKey.plugin:
            guard secret.password != nil else { return .impossible(Self.unknown(plugin)) }
            guard salt(ParsecKey.scrambleSize) != nil else { return tooShort }
            phase = .saltRequested
            return .reply([])
        case ClearPassword.plugin:
            guard isSecure else {
                return .impossible("\(plugin) shows the password to everybody: it is served over TLS only")
            }
            guard let password = secret.password else { return .impossible(Self.unknown(plugin)) }
            return .reply(ClearPassword.reply(password.bytes))
        default: return .unsupported
        }
    }

    private func salt(_ count: Int) -> [UInt8]? { data.count >= count ? Array(data.prefix(count)) : nil }
    private var tooShort: Step { .nonsense("\(data.count) bytes of data for \(plugin)") }

    /// More bytes from the server's plugin.
    mutating func received(_ bytes: [UInt8]) -> Step {
        switch (plugin, phase) {
        case (CachingSHA2.plugin, .begun) where bytes == [CachingSHA2.fastAuthSuccess]: return .wait
        case (CachingSHA2.plugin, .begun) where bytes == [CachingSHA2.fullAuthWanted]: return fullAuthWanted()
        case (CachingSHA2.plugin, .keyRequested): return keyReceived(bytes)
        case (ParsecKey.plugin, .saltRequested): return saltReceived(bytes)
        default: return .nonsense("unexpected data of \(plugin)")
        }
    }

    /// Whether the plugin's data comes without the byte that marks it: MariaDB leaves it out where it can.
    var takesUnmarkedData: Bool { phase == .saltRequested }

    private mutating func saltReceived(_ bytes: [UInt8]) -> Step {
        guard let key = ParsecKey(extendedSalt: bytes), let password = secret.password,
            let scramble = salt(ParsecKey.scrambleSize)
        else { return .nonsense("a salt of \(plugin) that cannot be used") }
        phase = .passwordSent
        return .work(.parsec(password, key, scramble: scramble))
    }

    private mutating func fullAuthWanted() -> Step {
        guard let password = secret.password else { return .impossible(Self.unknown("\(plugin) without its cache")) }
        if isSecure {
            phase = .passwordSent
            return .reply(ClearPassword.reply(password.bytes))
        }
        phase = .keyRequested
        return .reply([CachingSHA2.publicKeyRequest])
    }

    private mutating func keyReceived(_ key: [UInt8]) -> Step {
        guard let password = secret.password, let salt = salt(NativePassword.saltSize) else { return tooShort }
        phase = .passwordSent
        let masked = CachingSHA2.masked(ClearPassword.reply(password.bytes), salt: salt)
        guard let encrypted = RSAPublicKey.encrypt(masked, publicKey: key) else {
            return .nonsense("a public key that cannot be used")
        }
        return .reply(encrypted)
    }

    private static func unknown(_ plugin: String) -> String {
        "\(plugin) needs the clear password, of which only a hash of another plugin is known: name the account's "
            + "password under 'users' in the settings"
    }
}
