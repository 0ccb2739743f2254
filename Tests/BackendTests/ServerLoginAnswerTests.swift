// caching_sha2_password and mysql_clear_password with a server, packet by packet.
import Security
import Testing
import Wire

@testable import Backend

private let password = SecretBytes(Array("secret".utf8))
private let clear = LoginSecret(password: password)
private let fast = LoginSecret(sha256Stage1: CachingSHA2.stage1(password: Array("secret".utf8)))
private let native = LoginSecret(nativeStage1: NativePassword.stage1(password: Array("secret".utf8)))
private let scramble = CachingSHA2.reply(
    stage1: CachingSHA2.stage1(password: Array("secret".utf8)), salt: (1...20).map { UInt8($0) })

private func login(_ secret: LoginSecret, isSecure: Bool = false) -> ServerLogin {
    ServerLogin(
        account: BackendAccount(user: "app", secret: secret),
        traits: ConnectionTraits(capabilities: serverCapabilities.rawValue, collation: 33), attributes: [],
        channel: ServerChannel(isSecure: isSecure))
}

private func feed(_ login: inout ServerLogin, _ payload: [UInt8], _ sequence: UInt8 = 0) -> ServerLogin.Step {
    payload.withUnsafeBytes { login.packetReceived($0, sequence: sequence) }
}

private func response(_ step: ServerLogin.Step) -> HandshakeResponse41? {
    guard case .send(let packet) = step,
        case .response(let response) = try? Array(packet.dropFirst(4)).withUnsafeBytes({
            (bytes) throws(WireError) in try ClientHandshake.parse(bytes)
        })
    else { return nil }
    return response
}

private func payload(_ step: ServerLogin.Step) -> [UInt8]? {
    if case .send(let packet) = step { Array(packet.dropFirst(4)) } else { nil }
}

private func authSwitch(_ plugin: String) -> [UInt8] {
    var writer = ByteWriter()
    AuthSwitchRequest(plugin: plugin, salt: salt).encode(into: &writer)
    return writer.bytes
}

@Suite struct ServerLoginAnswerTests {
    private static let shaGreeting = greeting(plugin: CachingSHA2.plugin)

    @Test func `a server that greets with caching_sha2_password gets its scramble`() throws {
        for secret in [clear, fast] {
            var login = login(secret)
            let sent = try #require(response(feed(&login, Self.shaGreeting)))
            #expect(sent.authPlugin == CachingSHA2.plugin && sent.authResponse == scramble)
            #expect(feed(&login, [1, 3], 2) == .wait)
            #expect(feed(&login, okPayload(), 3) == .done(serverCapabilities))
        }
    }

    @Test func `who knows SHA1 only begins with native whatever the server greets with`() throws {
        var login = login(native)
        let sent = try #require(response(feed(&login, Self.shaGreeting)))
        #expect(sent.authPlugin == NativePassword.plugin && sent.authResponse.count == 20)
        guard case .fail(.loginUnsupported(let text)) = feed(&login, authSwitch(CachingSHA2.plugin), 2) else {
            Issue.record("not refused")
            return
        }
        #expect(text.contains("app") && text.contains("users"))
    }

    @Test func `the server's key is asked for, and the password sent under it`() throws {
        let keys = try #require(RSAKeyPair())
        var login = login(clear)
        _ = feed(&login, Self.shaGreeting)
        #expect(feed(&login, [1, 4], 2) == .send(framed(3, [2])))
        let sent = try #require(payload(feed(&login, [1] + keys.publicKey, 4)))
        let opened = CachingSHA2.masked(try #require(keys.decrypt(sent)), salt: salt)
        #expect(opened == Array("secret\0".utf8))
        #expect(feed(&login, okPayload(), 6) == .done(serverCapabilities))
    }

    @Test func `over a secure connection the password goes as it is`() {
        var login = login(clear, isSecure: true)
        _ = feed(&login, Self.shaGreeting)
        #expect(feed(&login, [1, 4], 2) == .send(framed(3, Array("secret\0".utf8))))
    }

    @Test func `a server that forgot the password cannot be told by who knows a hash only`() {
        var login = login(fast)
        _ = feed(&login, Self.shaGreeting)
        guard case .fail(.loginUnsupported) = feed(&login, [1, 4], 2) else {
            Issue.record("not refused")
            return
        }
    }

    @Test func `a clear password is not sent where others can listen`() {
        var plain = login(clear)
        _ = feed(&plain, Self.shaGreeting)
        guard case .fail(.loginUnsupported(let text)) = feed(&plain, authSwitch(ClearPassword.plugin), 2) else {
            Issue.record("not refused")
            return
        }
        #expect(text.contains("TLS") && !text.contains("secret"))
        var secure = login(clear, isSecure: true)
        _ = feed(&secure, Self.shaGreeting)
        #expect(feed(&secure, authSwitch(ClearPassword.plugin), 2) == .send(framed(3, Array("secret\0".utf8))))
    }

    @Test func `an account without a password says so to each plugin`() throws {
        var login = login(.empty)
        #expect(try #require(response(feed(&login, Self.shaGreeting))).authResponse == [0])
        #expect(feed(&login, authSwitch(NativePassword.plugin), 2) == .send(framed(3, [])))
        #expect(feed(&login, authSwitch(CachingSHA2.plugin), 4) == .send(framed(5, [0])))
    }

    @Test func `data that the plugin does not allow is nonsense`() {
        for data in [[], [5], [3, 3], [4, 4]] as [[UInt8]] {
            var login = login(clear)
            _ = feed(&login, Self.shaGreeting)
            guard case .fail(.nonsense) = feed(&login, [1] + data, 2) else {
                Issue.record("\(data) was taken")
                continue
            }
        }
        for key in [[], Array("no key".utf8)] as [[UInt8]] {
            var login = login(clear)
            _ = feed(&login, Self.shaGreeting)
            _ = feed(&login, [1, 4], 2)
            guard case .fail(.nonsense) = feed(&login, [1] + key, 4) else {
                Issue.record("\(key) was taken for a key")
                continue
            }
        }
    }

    // MARK: The plugins that sign

    private static func request(_ plugin: String, data: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        AuthSwitchRequest(plugin: plugin, data: data).encode(into: &writer)
        return writer.bytes
    }
    private static let nonce = (0..<32).map { UInt8($0) }

    @Test func `client_ed25519 is answered with a signature that is made off the lane`() throws {
        var login = login(clear)
        _ = feed(&login, greeting())
        guard case .work(let work) = feed(&login, Self.request(MariaDBEd25519.plugin, data: Self.nonce), 2) else {
            Issue.record("no work")
            return
        }
        let sent = try #require(payload(login.workEnded(work.result)))
        #expect(
            MariaDBEd25519.publicKey(verifying: sent, of: Self.nonce, password: Array("secret".utf8)) != nil)
        #expect(feed(&login, okPayload(), 4) == .done(serverCapabilities))
    }

