// A client's login with the plugins that never show the password to the proxy, and with the one that does nothing else.
import Security
import Testing
import Wire

@testable import Frontend

/// The key that MariaDB 10.11 made of "secret".
private let ed25519Key = MariaDBEd25519.publicKey(
    fromAccount: Array("ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY".utf8))!
/// "secret" with the salt 1 ... 18, as another library makes it.
private let parsecKey = ParsecKey(
    Array("P0:AQIDBAUGBwgJCgsMDQ4PEBES:Gnd4wCHlzSphQI3fTActL1GTImv1fKdOXzucRojTOsw".utf8))!

private let ed25519 = LoginScene.account(.ed25519(publicKey: ed25519Key), plugin: MariaDBEd25519.plugin)
private let parsec = LoginScene.account(.parsec(parsecKey), plugin: ParsecKey.plugin)

@Suite struct SignatureLoginTests {
    /// A directory that knows the password from an earlier login.
    private static func warm(_ account: Account) -> LoginScene {
        let scene = LoginScene([account])
        scene.directory.passwords.remember(SecretBytes(loginPassword), of: account.methods[0].verifier)
        return scene
    }

    @Test func `an account whose password is not known is asked for it where nobody listens`() throws {
        for account in [ed25519, parsec] {
            var scene = LoginScene([account], isSecure: true)
            let request = try #require(asked(scene.begin()))
            #expect(request.plugin == ClearPassword.plugin && request.data.isEmpty)
            #expect(secret(scene.feed(Array("secret\0".utf8), 3)) == loginSecret)
            var again = LoginScene(sharing: scene)
            #expect(asked(again.begin())?.plugin == account.methods[0].plugin)
            var wrong = LoginScene([account], isSecure: true)
            _ = wrong.begin()
            #expect(refusal(wrong.feed(Array("Secret\0".utf8), 3)) == 1045)
        }
    }

    @Test func `elsewhere it is told what to do`() {
        for account in [ed25519, parsec] {
            var scene = LoginScene([account])
            guard case .refuse(let error, _) = scene.begin() else {
                Issue.record("not refused")
                continue
            }
            #expect(error.code == 1251 && error.message.contains("users") && error.message.contains("TLS"))
        }
    }

    @Test func `a signature of the nonce proves the password`() throws {
        var scene = LoginScene(sharing: Self.warm(ed25519))
        let request = try #require(asked(scene.begin()))
        #expect(request.plugin == MariaDBEd25519.plugin && request.data.count == 32)
        let reply = try #require(MariaDBEd25519.reply(password: loginPassword, nonce: request.data))
        #expect(secret(scene.feed(reply, 3)) == loginSecret)
    }

