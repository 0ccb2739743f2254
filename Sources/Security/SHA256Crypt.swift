// The slow hash that MySQL keeps of a caching_sha2_password account: SHA-256 crypt with a salt of 20 bytes.

import COpenSSL

/// `$A$005$`, 20 bytes of salt, and 43 characters of digest, as in `mysql.user.authentication_string`.
///
/// The digest is Ulrich Drepper's SHA-256 crypt (https://www.akkadia.org/drepper/SHA-crypt.txt), except that the salt
/// has 20 bytes, of any value but NUL and `$`, instead of at most 16 characters. `005` is the number of rounds in
/// thousands, in hexadecimal: some milliseconds of a processor.
package struct CachingSHA2Hash: Hashable, Sendable {
    /// The whole text, salt and all: as it stands in the account table.
    package let text: [UInt8]
    private let salt: [UInt8]
    private let digest: [UInt8]
    private let rounds: Int

    private static let saltSize = 20
    private static let digestCharacters = 43
    private static let head: [UInt8] = Array("$A$".utf8)
    /// The largest number of rounds that MySQL lets an account have, in thousands (`digest_rounds` up to 0xFFF).
    private static let thousandsMaximum = 0xFFF

    /// Reads the text; nil when it is not that.
    package init?(_ text: [UInt8]) {
        guard text.count == Self.head.count + 4 + Self.saltSize + Self.digestCharacters, text.starts(with: Self.head),
            text[6] == UInt8(ascii: "$"),
            let thousands = Int(String(decoding: text[3..<6], as: UTF8.self), radix: 16),
            (1...Self.thousandsMaximum).contains(thousands)
        else { return nil }
        self.text = text
        salt = Array(text[7..<27])
        digest = Array(text[27...])
        rounds = thousands * 1_000
    }

    /// A hash that no password has, and that takes as long to refuse one as `like`, or as those that MySQL 9 makes.
    package static func unmatched(like other: CachingSHA2Hash? = nil) -> CachingSHA2Hash {
        let head = other.map { Array($0.text[..<7]) } ?? Array("$A$00A$".utf8)
        let digest = [UInt8](repeating: UInt8(ascii: "!"), count: digestCharacters)
        guard let hash = CachingSHA2Hash(head + NativePassword.makeSalt() + digest) else {
            preconditionFailure("the head of a hash, a salt and a digest are a hash")
        }
        return hash
    }

    /// Whether it is the hash of `password`. Slow: not for a lane.
    package func matches(_ password: [UInt8]) -> Bool {
        constantTimeEqual(SHA256Crypt.digest(password: password, salt: salt, rounds: rounds), digest)
    }
}

/// The algorithm itself.
enum SHA256Crypt {
    /// 43 characters.
    static func digest(password: [UInt8], salt: [UInt8], rounds: Int) -> [UInt8] {
        var hasher = SHA256Hasher()
        let alternate = hasher.hash(password, salt, password)
        var start = password + salt + repeated(alternate, toCount: password.count)
        // One bit of the length after the other: the alternate sum, or the password.
        var bits = password.count
        while bits > 0 {
            start += bits & 1 == 1 ? alternate : password
            bits >>= 1
        }
        var sum = hasher.hash(start)
        let allOfPassword = (0..<password.count).flatMap { _ in password }
        let passwordPart = repeated(hasher.hash(allOfPassword), toCount: password.count)
        let allOfSalt = (0..<(16 + Int(sum[0]))).flatMap { _ in salt }
        let saltPart = repeated(hasher.hash(allOfSalt), toCount: salt.count)
        for round in 0..<rounds {
            let isOdd = round & 1 == 1
            hasher.begin()
            hasher.add(isOdd ? passwordPart : sum)
            if round % 3 != 0 { hasher.add(saltPart) }
            if round % 7 != 0 { hasher.add(passwordPart) }
            hasher.add(isOdd ? sum : passwordPart)
            hasher.end(into: &sum)
        }
        return encoded(sum)
    }

    private static func repeated(_ bytes: [UInt8], toCount count: Int) -> [UInt8] {
        (0..<count).map { bytes[$0 % bytes.count] }
    }

    private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// crypt's own order of bytes and its base 64, the lowest six bits first.
    private static func encoded(_ sum: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        func append(_ bits: UInt32, _ count: Int) {
            for place in 0..<count { text.append(alphabet[Int(bits >> (6 * UInt32(place)) & 0x3F)]) }
        }
        // 0 10 20, then each a step of 21 on, wrapping at 30.
        var places = (0, 10, 20)
        for _ in 0..<10 {
            append(UInt32(sum[places.0]) << 16 | UInt32(sum[places.1]) << 8 | UInt32(sum[places.2]), 4)
            places = ((places.0 + 21) % 30, (places.1 + 21) % 30, (places.2 + 21) % 30)
        }
        append(UInt32(sum[31]) << 8 | UInt32(sum[30]), 3)
        return text
    }
}

/// One reused hashing context: the one-shot functions look their algorithm up anew each time.
private struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer
    private let algorithm: OpaquePointer

    init() {
        guard let context = EVP_MD_CTX_new(), let algorithm = EVP_sha256() else {
            preconditionFailure("OpenSSL has no SHA-256")
        }
        self.context = context
        self.algorithm = algorithm
        begin()
    }

    deinit { EVP_MD_CTX_free(context) }

    func begin() {
        let isReady = EVP_DigestInit_ex(context, algorithm, nil) == 1
        precondition(isReady, "OpenSSL has no SHA-256")
    }

    func add(_ bytes: [UInt8]) { EVP_DigestUpdate(context, bytes, bytes.count) }

    /// `sum` has 32 bytes.
    func end(into sum: inout [UInt8]) { EVP_DigestFinal_ex(context, &sum, nil) }

    mutating func hash(_ parts: [UInt8]...) -> [UInt8] {
        begin()
        for part in parts { add(part) }
        var sum = [UInt8](repeating: 0, count: SHA256.size)
        end(into: &sum)
        return sum
    }
}
