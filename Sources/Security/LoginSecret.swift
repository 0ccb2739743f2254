// What is known of a password: enough for the plugins it can answer, and no more.

/// The password itself, or a hash that some plugin takes for it.
///
/// A client that proved itself by `mysql_native_password` leaves SHA1(password) behind, one that used the fast path of
/// `caching_sha2_password` SHA256(password); the clear password answers every plugin.
package struct LoginSecret: Hashable, Sendable {
    /// The clear password; nil when only a hash is known.
    package let password: SecretBytes?
    private let sha1: SecretBytes?
    private let sha256: SecretBytes?

    private init(password: SecretBytes?, sha1: SecretBytes?, sha256: SecretBytes?) {
        self.password = password
        self.sha1 = sha1
        self.sha256 = sha256
    }

    /// The clear password.
    package init(password: SecretBytes) { self.init(password: password, sha1: nil, sha256: nil) }

    /// SHA1(password), 20 bytes; empty for the empty password.
    package init(nativeStage1 stage1: [UInt8]) {
        let bytes = SecretBytes(stage1)
        self.init(password: stage1.isEmpty ? bytes : nil, sha1: stage1.isEmpty ? nil : bytes, sha256: nil)
    }

    /// SHA256(password), 32 bytes.
    package init(sha256Stage1 stage1: [UInt8]) { self.init(password: nil, sha1: nil, sha256: SecretBytes(stage1)) }

    /// The empty password.
    package static let empty = LoginSecret(password: SecretBytes([]))

    /// Whether it is the empty password, for which every plugin's answer is empty.
    package var isEmpty: Bool { password?.isEmpty == true }

    /// SHA1(password), what `mysql_native_password` answers with; nil when it is not known.
    package var nativeStage1: [UInt8]? {
        sha1?.bytes ?? password.map { NativePassword.stage1(password: $0.bytes) }
    }

    /// SHA256(password), what the fast path of `caching_sha2_password` answers with; nil when it is not known.
    package var sha256Stage1: [UInt8]? {
        sha256?.bytes ?? password.map { CachingSHA2.stage1(password: $0.bytes) }
    }
}

extension LoginSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A word in place of the secret.
    package var description: String { "(hidden)" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the secret.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
