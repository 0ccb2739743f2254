// Logins to servers under TLS, and to servers whose certificate only the password can prove.
import Security
import Testing
import Wire

@testable import Backend

private let stage1 = NativePassword.stage1(password: Array("secret".utf8))
private let stage2 = NativePassword.stage2(fromStage1: stage1)
private let fingerprint = [UInt8](repeating: 9, count: 32)

private func login(
    _ encryption: ServerEncryption, secret: LoginSecret = LoginSecret(nativeStage1: stage1)
) -> ServerLogin {
    ServerLogin(
        account: BackendAccount(user: "app", secret: secret),
        traits: ConnectionTraits(capabilities: serverCapabilities.rawValue, collation: 33), attributes: [],
        encryption: encryption)
}

private func feed(_ login: inout ServerLogin, _ payload: [UInt8], _ sequence: UInt8 = 0) -> ServerLogin.Step {
    payload.withUnsafeBytes { login.packetReceived($0, sequence: sequence) }
}

private func encryptedGreeting() throws -> [UInt8] {
    var parsed = try greeting().withUnsafeBytes { bytes throws(WireError) in try InitialHandshake.parse(bytes) }
    parsed.capabilities.insert(.ssl)
    var writer = ByteWriter()
    parsed.encode(into: &writer)
    return writer.bytes
}

private func parsed(_ packet: [UInt8]) throws -> ClientHandshake {
    try Array(packet.dropFirst(4)).withUnsafeBytes { bytes throws(WireError) in try ClientHandshake.parse(bytes) }
}

private func ok(_ text: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    OKPacket(info: text).encode(into: &writer, capabilities: serverCapabilities)
    return writer.bytes
}

private func isFailure(_ step: ServerLogin.Step) -> Bool {
    if case .fail = step { true } else { false }
}

@Suite struct ServerTLSLoginTests {
    @Test func `TLS is asked for, and the login follows inside with the next number`() throws {
        var login = login(.required)
        guard case .startTLS(let request) = feed(&login, try encryptedGreeting()),
            case .sslRequest(let asked) = try parsed(request),
            case .send(let packet) = login.secured(ServerChannel(isSecure: true)),
            case .response(let response) = try parsed(packet)
        else {
            Issue.record("no TLS")
            return
        }
        #expect(request[3] == 1 && packet[3] == 2)
        #expect(asked.contains(.ssl) && response.capabilities.contains(.ssl))
        #expect(response.authResponse == NativePassword.reply(stage1: stage1, salt: salt))
        #expect(feed(&login, ok([]), 3) == .done(serverCapabilities))
    }

    @Test func `a server without TLS is used where TLS is preferred, and refused where it is required`() {
        var preferring = login(.preferred)
        if case .send = feed(&preferring, greeting()) {} else { Issue.record("not used") }
        var requiring = login(.required)
        #expect(isFailure(feed(&requiring, greeting())))
    }

    @Test func `what a server sends in the clear after the request is refused`() throws {
        var login = login(.preferred)
        _ = feed(&login, try encryptedGreeting())
        #expect(isFailure(feed(&login, ok([]), 2)))
    }

    @Test func `a certificate that signs itself is proved by the password, or the login fails`() throws {
        let right = PasswordProof.make(secret: stage2, salt: salt, fingerprint: fingerprint)
        let other = PasswordProof.make(secret: stage2, salt: salt, fingerprint: [UInt8](repeating: 8, count: 32))
        for (text, holds) in [(right, true), (other, false), ([], false)] {
            var login = login(.required)
            _ = feed(&login, try encryptedGreeting())
            _ = login.secured(ServerChannel(isSecure: false, unprovedFingerprint: fingerprint))
            #expect(isFailure(feed(&login, ok(text), 3)) == !holds)
        }
    }

    @Test func `signing plugins prove a certificate by what the server has of the password`() throws {
        let password = Array("secret".utf8)
        let nonce = (0..<32).map { UInt8($0) }
        let key = try #require(ParsecKey(factor: 0, salt: [1, 2, 3], publicKey: []).with(password: password))
        let signing = try #require(MariaDBEd25519.answer(password: password, nonce: nonce))
        for (plugin, right, isSaltSent) in [
            (MariaDBEd25519.plugin, signing.publicKey, false), (ParsecKey.plugin, key.proofSecret, true),
        ] {
            for (secret, holds) in [(right, true), (stage2, false), ([], false)] {
                var login = login(.required, secret: LoginSecret(password: SecretBytes(password)))
                _ = feed(&login, try encryptedGreeting())
                _ = login.secured(ServerChannel(isSecure: false, unprovedFingerprint: fingerprint))
                var writer = ByteWriter()
                AuthSwitchRequest(plugin: plugin, data: nonce).encode(into: &writer)
                var step = feed(&login, writer.bytes, 3)
                if isSaltSent { step = feed(&login, [1] + key.extendedSalt, 5) }
                guard case .work(let work) = step else {
                    Issue.record("no work")
                    continue
                }
                _ = login.workEnded(work.result)
                let text = PasswordProof.make(secret: secret, salt: salt, fingerprint: fingerprint)
                #expect(isFailure(feed(&login, ok(text), 7)) == !holds)
            }
        }
    }

    @Test func `a server that ends the login before its plugin began has proved nothing`() throws {
        var login = login(.required, secret: LoginSecret(password: SecretBytes(Array("secret".utf8))))
        _ = feed(&login, try encryptedGreeting())
        _ = login.secured(ServerChannel(isSecure: false, unprovedFingerprint: fingerprint))
        var writer = ByteWriter()
        AuthSwitchRequest(plugin: ParsecKey.plugin, data: [UInt8](repeating: 1, count: 32)).encode(into: &writer)
        _ = feed(&login, writer.bytes, 3)
        let text = PasswordProof.make(secret: [], salt: salt, fingerprint: fingerprint)
        #expect(isFailure(feed(&login, ok(text), 5)))
    }

    @Test func `nothing that gives the password away is sent to a server that is not proved`() throws {
        for plugin in ["mysql_clear_password", "caching_sha2_password"] {
            var login = login(.required, secret: LoginSecret(password: SecretBytes(Array("secret".utf8))))
            _ = feed(&login, try encryptedGreeting())
            _ = login.secured(ServerChannel(isSecure: false, unprovedFingerprint: fingerprint))
            var writer = ByteWriter()
            AuthSwitchRequest(plugin: plugin, salt: salt).encode(into: &writer)
            #expect(isFailure(feed(&login, writer.bytes, 3)))
        }
        var open = login(.required, secret: .empty)
        _ = feed(&open, try encryptedGreeting())
        #expect(isFailure(open.secured(ServerChannel(isSecure: false, unprovedFingerprint: fingerprint))))
    }
}