    @Test func `a self-made certificate is proved by what the plugin has of the password`() throws {
        let fingerprint = [UInt8](repeating: 9, count: 32)
        let clear = LoginScene.account(.password(SecretBytes(loginPassword)), plugin: MariaDBEd25519.plugin)
        for (account, known) in [(ed25519, ed25519Key), (clear, ed25519Key), (parsec, parsecKey.proofSecret)] {
            var scene = LoginScene(sharing: Self.warm(account))
            scene.login.secured(LoginChannel(isSecure: true, cipher: "x"), selfMadeFingerprint: fingerprint)
            let request = try #require(asked(scene.begin()))
            let step: ClientLogin.Step
            if request.plugin == ParsecKey.plugin {
                _ = scene.feed([], 3)
                step = scene.feed(
                    try #require(parsecKey.reply(password: loginPassword, scramble: request.data)), 5)
            } else {
                step = scene.feed(
                    try #require(MariaDBEd25519.reply(password: loginPassword, nonce: request.data)), 3)
            }
            guard case .verified(let identity, _, _) = step else {
                Issue.record("not verified")
                continue
            }
            #expect(
                PasswordProof.holds(
                    identity.certificateProof, secret: known, salt: loginSalt, fingerprint: fingerprint))
        }
    }

    @Test func `no other signature does`() throws {
        for (password, nonce) in [("Secret", true), ("secret", false)] {
            var scene = LoginScene(sharing: Self.warm(ed25519))
            let request = try #require(asked(scene.begin()))
            let signed = nonce ? request.data : [UInt8](repeating: 0, count: 32)
            let reply = try #require(MariaDBEd25519.reply(password: Array(password.utf8), nonce: signed))
            #expect(refusal(scene.feed(reply, 3)) == 1045)
        }
        for length in 0..<64 {
            var scene = LoginScene(sharing: Self.warm(ed25519))
            _ = scene.begin()
            #expect(refusal(scene.feed([UInt8](repeating: 1, count: length), 3)) == 1045)
        }
    }

    @Test func `each login signs another nonce`() throws {
        let warm = Self.warm(ed25519)
        var one = LoginScene(sharing: warm)
        var other = LoginScene(sharing: warm)
        let nonces = [asked(one.begin())?.data, asked(other.begin())?.data]
        #expect(nonces[0] != nil && nonces[0] != nonces[1])
    }

    @Test func `parsec gives its salt and takes the signature of both scrambles`() throws {
        var scene = LoginScene(sharing: Self.warm(parsec))
        let request = try #require(asked(scene.begin()))
        #expect(request.plugin == ParsecKey.plugin && request.data.count == 32)
        let salt = try #require(sent(scene.feed([], 3)))
        #expect(salt == [20, 0, 0, 4] + parsecKey.extendedSalt)
        let key = try #require(ParsecKey(extendedSalt: Array(salt[4...])))
        let reply = try #require(key.reply(password: loginPassword, scramble: request.data))
        #expect(secret(scene.feed(reply, 5)) == loginSecret)
    }

    @Test func `parsec refuses other signatures and other orders of packets`() throws {
        let reply = try #require(
            parsecKey.reply(password: Array("Secret".utf8), scramble: [UInt8](repeating: 0, count: 32)))
        for length in 0...reply.count {
            var scene = LoginScene(sharing: Self.warm(parsec))
            _ = scene.begin()
            if length.isMultiple(of: 2) { _ = scene.feed([], 3) } else { continue }
            #expect(refusal(scene.feed(Array(reply[..<length]), 5)) == 1045)
        }
        var early = LoginScene(sharing: Self.warm(parsec))
        _ = early.begin()
        #expect(refusal(early.feed(reply, 3)) == 1045)
    }

    @Test func `a password of the settings answers a plugin that the account names`() throws {
        let verifier = PasswordVerifier.password(SecretBytes(loginPassword))
        var signed = LoginScene([LoginScene.account(verifier, plugin: MariaDBEd25519.plugin)])
        let nonce = try #require(asked(signed.begin())).data
        let signature = try #require(MariaDBEd25519.reply(password: loginPassword, nonce: nonce))
        #expect(secret(signed.feed(signature, 3)) == loginSecret)
        var stretched = LoginScene([LoginScene.account(verifier, plugin: ParsecKey.plugin)])
        let scramble = try #require(asked(stretched.begin())).data
        let salt = try #require(sent(stretched.feed([], 3)))
        let key = try #require(ParsecKey(extendedSalt: Array(salt[4...])))
        let reply = try #require(key.reply(password: loginPassword, scramble: scramble))
        #expect(secret(stretched.feed(reply, 5)) == loginSecret)
    }

    @Test func `a clear password is asked for and taken only where nobody listens`() {
        let account = LoginScene.account(.password(SecretBytes(loginPassword)), plugin: ClearPassword.plugin)
        var plain = LoginScene([account])
        #expect(refusal(plain.begin("app", Array("secret\0".utf8), plugin: ClearPassword.plugin)) == 1251)
        var secure = LoginScene([account], isSecure: true)
        #expect(secret(secure.begin("app", Array("secret\0".utf8), plugin: ClearPassword.plugin)) == loginSecret)
        var chosen = LoginScene([LoginScene.configured])
        #expect(
            asked(chosen.begin("app", Array("secret\0".utf8), plugin: ClearPassword.plugin))?.plugin
                == CachingSHA2.plugin)
    }
}
