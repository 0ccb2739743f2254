// Hashes against published vectors.

import Security
import Testing

func hexText(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

@Suite struct HashTests {
    @Test func `SHA-1 of abc is that of FIPS 180`() {
        #expect(hexText(SHA1.hash(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(hexText(SHA1.hash([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }

    @Test func `SHA-256 of abc is that of FIPS 180`() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(hexText(SHA256.hash(Array("abc".utf8))) == expected)
        #expect(SHA256.hash(Array("a".utf8), [], Array("bc".utf8)) == SHA256.hash(Array("abc".utf8)))
    }

    @Test func `parts are hashed as one text`() {
        #expect(SHA1.hash(Array("a".utf8), Array("bc".utf8)) == SHA1.hash(Array("abc".utf8)))
    }

    @Test func `equality needs the same length and bytes`() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(constantTimeEqual([], []))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
    }

    @Test func `random bytes differ and have the size asked for`() {
        #expect(SecureRandom.bytes(count: 0).isEmpty)
        #expect(SecureRandom.bytes(count: 32).count == 32)
        #expect(SecureRandom.bytes(count: 32) != SecureRandom.bytes(count: 32))
    }
}
