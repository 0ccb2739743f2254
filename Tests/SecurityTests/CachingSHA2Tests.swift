// caching_sha2_password against values made with another client, and hashes made by a server.

import Testing

@testable import Security

@Suite struct CachingSHA2Tests {
    private static let password = Array("apppw".utf8)
    private static let salt = Array(UInt8(1)...20)

    @Test func `the reply is that of other clients`() {
        let stage1 = CachingSHA2.stage1(password: Self.password)
        #expect(hexText(stage1) == "71d3d4e36cf4bc4309fd7390ba79fc6a1d03d8d7b45ef26f04bcdff3ff116868")
        #expect(
            hexText(CachingSHA2.reply(stage1: stage1, salt: Self.salt))
                == "04c582badddcb5b1424a585cfc2b0c3cdeec6d229562f8b197ab80ece68ad552")
    }

    @Test func `a right reply gives stage 1 away`() {
        let stage1 = CachingSHA2.stage1(password: Self.password)
        let stage2 = CachingSHA2.stage2(fromStage1: stage1)
        let reply = CachingSHA2.reply(stage1: stage1, salt: Self.salt)
        #expect(CachingSHA2.recoverStage1(reply: reply, salt: Self.salt, stage2: stage2) == stage1)
    }

    @Test func `no other reply does, whatever its length`() {
        let stage1 = CachingSHA2.stage1(password: Self.password)
        let stage2 = CachingSHA2.stage2(fromStage1: stage1)
        let reply = CachingSHA2.reply(stage1: stage1, salt: Self.salt)
        for index in reply.indices {
            var other = reply
            other[index] ^= 1
            #expect(CachingSHA2.recoverStage1(reply: other, salt: Self.salt, stage2: stage2) == nil)
            #expect(CachingSHA2.recoverStage1(reply: Array(reply[..<index]), salt: Self.salt, stage2: stage2) == nil)
        }
        #expect(CachingSHA2.recoverStage1(reply: reply + [0], salt: Self.salt, stage2: stage2) == nil)
        #expect(CachingSHA2.recoverStage1(reply: reply, salt: Self.salt.reversed(), stage2: stage2) == nil)
        #expect(CachingSHA2.recoverStage1(reply: reply, salt: Self.salt, stage2: []) == nil)
    }

    @Test func `the mask is its own inverse, of any length`() {
        for count in [0, 1, 19, 20, 21, 100] {
            let bytes = [UInt8](repeating: 0xA5, count: count)
            let masked = CachingSHA2.masked(bytes, salt: Self.salt)
            #expect(CachingSHA2.masked(masked, salt: Self.salt) == bytes)
            #expect(count == 0 || masked != bytes)
        }
    }
}

@Suite struct CachingSHA2HashTests {
    /// Account hashes as MySQL 9.7 made them.
    private static let accounts = [
        (
            "secret",
            "244124303041244E5E40426867114C2F66584F730C521607133023556A47334157597371526B3151545A47716C636355526852"
                + "753148674E61486D732E386B6A727936634E37"
        ),
        (
            "monitorpw",
            "244124303041247659760F7D516A126710146777333D783055017E49383753676E62744251727767744C71336472525265414B"
                + "54362E304A37676F39694C6143666648786A2F"
        ),
        (
            String(repeating: "p", count: 100),
            "2441243030412465655128655B5A6D775D596A015523704F73746E4F6D6F4A4E6E494D6A73685541594371484176554F2F5459"
                + "6646535973756D616172496A6A356242414741"
        ),
        (
            "pässwörd €",
            "24412430304124067E2A445C61794B0675015B3E497F172858456953455764585650364F544272723750774C586B5038486F30"
                + "5752363730515546456433646D544775316A37"
        ),
    ]

