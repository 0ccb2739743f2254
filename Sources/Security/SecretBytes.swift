// A password, or something as good as one: wiped when nobody needs it any more, and never printed.

import COpenSSL

/// Bytes that must not outlive their use. Compared in constant time; every description is empty of them.
///
/// `@unchecked Sendable` because the bytes are written in `init` only.
package final class SecretBytes: @unchecked Sendable, Hashable {
    private let storage: UnsafeMutableRawBufferPointer

    /// A copy of `bytes`.
    package init(_ bytes: some Collection<UInt8>) {
        storage = .allocate(byteCount: bytes.count, alignment: 1)
        storage.copyBytes(from: bytes)
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    /// How many bytes there are.
    package var count: Int { storage.count }
    /// Whether there are none: an empty password.
    package var isEmpty: Bool { storage.isEmpty }
    /// A copy, for as short a time as possible.
    package var bytes: [UInt8] { Array(storage) }

    package static func == (one: SecretBytes, other: SecretBytes) -> Bool {
        one.count == other.count && CRYPTO_memcmp(one.storage.baseAddress, other.storage.baseAddress, one.count) == 0
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(storage)) }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A word in place of the secret.
    package var description: String { "(hidden)" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the secret.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
