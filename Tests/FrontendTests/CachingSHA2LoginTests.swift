// A client's login with caching_sha2_password, packet by packet.
import Security
import Testing
import Wire

@testable import Frontend

private let salt = (1...20).map { UInt8($0) }
private let password = Array("secret".utf8)
private let stage1 = CachingSHA2.stage1(password: password)
private let scramble = CachingSHA2.reply(stage1: stage1, salt: salt)
private let worker = LoginWorker()

/// One login, its directory, and the worker at hand instead of on its threads.
private struct Scene {
    let directory: AccountDirectory
    var login: ClientLogin

    init(_ accounts: [Account]? = [Scene.mirrored, Scene.open], isSecure: Bool = false, sharing other: Scene? = nil) {
        directory = other?.directory ?? AccountDirectory(accounts: accounts)
        login = ClientLogin(
            salt: salt, peerHost: "10.0.0.1", directory: directory, channel: LoginChannel(isSecure: isSecure))
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
    static let mirrored = Account(
        user: "app", host: "%", methods: [AuthMethod(plugin: CachingSHA2.plugin, verifier: .cachingSHA2(hash))])
    static let open = Account(
        user: "open", host: "%",
        methods: [AuthMethod(plugin: CachingSHA2.plugin, verifier: .password(SecretBytes([])))])
    static let configured = Account(
        user: "app", host: "%", methods: [AuthMethod(plugin: "", verifier: .password(SecretBytes(password)))])

    mutating func begin(_ user: String = "app", _ reply: [UInt8] = scramble, plugin: String = CachingSHA2.plugin)
        -> ClientLogin.Step
    {
        var writer = ByteWriter()
        HandshakeResponse41(
            capabilities: CapabilityOffer.base.subtracting([.connectWithDB, .connectAttrs]), maximumPacketSize: 1 << 24,
            collation: 45, user: user, authResponse: reply, authPlugin: plugin
        ).encode(into: &writer)
        return feed(writer.bytes, 1)
    }

    /// Feeds a packet, and does the work it leads to.
    mutating func feed(_ payload: [UInt8], _ sequence: UInt8) -> ClientLogin.Step {
        var step = payload.withUnsafeBytes { login.packetReceived($0, sequence: sequence) }
        while case .work(let work) = step {
            step = login.workEnded(worker.result(of: work, directory.passwords))
        }
        return step
    }
}

private func sent(_ step: ClientLogin.Step) -> [UInt8]? {
    if case .send(let packet) = step { packet } else { nil }
}

private func secret(_ step: ClientLogin.Step) -> LoginSecret? {
    if case .verified(let identity, _, _) = step { identity.secret } else { nil }
}

private func refusal(_ step: ClientLogin.Step) -> UInt16? {
    if case .refuse(let error, _) = step { error.code } else { nil }
}

private let clear = LoginSecret(password: SecretBytes(password))

@Suite struct CachingSHA2LoginTests {
    private static func encrypted(_ scene: inout Scene, _ password: String) throws -> ClientLogin.Step {
        #expect(sent(scene.begin()) == [2, 0, 0, 2, 1, 4])
        let key = try #require(sent(scene.feed([2], 3)))
        #expect(key[3] == 4 && key[4] == 1)
        let masked = CachingSHA2.masked(Array(password.utf8) + [0], salt: salt)
        return scene.feed(try #require(RSAPublicKey.encrypt(masked, publicKey: Array(key[5...]))), 5)
    }

    @Test func `the first login sends the password under the proxy's key, the next is fast`() throws {
        var first = Scene()
        let step = try Self.encrypted(&first, "secret")
        guard case .verified(let identity, let sequence, let notice) = step else {
            Issue.record("not verified")
            return
        }
        #expect(identity.secret == clear && sequence == 6 && notice.isEmpty)
        var second = Scene(sharing: first)
        guard case .verified(let again, let next, let said) = second.begin() else {
            Issue.record("not verified")
            return
        }
        #expect(again.secret == clear && next == 3 && said == [2, 0, 0, 2, 1, 3])
    }

    @Test func `a wrong password is denied in full, and is not remembered`() throws {
        for wrong in ["Secret", "", "secretx"] {
            var scene = Scene()
            #expect(refusal(try Self.encrypted(&scene, wrong)) == 1045)
            #expect(scene.directory.passwords.count == 0)
        }
    }

    @Test func `a password over a secure connection is taken as it is`() {
        var scene = Scene(isSecure: true)
        #expect(sent(scene.begin()) == [2, 0, 0, 2, 1, 4])
        #expect(secret(scene.feed(Array("secret\0".utf8), 3)) == clear)
        var wrong = Scene(isSecure: true)
        _ = wrong.begin()
        #expect(refusal(wrong.feed(Array("other\0".utf8), 3)) == 1045)
        var long = Scene(isSecure: true)
        _ = long.begin()
        #expect(refusal(long.feed([UInt8](repeating: 1, count: FrontendLimits.passwordBytes + 1), 3)) == 1045)
    }

    @Test func `a password that others could hear is not taken`() {
        var scene = Scene()
        _ = scene.begin()
        #expect(refusal(scene.feed(Array("secret\0".utf8), 3)) == 1045)
    }

    @Test func `a wrong scramble is asked for the password, whoever sent it`() {
        for user in ["app", "nobody"] {
            var scene = Scene(isSecure: true)
            #expect(sent(scene.begin(user, [UInt8](repeating: 9, count: 32))) == [2, 0, 0, 2, 1, 4])
        }
        var scene = Scene(isSecure: true)
        _ = scene.begin("nobody")
        #expect(refusal(scene.feed(Array("secret\0".utf8), 3)) == 1045)
    }

    @Test func `a scramble of another length is denied`() {
        for count in [1, 20, 31, 33] {
            var scene = Scene()
            #expect(refusal(scene.begin("app", [UInt8](repeating: 9, count: count))) == 1045)
        }
    }

    @Test func `a clear password of the settings serves every plugin at once`() {
        var sha = Scene([Scene.configured])
        #expect(secret(sha.begin()) == clear)
        var native = Scene([Scene.configured])
        let reply = NativePassword.reply(stage1: NativePassword.stage1(password: password), salt: salt)
        #expect(secret(native.begin("app", reply, plugin: NativePassword.plugin)) == clear)
        var other = Scene([Scene.configured])
        let asked = sent(other.begin("app", [1], plugin: "dialog"))
        #expect(asked.map { String(decoding: $0[5...], as: UTF8.self).hasPrefix(CachingSHA2.plugin) } == true)
    }

    @Test func `no password is an empty packet or a NUL, and only where none is needed`() {
        for reply in [[], [0]] as [[UInt8]] {
            var open = Scene()
            #expect(secret(open.begin("open", reply)) == .empty)
            var closed = Scene()
            guard case .refuse(let error, _) = closed.begin("app", reply) else {
                Issue.record("let in")
                continue
            }
            #expect(error.code == 1045 && error.message.hasSuffix("(using password: NO)"))
        }
        var wrong = Scene(isSecure: true)
        _ = wrong.begin("open")
        #expect(refusal(wrong.feed(Array("secret\0".utf8), 3)) == 1045)
    }

    @Test func `a changed hash forgets the password`() throws {
        var scene = Scene()
        _ = try Self.encrypted(&scene, "secret")
        #expect(scene.directory.passwords.count == 1)
        scene.directory.replace([Scene.mirrored])
        #expect(scene.directory.passwords.count == 1)
        scene.directory.replace([Scene.open])
        #expect(scene.directory.passwords.count == 0)
    }

    @Test func `either password of an account with two is right`() {
        let account = Account(
            user: "app", host: "%",
            methods: [
                AuthMethod(plugin: CachingSHA2.plugin, verifier: .cachingSHA2(.unmatched())),
                AuthMethod(plugin: CachingSHA2.plugin, verifier: .cachingSHA2(Scene.hash)),
            ])
        var scene = Scene([account], isSecure: true)
        _ = scene.begin()
        #expect(secret(scene.feed(Array("secret\0".utf8), 3)) == clear)
        var again = Scene(sharing: scene)
        #expect(secret(again.begin()) == clear)
    }

    @Test func `the second plugin of an account is tried when the first does not know the password`() {
        let account = Account(
            user: "app", host: "%",
            methods: [
                AuthMethod(plugin: NativePassword.plugin, verifier: .native(stage2: [UInt8](repeating: 1, count: 20))),
                AuthMethod(plugin: CachingSHA2.plugin, verifier: .password(SecretBytes(password))),
            ])
        var scene = Scene([account])
        let step = scene.begin("app", [UInt8](repeating: 1, count: 20), plugin: NativePassword.plugin)
        #expect(sent(step).map { String(decoding: $0[5...], as: UTF8.self).hasPrefix(CachingSHA2.plugin) } == true)
        #expect(secret(scene.feed(scramble, 3)) == clear)
    }

    @Test func `every truncation of every packet is denied, and none traps`() throws {
        let key = try #require(RSAKeyPair()).publicKey
        let encrypted = try #require(RSAPublicKey.encrypt([1, 2, 3], publicKey: key))
        for length in 0...encrypted.count {
            for asksForKey in [false, true] {
                var scene = Scene()
                _ = scene.begin()
                if asksForKey { _ = scene.feed([2], 3) }
                #expect(refusal(scene.feed(Array(encrypted[..<length]), 5)) == 1045)
            }
        }
    }

    @Test func `packets and results that nobody waits for are refused`() {
        var early = Scene()
        #expect(refusal(early.login.workEnded(.matched(SecretBytes(password)))) != nil)
        var wrong = Scene()
        _ = wrong.begin()
        #expect(refusal(wrong.login.workEnded(.matched(SecretBytes(password)))) == 1045)
        var busy = Scene()
        _ = busy.begin()
        #expect(refusal(busy.login.workEnded(.overloaded)) == 1040)
    }
}

@Suite struct PasswordCacheTests {
    @Test func `the oldest goes when there is no room`() {
        let cache = PasswordCache(limit: 2)
        let verifiers = (0..<3).map { PasswordVerifier.native(stage2: [UInt8($0)]) }
        for (index, verifier) in verifiers.enumerated() { cache.remember(SecretBytes([UInt8(index)]), of: verifier) }
        #expect(verifiers.map { cache.password(of: $0)?.bytes } == [nil, [1], [2]])
        cache.remember(SecretBytes([9]), of: verifiers[1])
        #expect(verifiers.map { cache.password(of: $0)?.bytes } == [nil, [9], [2]])
    }
}
