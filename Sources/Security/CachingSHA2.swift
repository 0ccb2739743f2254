// caching_sha2_password: the fast path's scramble, and the clear password under the server's salt.

/// The server keeps a slow hash of the password; once it saw the clear one, it remembers stage 2 =
/// SHA256(SHA256(password)) as well. The client proves that it knows stage 1 = SHA256(password) by sending
/// stage 1 XOR SHA256(stage 2, salt). Who knows stage 2 can check that, and then knows stage 1 as well.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html
package enum CachingSHA2 {
    /// The plugin's name.
    package static let plugin = "caching_sha2_password"
    /// First byte of more data: the scramble was right, OK follows.
    package static let fastAuthSuccess: UInt8 = 0x03
    /// First byte of more data: the clear password is wanted, over TLS or under the server's public key.
    package static let fullAuthWanted: UInt8 = 0x04
    /// What a client sends to be given the public key.
    package static let publicKeyRequest: UInt8 = 0x02

    /// SHA256(password), 32 bytes.
    package static func stage1(password: [UInt8]) -> [UInt8] { SHA256.hash(password) }

    /// SHA256(stage 1), 32 bytes.
    package static func stage2(fromStage1 stage1: [UInt8]) -> [UInt8] { SHA256.hash(stage1) }

    /// The client's 32-byte answer to a 20-byte salt. For an empty password the answer is empty: do not ask here.
    package static func reply(stage1: [UInt8], salt: [UInt8]) -> [UInt8] {
        exclusiveOr(stage1, SHA256.hash(stage2(fromStage1: stage1), salt))
    }

    /// Stage 1, if `reply` proves that its sender knows the password behind `stage2`; else nil.
    package static func recoverStage1(reply: [UInt8], salt: [UInt8], stage2: [UInt8]) -> [UInt8]? {
        guard reply.count == SHA256.size, stage2.count == SHA256.size else { return nil }
        let candidate = exclusiveOr(reply, SHA256.hash(stage2, salt))
        return constantTimeEqual(SHA256.hash(candidate), stage2) ? candidate : nil
    }

    /// The password with its closing NUL under the repeated salt, or the other way round: what is encrypted with the
    /// server's public key.
    package static func masked(_ bytes: [UInt8], salt: [UInt8]) -> [UInt8] {
        precondition(!salt.isEmpty, "a salt has 20 bytes")
        return bytes.enumerated().map { $1 ^ salt[$0 % salt.count] }
    }

    private static func exclusiveOr(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        zip(left, right).map { $0 ^ $1 }
    }
}