    private static func bytes(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test(arguments: accounts)
    func `a server's hash is matched by its password and by no other`(password: String, text: String) throws {
        let hash = try #require(CachingSHA2Hash(Self.bytes(text)))
        #expect(hash.matches(Array(password.utf8)))
        for other in ["", "Secret", password + "x", String(password.dropLast())] {
            #expect(!hash.matches(Array(other.utf8)))
        }
        #expect(hash.text == Self.bytes(text))
    }

    @Test func `the plain algorithm gives the published values`() throws {
        // Salts of up to 16 bytes, as crypt(3) has them; the algorithm does not look at their length.
        let vectors = [
            (
                "Hello world!", "saltstring", 5_000,
                "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
            ),
            (
                "Hello world!", "saltstringsaltst", 10_000,
                "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"
            ),
        ]
        for (password, salt, rounds, digest) in vectors {
            let found = SHA256Crypt.digest(password: Array(password.utf8), salt: Array(salt.utf8), rounds: rounds)
            #expect(String(decoding: found, as: UTF8.self) == digest)
        }
    }

    @Test func `a hash for nobody is refused by every password`() {
        #expect(!CachingSHA2Hash.unmatched().matches([]))
        #expect(!CachingSHA2Hash.unmatched().matches(Array("secret".utf8)))
    }

    @Test func `what is no hash is refused, at every truncation`() {
        let whole = Self.bytes(Self.accounts[0].1)
        for count in 0..<whole.count { #expect(CachingSHA2Hash(Array(whole[..<count])) == nil) }
        #expect(CachingSHA2Hash(whole + [0x2E]) == nil)
        for (index, byte) in [(0, 0x25), (1, 0x42), (3, 0x7A), (6, 0x2E)] as [(Int, UInt8)] {
            var other = whole
            other[index] = byte
            #expect(CachingSHA2Hash(other) == nil)
        }
        // THISISACOMBINATIONOFINVALIDSALTANDPASSWORDTHATMUSTNEVERBRBEUSED, as the server's own locked accounts have it.
        #expect(CachingSHA2Hash(Array("$A$000$".utf8) + whole[7...]) == nil)
    }
}

@Suite struct RSAKeysTests {
    @Test func `what was encrypted with the public key comes back`() throws {
        let pair = try #require(RSAKeyPair())
        #expect(String(decoding: pair.publicKey, as: UTF8.self).hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
        for count in [0, 1, 20, 214] {
            let clear = [UInt8](repeating: 7, count: count)
            let encrypted = try #require(RSAPublicKey.encrypt(clear, publicKey: pair.publicKey))
            #expect(encrypted.count == RSAKeyPair.encryptedSize)
            #expect(pair.decrypt(encrypted) == clear)
        }
        #expect(RSAPublicKey.encrypt([UInt8](repeating: 7, count: 215), publicKey: pair.publicKey) == nil)
    }

    @Test func `nothing else does`() throws {
        let pair = try #require(RSAKeyPair())
        let encrypted = try #require(RSAPublicKey.encrypt([1, 2, 3], publicKey: pair.publicKey))
        for length in 0..<encrypted.count { #expect(pair.decrypt(Array(encrypted[..<length])) == nil) }
        #expect(pair.decrypt(encrypted + [0]) == nil)
        #expect(pair.decrypt([UInt8](repeating: 0xFF, count: encrypted.count)) == nil)
        #expect(try #require(RSAKeyPair()).decrypt(encrypted) == nil)
    }

    @Test func `a key that is none is refused, at every truncation`() throws {
        let key = try #require(RSAKeyPair()).publicKey
        for length in 0..<(key.count - 1) {
            #expect(RSAPublicKey.encrypt([1], publicKey: Array(key[..<length])) == nil)
        }
        #expect(RSAPublicKey.encrypt([1], publicKey: Array("no key".utf8)) == nil)
    }
}

@Suite struct SecretTests {
    @Test func `a secret is never printed`() {
        let secret = SecretBytes(Array("apppw".utf8))
        for shown in ["\(secret)", String(reflecting: secret), "\(LoginSecret(password: secret))"] {
            #expect(!shown.contains("apppw") && !shown.contains("97"))
        }
        var dumped = ""
        dump(LoginSecret(password: secret), to: &dumped)
        dump(LoginSecret(nativeStage1: Array("apppw".utf8)), to: &dumped)
        #expect(!dumped.contains("97"))
    }

    @Test func `what is known of a password answers what it can`() {
        let clear = LoginSecret(password: SecretBytes(Array("apppw".utf8)))
        #expect(clear.nativeStage1 == NativePassword.stage1(password: Array("apppw".utf8)))
        #expect(clear.sha256Stage1 == CachingSHA2.stage1(password: Array("apppw".utf8)))
        let native = LoginSecret(nativeStage1: [1, 2])
        #expect(native.nativeStage1 == [1, 2] && native.sha256Stage1 == nil && native.password == nil)
        let sha256 = LoginSecret(sha256Stage1: [3])
        #expect(sha256.nativeStage1 == nil && sha256.sha256Stage1 == [3])
        #expect(LoginSecret(nativeStage1: []) == .empty && LoginSecret.empty.isEmpty && !native.isEmpty)
    }
}
