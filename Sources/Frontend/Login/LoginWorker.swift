// The slow parts of logins, off the lanes: hashes that take milliseconds by design, RSA and signatures.
internal import Dispatch
internal import Network
internal import Security
internal import Synchronization

/// Something slow that a login waits for.
enum LoginWork: Sendable, Equatable {
    /// The proxy's public key.
    case publicKey
    /// Whether a clear password is one of these.
    case check(SecretBytes, [PasswordVerifier])
    /// The same for a password under the proxy's public key and the salt.
    case checkEncrypted([UInt8], salt: [UInt8], [PasswordVerifier])
    /// Whether MariaDB's Ed25519 signature of the nonce was made with the password of one of these.
    case checkSignature([UInt8], nonce: [UInt8], [PasswordVerifier])
    /// The key of a clear password for this salt.
    case stretch(SecretBytes, ParsecKey)
}

/// What came of it.
enum LoginWorkResult: Sendable, Equatable {
    /// The key in PEM.
    case publicKey([UInt8])
    /// The password is right; it is in the cache.
    case matched(SecretBytes)
    /// The signature is that of this password, with this public key.
    case signed(SecretBytes, publicKey: [UInt8])
    /// It is not, or could not be read.
    case mismatched(usedPassword: Bool)
    /// The key.
    case stretched(ParsecKey)
    /// So many logins wait already, or there is no key.
    case overloaded
}

/// A few threads for all lanes, with a bounded queue in which the clients' addresses take turns.
package final class LoginWorker: Sendable {
    private struct Job: Sendable {
        let work: LoginWork
        let cache: PasswordCache
        let lane: Lane
        let completion: @Sendable (LoginWorkResult) -> Void
    }

    private let threads: [DispatchQueue]
    private let keyQueue = DispatchQueue(label: "switchyard.login.key")
    private let key = Mutex<RSAKeyPair?>(nil)
    private let next = Atomic<Int>(0)
    private let waiting: Mutex<LoginQueue<Job>>

    /// Begins to make the key pair at once.
    package init(
        limit: Int = FrontendLimits.waitingLoginWorks, share: Int = FrontendLimits.waitingLoginWorksPerAddress
    ) {
        waiting = Mutex(LoginQueue(limit: limit, share: share))
        threads = (0..<FrontendLimits.loginWorkers).map {
            DispatchQueue(label: "switchyard.login.\($0)", qos: .utility)
        }
        keyQueue.async { [self] in _ = makeKey() }
    }

    /// Does `work` for a client at `address` and calls `completion` on `lane`.
    func perform(
        _ work: LoginWork, of address: String, cache: PasswordCache, on lane: Lane,
        completion: @escaping @Sendable (LoginWorkResult) -> Void
    ) {
        let job = Job(work: work, cache: cache, lane: lane, completion: completion)
        switch waiting.withLock({ $0.add(job, of: ClientNetwork.of(address)) }) {
        case .refused: lane.post { completion(.overloaded) }
        case .displaces(let other): other.lane.post { other.completion(.overloaded) }
        case .waits:
            let number = UInt(bitPattern: next.wrappingAdd(1, ordering: .relaxed).newValue)
            threads[Int(number % UInt(threads.count))].async { [self] in performNext() }
        }
    }

    /// One call for each job that waits; which one it does is decided when it runs.
    private func performNext() {
        guard let job = waiting.withLock({ $0.next() }) else { return }
        let result = result(of: job.work, job.cache)
        job.lane.post { job.completion(result) }
    }

    /// The same at once.
    func result(of work: LoginWork, _ cache: PasswordCache) -> LoginWorkResult {
        switch work {
        case .publicKey: return makeKey().map { .publicKey($0.publicKey) } ?? .overloaded
        case .check(let password, let verifiers): return check(password, verifiers, cache)
        case .checkEncrypted(let encrypted, let salt, let verifiers):
            guard let masked = makeKey()?.decrypt(encrypted) else { return .mismatched(usedPassword: true) }
            let clear = CachingSHA2.masked(masked, salt: salt)
            return check(SecretBytes(ClearPassword.password(in: clear)), verifiers, cache)
        case .checkSignature(let signature, let nonce, let verifiers):
            return checkSignature(signature, nonce, verifiers, cache)
        case .stretch(let password, let key):
            return key.with(password: password.bytes).map { .stretched($0) } ?? .overloaded
        }
    }

    private func check(
        _ password: SecretBytes, _ verifiers: [PasswordVerifier], _ cache: PasswordCache
    ) -> LoginWorkResult {
        // Of many logins that come at once with the same password, only the first pays for the slow hash.
        if verifiers.contains(where: { cache.password(of: $0) == password }) { return .matched(password) }
        guard let verifier = verifiers.first(where: { $0.matches(password) }) else {
            return .mismatched(usedPassword: !password.isEmpty)
        }
        cache.remember(password, of: verifier)
        return .matched(password)
    }

    private func checkSignature(
        _ signature: [UInt8], _ nonce: [UInt8], _ verifiers: [PasswordVerifier], _ cache: PasswordCache
    ) -> LoginWorkResult {
        for verifier in verifiers {
            switch verifier {
            case .password(let password):
                guard
                    let key = MariaDBEd25519.publicKey(verifying: signature, of: nonce, password: password.bytes)
                else { continue }
                return .signed(password, publicKey: key)
            case .ed25519(let key):
                guard Ed25519.verifies(signature, of: nonce, publicKey: key),
                    let password = cache.password(of: verifier)
                else { continue }
                return .signed(password, publicKey: key)
            case .native, .cachingSHA2, .parsec, .unreadable: continue
            }
        }
        return .mismatched(usedPassword: true)
    }

    private func makeKey() -> RSAKeyPair? {
        key.withLock { key in
            if key == nil { key = RSAKeyPair() }
            return key
        }
    }
}
