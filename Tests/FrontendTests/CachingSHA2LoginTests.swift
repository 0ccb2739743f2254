// A client's login with caching_sha2_password, packet by packet.
import Security
import Testing
import Wire

@testable import Frontend

@Suite struct CachingSHA2LoginTests {
    private static func encrypted(_ scene: inout LoginScene, _ password: String) throws -> ClientLogin.Step {
        #expect(sent(scene.begin()) == [2, 0, 0, 2, 1, 4])
        let key = try #require(sent(scene.feed([2], 3)))
        #expect(key[3] == 4 && key[4] == 1)
        let masked = CachingSHA2.masked(Array(password.utf8) + [0], salt: loginSalt)
        return scene.feed(try #require(RSAPublicKey.encrypt(masked, publicKey: Array(key[5...]))), 5)
    }

    @Test func `the first login sends the password under the proxy's key, the next is fast`() throws {
        var first = LoginScene()
        let step = try Self.encrypted(&first, "secret")
        guard case .verified(let identity, let sequence, let notice) = step else {
            Issue.record("not verified")
            return
        }
        #expect(identity.secret == loginSecret && sequence == 6 && notice.isEmpty)
        var second = LoginScene(sharing: first)
        guard case .verified(let again, let next, let said) = second.begin() else {
            Issue.record("not verified")
            return
        }
        #expect(again.secret == loginSecret && next == 3 && said == [2, 0, 0, 2, 1, 3])
    }

    @Test func `a wrong password is denied in full, and is not remembered`() throws {
        for wrong in ["Secret", "", "secretx"] {
            var scene = LoginScene()
            #expect(refusal(try Self.encrypted(&scene, wrong)) == 1045)
            #expect(scene.directory.passwords.count == 0)
        }
    }

    @Test func `a password over a secure connection is taken as it is`() {
        var scene = LoginScene(isSecure: true)
        #expect(sent(scene.begin()) == [2, 0, 0, 2, 1, 4])
        #expect(secret(scene.feed(Array("secret\0".utf8), 3)) == loginSecret)
        var wrong = LoginScene(isSecure: true)
        _ = wrong.begin()
        #expect(refusal(wrong.feed(Array("other\0".utf8), 3)) == 1045)
        var long = LoginScene(isSecure: true)
        _ = long.begin()
        #expect(refusal(long.feed([UInt8](repeating: 1, count: FrontendLimits.passwordBytes + 1), 3)) == 1045)
    }

    @Test func `a password that others could hear is not taken`() {
        var scene = LoginScene()
        _ = scene.begin()
        #expect(refusal(scene.feed(Array("secret\0".utf8), 3)) == 1045)
    }

    @Test func `a wrong scramble is asked for the password, whoever sent it`() {
        for user in ["app", "nobody"] {
            var scene = LoginScene(isSecure: true)
            #expect(sent(scene.begin(user, [UInt8](repeating: 9, count: 32))) == [2, 0, 0, 2, 1, 4])
        }
        var scene = LoginScene(isSecure: true)
        _ = scene.begin("nobody")
        #expect(refusal(scene.feed(Array("secret\0".utf8), 3)) == 1045)
    }

    @Test func `a scramble of another length is denied`() {
        for count in [1, 20, 31, 33] {
            var scene = LoginScene()
            #expect(refusal(scene.begin("app", [UInt8](repeating: 9, count: count))) == 1045)
        }
    }

    @Test func `a clear password of the settings serves every plugin at once`() {
        var sha = LoginScene([LoginScene.configured])
        #expect(secret(sha.begin()) == loginSecret)
        var native = LoginScene([LoginScene.configured])
        let reply = NativePassword.reply(stage1: NativePassword.stage1(password: loginPassword), salt: loginSalt)
        #expect(secret(native.begin("app", reply, plugin: NativePassword.plugin)) == loginSecret)
        var other = LoginScene([LoginScene.configured])
        let asked = sent(other.begin("app", [1], plugin: "dialog"))
        #expect(asked.map { String(decoding: $0[5...], as: UTF8.self).hasPrefix(CachingSHA2.plugin) } == true)
    }

    @Test func `no password is an empty packet or a NUL, and only where none is needed`() {
        for reply in [[], [0]] as [[UInt8]] {
            var open = LoginScene()
            #expect(secret(open.begin("open", reply)) == .empty)
            var closed = LoginScene()
            guard case .refuse(let error, _) = closed.begin("app", reply) else {
                Issue.record("let in")
                continue
            }
            #expect(error.code == 1045 && error.message.hasSuffix("(using password: NO)"))
        }
        var wrong = LoginScene(isSecure: true)
        _ = wrong.begin("open")
        #expect(refusal(wrong.feed(Array("secret\0".utf8), 3)) == 1045)
    }

    @Test func `a changed hash forgets the password`() throws {
        var scene = LoginScene()
        _ = try Self.encrypted(&scene, "secret")
        #expect(scene.directory.passwords.count == 1)
        scene.directory.replace([LoginScene.mirrored])
        #expect(scene.directory.passwords.count == 1)
        scene.directory.replace([LoginScene.open])
        #expect(scene.directory.passwords.count == 0)
    }

    @Test func `either password of an account with two is right`() {
        let account = Account(
            user: "app", host: "%",
            methods: [
                AuthMethod(plugin: CachingSHA2.plugin, verifier: .cachingSHA2(.unmatched())),
                AuthMethod(plugin: CachingSHA2.plugin, verifier: .cachingSHA2(LoginScene.hash)),
            ])
        var scene = LoginScene([account], isSecure: true)
        _ = scene.begin()
        #expect(secret(scene.feed(Array("secret\0".utf8), 3)) == loginSecret)
        var again = LoginScene(sharing: scene)
        #expect(secret(again.begin()) == loginSecret)
    }

    @Test func `the second plugin of an account is tried when the first does not know the password`() {
        let account = Account(
            user: "app", host: "%",
            methods: [
                AuthMethod(plugin: NativePassword.plugin, verifier: .native(stage2: [UInt8](repeating: 1, count: 20))),
                AuthMethod(plugin: CachingSHA2.plugin, verifier: .password(SecretBytes(loginPassword))),
            ])
        var scene = LoginScene([account])
        let step = scene.begin("app", [UInt8](repeating: 1, count: 20), plugin: NativePassword.plugin)
        #expect(sent(step).map { String(decoding: $0[5...], as: UTF8.self).hasPrefix(CachingSHA2.plugin) } == true)
        #expect(secret(scene.feed(loginScramble, 3)) == loginSecret)
    }

    @Test func `every truncation of every packet is denied, and none traps`() throws {
        let key = try #require(RSAKeyPair()).publicKey
        var encrypted = try #require(RSAPublicKey.encrypt([1, 2, 3], publicKey: key))
        // This byte alone asks for the key, and is no truncation.
        while encrypted.first == 2 { encrypted = try #require(RSAPublicKey.encrypt([1, 2, 3], publicKey: key)) }
        for length in 0...encrypted.count {
            for asksForKey in [false, true] {
                var scene = LoginScene()
                _ = scene.begin()
                if asksForKey { _ = scene.feed([2], 3) }
                #expect(refusal(scene.feed(Array(encrypted[..<length]), 5)) == 1045)
            }
        }
    }

    @Test func `packets and results that nobody waits for are refused`() {
        var early = LoginScene()
        #expect(refusal(early.login.workEnded(.matched(SecretBytes(loginPassword)))) != nil)
        var wrong = LoginScene()
        _ = wrong.begin()
        #expect(refusal(wrong.login.workEnded(.matched(SecretBytes(loginPassword)))) == 1045)
        var busy = LoginScene()
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
