// Certificates, contexts, handshakes and what they tell.

import COpenSSL
import Glibc
import Testing

@testable import Security

private func server(_ material: TLSMaterial = TLSMaterial()) throws -> TLSContext {
    try TLSContext.server(material, fallback: try SelfMadeCertificate())
}

private func client(
    _ material: TLSMaterial = TLSMaterial(), _ verification: TLSVerification = .none
) throws -> TLSContext {
    try TLSContext.client(material, verification: verification)
}

private func isRefused(_ step: TLSHandshakeStep, _ words: String) -> Bool {
    if case .failed(let reason) = step { reason.contains(words) } else { false }
}

@Suite struct TLSTests {
    @Test func `a self-made certificate signs itself and lasts for years`() throws {
        let facts = try #require(try server().certificate)
        #expect(facts.subject == "/CN=Switchyard" && facts.issuer == facts.subject)
        #expect(facts.notAfterUnixSeconds > Int64(time(nil)) + 9 * 365 * 86_400)
        #expect(facts.fingerprint.count == 32)
        #expect(try server().certificate?.fingerprint != facts.fingerprint)
    }

    @Test func `bytes of any number pass both ways`() throws {
        let pair = try TLSPair(try client(), try server())
        #expect(pair.handshake() == (.done, .done))
        #expect(pair.client.version == "TLSv1.3" && pair.server.cipher == pair.client.cipher)
        #expect(pair.client.peerCertificate?.fingerprint == pair.server.selfMadeFingerprint)
        for count in [1, 2, 16_383, 16_384, 16_385, 65_536, 65_537, 3_000_000] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 % 251) }
            #expect(pair.pass(bytes, from: pair.client, to: pair.server) == bytes)
            #expect(pair.pass(bytes, from: pair.server, to: pair.client) == bytes)
        }
    }

    @Test func `updates of keys are answered, but not without end`() throws {
        let pair = try TLSPair(try client(), try server())
        #expect(pair.handshake() == (.done, .done))
        // The client counts nothing, and reads nothing from here on.
        SSL_set_info_callback(pair.client.ssl) { _, _, _ in }
        var target = [UInt8](repeating: 0, count: 1_000)
        func update() -> TLSTransfer {
            SSL_key_update(pair.client.ssl, SSL_KEY_UPDATE_REQUESTED)
            SSL_do_handshake(pair.client.ssl)
            pair.server.inputBecameReady(isFinished: false)
            return target.withUnsafeMutableBytes { pair.server.read(into: $0) }
        }
        for _ in 0..<100 { #expect(update() == .wouldBlock) }
        #expect(pair.pass([1, 2, 3], from: pair.client, to: pair.server) == [1, 2, 3])
        #expect((0..<Int(TLSSession.messagesMaximum)).contains { _ in update() == .failed(EPROTO) })
    }

    @Test func `the end of the stream comes behind its last bytes`() throws {
        let pair = try TLSPair(try client(), try server())
        #expect(pair.handshake() == (.done, .done))
        #expect([1, 2, 3].withUnsafeBytes { pair.client.write($0) } == .transferred(24))
        pair.client.sayGoodbye()
        var target = [UInt8](repeating: 0, count: 100)
        pair.server.inputBecameReady(isFinished: false)
        #expect(target.withUnsafeMutableBytes { pair.server.read(into: $0) } == .transferred(24))
        #expect(pair.server.holdsEnd)
        #expect(target.withUnsafeMutableBytes { pair.server.read(into: $0) } == .ended)
    }

    @Test func `a session is resumed at the next handshake`() throws {
        let (ours, theirs) = (try client(), try server())
        let first = try TLSPair(ours, theirs)
        #expect(first.handshake() == (.done, .done) && !first.client.isResumed)
        // The ticket comes behind the handshake.
        #expect(first.pass([1], from: first.server, to: first.client) == [1])
        #expect(ours.sessions.count(of: "server") == 1)
        let second = try TLSPair(ours, theirs)
        #expect(second.handshake() == (.done, .done))
        #expect(second.client.isResumed && second.server.isResumed)
        #expect(second.pass([1], from: second.server, to: second.client) == [1])
    }

    @Test func `the sessions kept of a server are bounded`() throws {
        let (ours, theirs) = (try client(), try server())
        let pairs = try (0..<TLSSessionCache.sessionsMaximum + 2).map { _ in try TLSPair(ours, theirs) }
        for pair in pairs {
            #expect(pair.handshake() == (.done, .done))
            #expect(pair.pass([1], from: pair.server, to: pair.client) == [1])
        }
        #expect(ours.sessions.count(of: "server") == TLSSessionCache.sessionsMaximum)
        ours.sessions.refuse("server")
        #expect(ours.sessions.count(of: "server") == 0)
    }

    @Test func `names are sent along, addresses are not`() throws {
        for (host, sent) in [("db.example", "db.example"), ("127.0.0.1", nil), ("::1", nil)] {
            let pair = try TLSPair(try client(), try server(), host: host)
            #expect(pair.handshake() == (.done, .done))
            #expect(pair.server.serverName == sent)
        }
    }

    @Test func `TLS 1_3 alone can be asked for`() throws {
        let pair = try TLSPair(try client(TLSMaterial(minimumVersion: .tls13)), try server())
        #expect(pair.handshake() == (.done, .done) && pair.client.version == "TLSv1.3")
    }

    @Test func `garbage in place of a handshake is refused in words`() throws {
        let ends = try nonBlockingPair()
        defer { for end in ends { close(end) } }
        let session = try #require(TLSSession.accept(try server(), descriptor: ends[1]))
        #expect(session.handshake() == .wouldBlock)
        #expect(Array("GET / HTTP/1.1\r\n\r\n".utf8).withUnsafeBytes { session.feed($0) })
        #expect(isRefused(session.handshake(), "http request"))
    }

    // MARK: Files

    @Test func `files are read, and a key that belongs to another certificate is refused`() throws {
        let folder = try PEMFolder()
        let one = try folder.write(try SelfMadeCertificate(lifetimeSeconds: 1_000, name: "one"), "one")
        let two = try folder.write(try SelfMadeCertificate(lifetimeSeconds: 1_000, name: "two"), "two")
        #expect(
            try server(TLSMaterial(certificate: one.certificate, key: one.key)).certificate?.subject == "/CN=one")
        #expect(throws: TLSFailure.self) { try server(TLSMaterial(certificate: one.certificate, key: two.key)) }
        do throws(TLSFailure) {
            _ = try TLSContext.client(
                TLSMaterial(certificate: one.certificate, key: two.key), verification: .none)
        } catch {
            #expect(error.part == .key && error.text.contains("does not belong to the certificate"))
        }
    }

    @Test func `files that are not there, or hold something else, are named`() throws {
        let folder = try PEMFolder()
        let junk = try folder.write(text: "nothing", "junk.pem")
        let one = try folder.write(try SelfMadeCertificate(), "one")
        let cases: [(TLSMaterial, TLSFailure.Part, String)] = [
            (TLSMaterial(certificate: "/nowhere/a.pem"), .certificate, "/nowhere/a.pem"),
            (TLSMaterial(certificate: junk), .certificate, junk),
            (TLSMaterial(certificate: one.certificate, key: junk), .key, junk),
            (TLSMaterial(certificate: one.certificate), .key, one.certificate),
            (TLSMaterial(authority: junk), .authority, junk),
        ]
        for (material, part, path) in cases {
            do throws(TLSFailure) {
                _ = try TLSContext.client(material, verification: .none)
                Issue.record("taken: \(material)")
            } catch {
                #expect(error.part == part && error.text.contains(path), "\(error)")
            }
        }
    }

    @Test func `a reload takes the new files, and keeps the old ones when they are broken`() throws {
        let folder = try PEMFolder()
        let paths = try folder.write(try SelfMadeCertificate(lifetimeSeconds: 1_000, name: "old"), "one")
        let material = TLSMaterial(certificate: paths.certificate, key: paths.key)
        let fallback = try SelfMadeCertificate()
        let source = try TLSContextSource { () throws(TLSFailure) in
            try TLSContext.server(material, fallback: fallback)
        }
        _ = try folder.write(try SelfMadeCertificate(lifetimeSeconds: 1_000, name: "new"), "one")
        try source.reload()
        #expect(source.current.certificate?.subject == "/CN=new")
        _ = try folder.write(text: "broken", "one.pem")
        #expect(throws: TLSFailure.self) { try source.reload() }
        #expect(source.current.certificate?.subject == "/CN=new")
    }

    // MARK: Verification

    @Test func `an authority's certificate is trusted, for its name only where that is asked for`() throws {
        let folder = try PEMFolder()
        let one = try folder.write(try SelfMadeCertificate(lifetimeSeconds: 1_000, name: "db.example"), "one")
        let two = try folder.write(try SelfMadeCertificate(lifetimeSeconds: 1_000, name: "db.example"), "two")
        let theirs = try server(TLSMaterial(certificate: one.certificate, key: one.key))
        func outcome(_ authority: String, _ verification: TLSVerification, _ host: String) throws -> TLSHandshakeStep {
            let ours = try client(TLSMaterial(authority: authority), verification)
            let pair = try TLSPair(ours, theirs, host: host)
            let step = pair.handshake().client
            #expect(!pair.client.needsPasswordProof)
            return step
        }
        #expect(try outcome(one.certificate, .authority, "other.example") == .done)
        #expect(try outcome(one.certificate, .identity, "db.example") == .done)
        #expect(isRefused(try outcome(one.certificate, .identity, "other.example"), "hostname mismatch"))
        #expect(isRefused(try outcome(one.certificate, .identity, "127.0.0.1"), "IP address mismatch"))
        #expect(isRefused(try outcome(two.certificate, .authority, "db.example"), "self-signed"))
    }

    @Test func `without an authority, a certificate that signs itself waits for the password's proof`() throws {
        let pair = try TLSPair(try client(TLSMaterial(), .identity), try server(), host: "db.example")
        #expect(pair.handshake().client == .done)
        #expect(pair.client.needsPasswordProof)
    }

    @Test func `an expired certificate is refused, also where the password could prove it`() throws {
        let folder = try PEMFolder()
        let old = try folder.write(try SelfMadeCertificate(lifetimeSeconds: -100, name: "old"), "one")
        let theirs = try server(TLSMaterial(certificate: old.certificate, key: old.key))
        for authority in [nil, old.certificate] {
            let pair = try TLSPair(try client(TLSMaterial(authority: authority), .authority), theirs)
            #expect(isRefused(pair.handshake().client, "expired"))
        }
    }

    @Test func `a client's certificate is checked and told, and none is needed`() throws {
        let folder = try PEMFolder()
        let known = try folder.write(try SelfMadeCertificate(lifetimeSeconds: 1_000, name: "app"), "one")
        let stranger = try folder.write(try SelfMadeCertificate(lifetimeSeconds: 1_000, name: "app"), "two")
        let theirs = try server(TLSMaterial(authority: known.certificate))
        let pair = try TLSPair(try client(TLSMaterial(certificate: known.certificate, key: known.key)), theirs)
        #expect(pair.handshake() == (.done, .done))
        #expect(pair.server.peerCertificate?.subject == "/CN=app")
        let anonymous = try TLSPair(try client(), theirs)
        #expect(anonymous.handshake() == (.done, .done) && anonymous.server.peerCertificate == nil)
        let other = try TLSPair(try client(TLSMaterial(certificate: stranger.certificate, key: stranger.key)), theirs)
        #expect(isRefused(other.handshake().server, "certificate"))
    }

    @Test func `the proof by password holds for one secret, salt and certificate`() {
        let (secret, salt) = ([UInt8](repeating: 1, count: 20), [UInt8](repeating: 2, count: 20))
        let fingerprint = [UInt8](repeating: 3, count: 32)
        let proof = PasswordProof.make(secret: secret, salt: salt, fingerprint: fingerprint)
        #expect(proof.count == 65 && proof[0] == 1)
        #expect(PasswordProof.holds(proof, secret: secret, salt: salt, fingerprint: fingerprint))
        let lower = Array(String(decoding: proof, as: UTF8.self).lowercased().utf8)
        #expect(PasswordProof.holds(lower, secret: secret, salt: salt, fingerprint: fingerprint))
        #expect(!PasswordProof.holds(proof, secret: salt, salt: salt, fingerprint: fingerprint))
        #expect(!PasswordProof.holds(proof, secret: secret, salt: salt, fingerprint: [UInt8](repeating: 4, count: 32)))
        #expect(!PasswordProof.holds([], secret: secret, salt: salt, fingerprint: fingerprint))
        #expect(!PasswordProof.holds(proof, secret: [], salt: salt, fingerprint: fingerprint))
    }
}
