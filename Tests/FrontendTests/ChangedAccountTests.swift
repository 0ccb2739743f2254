// Accounts that change while clients log in, and what accounts want beside a password.
import Security
import Testing
import Topology
import Wire

@testable import Frontend

private func encrypted(_ scene: inout LoginScene, _ password: String) throws -> ClientLogin.Step {
    _ = scene.begin()
    let key = try #require(sent(scene.feed([2], 3)))
    let masked = CachingSHA2.masked(Array(password.utf8) + [0], salt: loginSalt)
    return scene.feed(try #require(RSAPublicKey.encrypt(masked, publicKey: Array(key[5...]))), 5)
}

private let native = NativePassword.plugin
private let nativeReply = NativePassword.reply(
    stage1: NativePassword.stage1(password: loginPassword), salt: loginSalt)
private let stage2 = NativePassword.stage2(fromStage1: NativePassword.stage1(password: loginPassword))
private let otherStage2 = [UInt8](repeating: 7, count: 20)

@Suite struct ChangedAccountTests {
    @Test func `an account made a moment ago lets its first client in`() throws {
        var scene = LoginScene([], isMirrored: true)
        #expect(isRefresh(scene.begin("app", nativeReply, plugin: native)))
        scene.directory.replace([LoginScene.account(.native(stage2: stage2), plugin: native)])
        #expect(secret(scene.login.accountsRefreshed()) != nil)
        var sha = LoginScene([], isSecure: true, isMirrored: true)
        _ = sha.begin()
        #expect(isRefresh(sha.feed(Array("secret\0".utf8), 3)))
        sha.directory.replace([LoginScene.mirrored])
        #expect(secret(sha.finish(sha.login.accountsRefreshed())) == loginSecret)
    }

    @Test func `a user who is still unknown is treated like any other`() {
        for user in ["app", "nobody"] {
            var scene = LoginScene([LoginScene.mirrored], isSecure: true, isMirrored: true)
            #expect(sent(scene.begin(user)) == [2, 0, 0, 2, 1, 4])
            #expect(isRefresh(scene.feed(Array("wrong\0".utf8), 3)))
            #expect(refusal(scene.login.accountsRefreshed()) == 1045)
        }
    }

    @Test func `a password changed a moment ago is taken, by the reply at hand`() {
        var scene = LoginScene([LoginScene.account(.native(stage2: otherStage2), plugin: native)], isMirrored: true)
        #expect(isRefresh(scene.begin("app", nativeReply, plugin: native)))
        scene.directory.replace([LoginScene.account(.native(stage2: stage2), plugin: native)])
        #expect(secret(scene.login.accountsRefreshed()) != nil)
    }

    @Test func `the same for a password under the proxy's key`() throws {
        var scene = LoginScene([LoginScene.account(.cachingSHA2(.unmatched()))], isMirrored: true)
        #expect(isRefresh(try encrypted(&scene, "secret")))
        scene.directory.replace([LoginScene.mirrored])
        #expect(secret(scene.finish(scene.login.accountsRefreshed())) == loginSecret)
    }

    @Test func `an account that moved to another plugin asks again`() throws {
        var scene = LoginScene([LoginScene.account(.native(stage2: otherStage2), plugin: native)], isMirrored: true)
        #expect(isRefresh(scene.begin("app", nativeReply, plugin: native)))
        scene.directory.replace([LoginScene.mirrored])
        #expect(asked(scene.login.accountsRefreshed())?.plugin == CachingSHA2.plugin)
        #expect(sent(scene.feed(loginScramble, 3)) == [2, 0, 0, 4, 1, 4])
    }

    @Test func `a wrong password is refused after one look, and never looked at again`() {
        var scene = LoginScene([LoginScene.account(.native(stage2: otherStage2), plugin: native)], isMirrored: true)
        #expect(isRefresh(scene.begin("app", nativeReply, plugin: native)))
        #expect(refusal(scene.login.accountsRefreshed()) == 1045)
        var changed = LoginScene([LoginScene.account(.native(stage2: otherStage2), plugin: native)], isMirrored: true)
        _ = changed.begin("app", nativeReply, plugin: native)
        changed.directory.replace([
            LoginScene.account(.native(stage2: [UInt8](repeating: 8, count: 20)), plugin: native)
        ])
        #expect(refusal(changed.login.accountsRefreshed()) == 1045)
    }

    @Test func `an account dropped meanwhile is refused as before`() {
        var scene = LoginScene([LoginScene.account(.native(stage2: otherStage2), plugin: native)], isMirrored: true)
        _ = scene.begin("app", nativeReply, plugin: native)
        scene.directory.replace([])
        #expect(refusal(scene.login.accountsRefreshed()) == 1045)
    }

    @Test func `an account unlocked a moment ago is let in`() {
        var account = LoginScene.account(.native(stage2: stage2), plugin: native)
        account.isLocked = true
        var scene = LoginScene([account], isMirrored: true)
        #expect(isRefresh(scene.begin("app", nativeReply, plugin: native)))
        account.isLocked = false
        scene.directory.replace([account])
        #expect(secret(scene.login.accountsRefreshed()) != nil)
    }

    @Test func `nothing is judged that nobody waits for`() {
        var scene = LoginScene(isMirrored: true)
        #expect(refusal(scene.login.accountsRefreshed()) != nil)
    }

    @Test func `a locked account says so in the server's words, to who knows the password only`() {
        var account = LoginScene.account(.native(stage2: stage2), plugin: native)
        account.isLocked = true
        for (flavor, code) in [(ServerFlavor.mariaDB, UInt16(4151)), (.mySQL, 3118)] {
            var scene = LoginScene([account])
            _ = scene.login.greetingPacket(
                Greeting(serverVersion: "1", collation: 45, connectionID: 1, plugin: native, flavor: flavor))
            #expect(refusal(scene.begin("app", nativeReply, plugin: native)) == code)
        }
        var scene = LoginScene([account])
        #expect(refusal(scene.begin("app", [1], plugin: native)) == 1045)
    }

    @Test func `an expired password lets in those who can change it`() {
        var account = LoginScene.account(.native(stage2: stage2), plugin: native)
        account.isExpired = true
        var able = LoginScene([account])
        #expect(secret(able.begin("app", nativeReply, plugin: native)) != nil)
        var unable = LoginScene([account])
        #expect(
            refusal(unable.begin("app", nativeReply, plugin: native, without: .canHandleExpiredPasswords)) == 1862)
    }

    @Test func `servers are logged in to as the account behind`() throws {
        var account = LoginScene.configured
        account.serverLogin = ServerAccount(user: "backend", password: SecretBytes([1]))
        var scene = LoginScene([account])
        guard case .verified(let identity, _, _) = scene.begin() else {
            Issue.record("not verified")
            return
        }
        #expect(identity.user == "app" && identity.serverUser == "backend")
        #expect(identity.secret == LoginSecret(password: SecretBytes([1])))
        account.serverLogin = ServerAccount(user: "backend", password: nil)
        var own = LoginScene([account])
        #expect(secret(own.begin()) == loginSecret)
    }
}