    @Test(arguments: [false, true])
    func `parsec asks for its salt, which comes marked or not, and signs`(isMarked: Bool) throws {
        let key = try #require(
            ParsecKey(factor: 0, salt: [1, 2, 3], publicKey: []).with(password: Array("secret".utf8)))
        var login = login(clear)
        _ = feed(&login, greeting())
        #expect(feed(&login, Self.request(ParsecKey.plugin, data: Self.nonce), 2) == .send(framed(3, [])))
        let salt = (isMarked ? [1] : []) + key.extendedSalt
        guard case .work(let work) = feed(&login, salt, 4) else {
            Issue.record("no work")
            return
        }
        let sent = try #require(payload(login.workEnded(work.result)))
        #expect(key.verifies(sent, scramble: Self.nonce))
        #expect(feed(&login, okPayload(), 6) == .done(serverCapabilities))
    }

    @Test func `a salt that asks for too much, and data that is too short, are nonsense`() {
        for salt in [[], [0x50], [0x50, 9, 1], [0x51, 0, 1]] as [[UInt8]] {
            var login = login(clear)
            _ = feed(&login, greeting())
            _ = feed(&login, Self.request(ParsecKey.plugin, data: Self.nonce), 2)
            guard case .fail(.nonsense) = feed(&login, [1] + salt, 4) else {
                Issue.record("\(salt) was taken")
                continue
            }
        }
        for plugin in [MariaDBEd25519.plugin, ParsecKey.plugin, NativePassword.plugin, CachingSHA2.plugin] {
            var login = login(clear)
            _ = feed(&login, greeting())
            guard case .fail(.nonsense) = feed(&login, Self.request(plugin, data: [1, 2, 3]), 2) else {
                Issue.record("\(plugin) took three bytes")
                continue
            }
        }
    }

    @Test func `a plugin that cannot be answered is passed over, and named if the server has no other`() {
        var other = login(native)
        _ = feed(&other, greeting())
        guard case .send = feed(&other, Self.request(MariaDBEd25519.plugin, data: Self.nonce), 2),
            case .send = feed(&other, authSwitch(NativePassword.plugin), 4)
        else {
            Issue.record("not passed over")
            return
        }
        #expect(feed(&other, okPayload(), 6) == .done(serverCapabilities))
        var only = login(native)
        _ = feed(&only, greeting())
        _ = feed(&only, Self.request(MariaDBEd25519.plugin, data: Self.nonce), 2)
        guard case .fail(.loginUnsupported(let text)) = feed(&only, errorPayload(1045, "Access denied"), 4) else {
            Issue.record("not refused")
            return
        }
        #expect(text.contains(MariaDBEd25519.plugin) && text.contains("users"))
    }

    @Test func `work that nobody waits for, and work that failed, end the login`() {
        var early = login(clear)
        guard case .fail = early.workEnded(ServerLoginWork.Result(reply: [1], proofSecret: [])) else {
            Issue.record("taken")
            return
        }
        var failed = login(clear)
        _ = feed(&failed, greeting())
        _ = feed(&failed, Self.request(MariaDBEd25519.plugin, data: Self.nonce), 2)
        guard case .fail(.loginUnsupported) = failed.workEnded(nil) else {
            Issue.record("taken")
            return
        }
    }
}
