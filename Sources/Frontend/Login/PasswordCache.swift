// Passwords that clients have proved, by what they were verified against.
internal import Security
internal import Synchronization

/// Clear passwords of accounts of which only a hash is stored. They serve the fast path of `caching_sha2_password` to
/// clients, and every login to servers. Any thread.
///
/// The stored hash is the key: a changed password has another one, and its old one is forgotten with `keep`.
final class PasswordCache: Sendable {
    private struct State {
        var passwords: [PasswordVerifier: SecretBytes] = [:]
        /// The keys, the oldest first.
        var order: [PasswordVerifier] = []
    }
    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int = FrontendLimits.cachedPasswords) { self.limit = limit }

    /// The password that is known to match.
    func password(of verifier: PasswordVerifier) -> SecretBytes? {
        state.withLock { $0.passwords[verifier] }
    }

    /// `password` was found to match.
    func remember(_ password: SecretBytes, of verifier: PasswordVerifier) {
        state.withLock { state in
            guard state.passwords.updateValue(password, forKey: verifier) == nil else { return }
            state.order.append(verifier)
            while state.order.count > limit { state.passwords[state.order.removeFirst()] = nil }
        }
    }

    /// Forgets everything but the passwords of these.
    func keep(_ verifiers: Set<PasswordVerifier>) {
        state.withLock { state in
            guard state.order.contains(where: { !verifiers.contains($0) }) else { return }
            state.order.removeAll { !verifiers.contains($0) }
            state.passwords = state.passwords.filter { verifiers.contains($0.key) }
        }
    }

    var count: Int { state.withLock { $0.passwords.count } }
}