@Suite struct LoginRequirementTests {
    private static let plain = LoginChannel()
    private static let socket = LoginChannel(isSecure: true)
    private static let tls = LoginChannel(isSecure: true, cipher: "TLS_AES_256_GCM_SHA384")
    private static let certified = LoginChannel(
        isSecure: true, cipher: "TLS_AES_256_GCM_SHA384",
        peerCertificate: PeerCertificate(subject: "/CN=app", issuer: "/CN=ca"))

    private static let rows: [(LoginRequirement, [LoginChannel])] = [
        (.none, [plain, socket, tls, certified]), (.tls, [tls, certified]), (.certificate, [certified]),
        (.specified(subject: "/CN=app", issuer: "", cipher: ""), [certified]),
        (.specified(subject: "/CN=app", issuer: "/CN=ca", cipher: "TLS_AES_256_GCM_SHA384"), [certified]),
        (.specified(subject: "/CN=other", issuer: "", cipher: ""), []),
        (.specified(subject: "", issuer: "/CN=other", cipher: ""), []),
        (.specified(subject: "", issuer: "", cipher: "TLS_AES_256_GCM_SHA384"), [tls, certified]),
        (.specified(subject: "", issuer: "", cipher: "other"), []),
        (.specified(subject: "", issuer: "", cipher: ""), [tls, certified]),
    ]

    @Test func `each requirement is met by the connections that servers would take`() {
        for (requirement, met) in Self.rows {
            for channel in [Self.plain, Self.socket, Self.tls, Self.certified] {
                #expect(requirement.isMet(by: channel) == met.contains(channel), "\(requirement) \(channel)")
                var account = LoginScene.account(.native(stage2: stage2), plugin: native)
                account.requirement = requirement
                var scene = LoginScene([account], channel: channel)
                let step = scene.begin("app", nativeReply, plugin: native)
                #expect(met.contains(channel) ? secret(step) != nil : refusal(step) == 1045)
            }
        }
    }
}

@Suite struct DecoyTests {
    private static let directory = AccountDirectory(accounts: [
        LoginScene.account(.native(stage2: stage2), plugin: native), LoginScene.mirrored, LoginScene.configured,
    ])

    @Test func `a user who has no account is asked what another's account asks, always the same`() {
        for name in (0..<50).map({ "user\($0)" }) {
            let decoy = Self.directory.decoy(for: name)
            let again = Self.directory.decoy(for: name)
            #expect(decoy.methods.map(\.plugin) == again.methods.map(\.plugin))
            #expect(decoy.user == name && !decoy.methods.isEmpty)
        }
        let plugins = Set((0..<50).map { Self.directory.decoy(for: "user\($0)").methods[0].plugin })
        #expect(plugins == [native, CachingSHA2.plugin, ""])
    }

    @Test func `no password is a decoy's`() {
        for name in (0..<20).map({ "user\($0)" }) {
            for method in Self.directory.decoy(for: name).methods {
                for password in [loginPassword, []] { #expect(!method.verifier.matches(SecretBytes(password))) }
            }
        }
    }

    @Test func `without any account there is one to play`() {
        #expect(AccountDirectory(accounts: []).decoy(for: "u").methods.count == 1)
    }
}
