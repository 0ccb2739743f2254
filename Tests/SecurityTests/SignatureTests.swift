// MariaDB's two signing plugins against keys made by a server and by another library.
import Testing

@testable import Security

@Suite struct MariaDBEd25519Tests {
    /// Account keys as MariaDB 10.11 made them.
    private static let accounts = [
        ("secret", "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"),
        (String(repeating: "q", count: 70), "ynE8mmtKcv9WVE8EEQlBkCrUSkLaImMM9itqAjpce1w"),
        ("pässwörd €", "ZUaFSQEfTWZtIKKEQQP66YLmIlnzfOTQfPLh1bPQM+c"),
    ]
    private static let nonce = (0..<32).map { UInt8($0) }

    @Test(arguments: accounts)
    func `a server's key is matched by its password and by no other`(password: String, text: String) throws {
        let key = try #require(MariaDBEd25519.publicKey(fromAccount: Array(text.utf8)))
        #expect(MariaDBEd25519.matches(Array(password.utf8), publicKey: key))
        for other in ["", password + "x", String(password.dropLast())] {
            #expect(!MariaDBEd25519.matches(Array(other.utf8), publicKey: key))
        }
    }

    @Test(arguments: accounts)
    func `a reply is verified by the server's key`(password: String, text: String) throws {
        let key = try #require(MariaDBEd25519.publicKey(fromAccount: Array(text.utf8)))
        for round in 0..<20 {
            let nonce = [UInt8](repeating: UInt8(round), count: 32)
            let reply = try #require(MariaDBEd25519.reply(password: Array(password.utf8), nonce: nonce))
            #expect(Ed25519.verifies(reply, of: nonce, publicKey: key))
            #expect(MariaDBEd25519.publicKey(verifying: reply, of: nonce, password: Array(password.utf8)) == key)
            #expect(MariaDBEd25519.publicKey(verifying: reply, of: Self.nonce, password: Array(password.utf8)) == nil)
        }
    }

    @Test func `two replies to one nonce differ: the signature's own scalar is never used twice`() throws {
        let replies = (0..<2).map { _ in MariaDBEd25519.reply(password: [1], nonce: Self.nonce) }
        #expect(replies[0] != nil && replies[0] != replies[1])
    }

    @Test func `a password of 32 bytes is a seed like any other`() throws {
        let seed = (100..<132).map { UInt8($0) }
        let key = try #require(Ed25519.publicKey(seed: seed))
        #expect(MariaDBEd25519.matches(seed, publicKey: key))
        let reply = try #require(Ed25519.sign(Self.nonce, seed: seed))
        #expect(MariaDBEd25519.publicKey(verifying: reply, of: Self.nonce, password: seed) == key)
    }

    @Test func `what is no key or no signature is refused, at every truncation`() throws {
        let whole = Array(Self.accounts[0].1.utf8)
        for length in 0..<whole.count {
            #expect(MariaDBEd25519.publicKey(fromAccount: Array(whole[..<length])) == nil)
        }
        #expect(MariaDBEd25519.publicKey(fromAccount: Array("invalid".utf8)) == nil)
        let key = try #require(MariaDBEd25519.publicKey(fromAccount: whole))
        let reply = try #require(MariaDBEd25519.reply(password: Array("secret".utf8), nonce: Self.nonce))
        for length in 0..<reply.count {
            #expect(!Ed25519.verifies(Array(reply[..<length]), of: Self.nonce, publicKey: key))
        }
        for index in reply.indices {
            var other = reply
            other[index] ^= 1
            #expect(!Ed25519.verifies(other, of: Self.nonce, publicKey: key))
        }
    }
}

@Suite struct ParsecKeyTests {
    private static let text = "P0:AQIDBAUGBwgJCgsMDQ4PEBES:Gnd4wCHlzSphQI3fTActL1GTImv1fKdOXzucRojTOsw"
    private static let stretched = "P2:AQIDBAUGBwgJCgsMDQ4PEBES:b55y1egfICt4j4e5DgxYgK+rSsRizyPzREjIQmkhZnw"
    private static let signature =
        "ffff81f54bd77c54773f5e324a3e481900e6bba04a750212073a5197e8ee6dda"
        + "1d9cd040747a48dce575b86b147bc175d538f31abe3e264f77ddefe24113cb04"

    @Test(arguments: [text, stretched])
    func `a key is matched by its password and by no other`(text: String) throws {
        let key = try #require(ParsecKey(Array(text.utf8)))
        #expect(key.matches(Array("secret".utf8)))
        #expect(!key.matches(Array("Secret".utf8)) && !key.matches([]))
        #expect(key.salt == (1...18).map { UInt8($0) })
        let read = try #require(ParsecKey(extendedSalt: key.extendedSalt))
        #expect(read.salt == key.salt && read.factor == key.factor)
        #expect(read.with(password: Array("secret".utf8)) == key)
    }

    @Test func `the signature is that of other clients`() throws {
        let key = try #require(ParsecKey(Array(Self.text.utf8)))
        let digits = Self.signature.compactMap(\.hexDigitValue)
        let signature = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        let (server, client) = ((0..<32).map { UInt8($0) }, (32..<64).map { UInt8($0) })
        #expect(key.verifies(client + signature, scramble: server))
        #expect(!key.verifies(server + signature, scramble: server))
        #expect(!key.verifies(client + signature, scramble: client))
    }

    @Test func `a reply is verified`() throws {
        let key = try #require(ParsecKey(Array(Self.text.utf8)))
        let scramble = [UInt8](repeating: 5, count: 32)
        let reply = try #require(key.reply(password: Array("secret".utf8), scramble: scramble))
        #expect(reply.count == ParsecKey.replySize && key.verifies(reply, scramble: scramble))
        for length in 0..<reply.count { #expect(!key.verifies(Array(reply[..<length]), scramble: scramble)) }
        let wrong = try #require(key.reply(password: Array("Secret".utf8), scramble: scramble))
        #expect(!key.verifies(wrong, scramble: scramble))
    }

    @Test func `what is no key is refused, at every truncation`() {
        let whole = Array(Self.text.utf8)
        for length in 0..<whole.count { #expect(ParsecKey(Array(whole[..<length])) == nil) }
        for text in [
            "invalid", "P9" + Self.text.dropFirst(2), "Q0" + Self.text.dropFirst(2), "P0::" + Self.text.suffix(43),
        ] {
            #expect(ParsecKey(Array(text.utf8)) == nil)
        }
        let salt: [UInt8] = [0x50, 0] + [UInt8](repeating: 1, count: 18)
        #expect(ParsecKey(extendedSalt: salt) != nil)
        for bad in [[], [0x50], [0x50, 0], [0x51, 0, 1], [0x50, 9, 1], salt + [UInt8](repeating: 1, count: 60)]
            as [[UInt8]]
        {
            #expect(ParsecKey(extendedSalt: bad) == nil)
        }
    }
}

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zm8=", "fo"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar"),
    ])
    func `the published values are read`(text: String, bytes: String) {
        #expect(Base64.decoded(Array(text.utf8)) == Array(bytes.utf8))
    }

    @Test(arguments: ["Z", "Zm9vY", "Zm9!", "Zg===", "=Zg", "Z=g=", "Zg= "])
    func `anything else is refused`(text: String) {
        #expect(Base64.decoded(Array(text.utf8)) == nil)
    }
}
