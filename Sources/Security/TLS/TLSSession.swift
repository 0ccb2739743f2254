// One TLS connection over a non-blocking socket.

import COpenSSL
import CTLSCarrier
import Glibc

/// The outcome of a step of a handshake.
package enum TLSHandshakeStep: Equatable {
    case done
    /// It goes on when the socket can be read, or written.
    case wouldBlock
    /// It failed; the peer was told as far as TLS tells.
    case failed(String)
}

/// The outcome of a read or a write.
package enum TLSTransfer: Equatable {
    case transferred(Int)
    case ended
    case wouldBlock
    /// The socket's `errno`, or EPROTO for what the peer sent against the rules.
    case failed(Int32)
}

/// One connection's encryption. Confined to the lane of its stream.
///
/// Records are written whole: what the socket does not take waits in the session, bounded by one batch, and `flush`
/// sends it on. So a read never has to wait for a write, nor a write for a read.
package final class TLSSession {
    /// Plain bytes encrypted into one call to the kernel: four records.
    private static let batchBytes = 64 * 1024
    /// Messages of TLS itself after the handshake, in steps of OpenSSL: a good thousand updates of keys. They are due once
    /// in some hundred gigabytes; a peer could fill a lane and its memory with them.
    static let messagesMaximum: Int32 = 4_096
    static let exDataIndex = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nil, nil, nil, nil)
    nonisolated(unsafe) private static let method = switchyard_carrier_method()

    private let context: TLSContext
    let ssl: OpaquePointer
    private let carrier: UnsafeMutablePointer<switchyard_carrier>
    /// The server's name and address, under which its sessions are kept; empty for a server's side.
    private let cacheKey: String
    private let host: String?
    /// Whether this client asked to resume a session.
    private var offersSession = false
    private var isShut = false
    /// The end of the stream, or its failure, came behind bytes that were given first.
    private var pendingEnd: TLSTransfer?
    /// What went wrong, for people.
    package private(set) var failureText: String?

    /// The side of a server, over a connected non-blocking socket. Nil when there is no memory.
    package static func accept(_ context: TLSContext, descriptor: Int32) -> TLSSession? {
        precondition(context.role == .server, "a client's context")
        return TLSSession(context, descriptor, host: nil, cacheKey: "")
    }

    /// The side of a client. The host is what the certificate has to be for, and is sent along when it is a name;
    /// the cache key tells one server from another.
    package static func connect(
        _ context: TLSContext, descriptor: Int32, host: String?, cacheKey: String
    ) -> TLSSession? {
        precondition(context.role == .client, "a server's context")
        return TLSSession(context, descriptor, host: host, cacheKey: cacheKey)
    }

    private init?(_ context: TLSContext, _ descriptor: Int32, host: String?, cacheKey: String) {
        guard let carrier = switchyard_carrier_make(descriptor) else { return nil }
        guard let ssl = SSL_new(context.handle),
            switchyard_attach(UnsafeMutableRawPointer(ssl), Self.method, carrier) == 1
        else {
            switchyard_carrier_free(carrier)
            return nil
        }
        self.context = context
        self.ssl = ssl
        self.carrier = carrier
        self.host = host
        self.cacheKey = cacheKey
        switch context.role {
        case .server: SSL_set_accept_state(ssl)
        case .client: prepareClient()
        }
    }

    deinit {
        SSL_free(ssl)
        switchyard_carrier_free(carrier)
    }

    /// Memory of the bytes that wait for the socket, or were read before TLS began. OpenSSL's own does not count.
    package var bufferBytes: Int { Int(carrier.pointee.waiting_capacity) + Int(carrier.pointee.early_length) }

    private func prepareClient() {
        SSL_set_connect_state(ssl)
        SSL_set_ex_data(ssl, Self.exDataIndex, Unmanaged.passUnretained(self).toOpaque())
        if let host {
            var address = in6_addr()
            let isAddress = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
            if !isAddress { _ = switchyard_set_server_name(ssl, host) }
            if context.verification == .identity {
                if isAddress {
                    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host)
                } else {
                    SSL_set1_host(ssl, host)
                }
            }
        }
        offersSession = context.sessions.resume(cacheKey, with: ssl)
    }

    func sessionOffered(_ session: OpaquePointer) { context.sessions.keep(session, of: cacheKey) }

    // MARK: Handshake

    /// Bytes of the stream that were read before TLS began.
    package func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count == 0 || switchyard_carrier_feed(carrier, bytes.baseAddress, bytes.count) == 1
    }

    /// Goes on with the handshake as far as the socket allows.
    package func handshake() -> TLSHandshakeStep {
        ERR_clear_error()
        let status = SSL_do_handshake(ssl)
        if status == 1 {
            carrier.pointee.messages_maximum = Self.messagesMaximum
            return verified()
        }
        switch SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        default:
            if offersSession { context.sessions.refuse(cacheKey) }
            if carrier.pointee.failure != 0 { return .failed(String(cString: strerror(carrier.pointee.failure))) }
            return .failed(OpenSSLErrors.take("the peer ended the connection"))
        }
    }

    /// Whether this client has something to say against the server.
    private func verified() -> TLSHandshakeStep {
        guard context.role == .client, context.verification != .none else { return .done }
        guard let certificate = SSL_get0_peer_certificate(ssl) else { return .failed("the server has no certificate") }
        let outcome = SSL_get_verify_result(ssl)
        guard outcome != X509_V_OK else { return .done }
        if context.acceptsPasswordProof && outcome == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT {
            // Its end is not looked at when its signature is refused.
            guard X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0 else {
                return .failed("the server's certificate has expired")
            }
            needsPasswordProof = true
            return .done
        }
        context.sessions.forget(cacheKey)
        let reason = X509_verify_cert_error_string(outcome).map { String(cString: $0) } ?? "error \(outcome)"
        return .failed("the server's certificate is refused: \(reason)")
    }

    /// Whether the server's certificate signs itself, so that only the server's knowledge of the account's password can
    /// tell it from anybody else's. Nothing that gives the password away may be sent.
    package private(set) var needsPasswordProof = false

    /// The peer's certificate; nil when it showed none. A client's was verified.
    package var peerCertificate: CertificateFacts? { SSL_get0_peer_certificate(ssl).map { CertificateFacts($0) } }
    /// The fingerprint of this server's certificate, if it was made here.
    package var selfMadeFingerprint: [UInt8]? { context.isSelfMade ? context.certificate?.fingerprint : nil }
    /// The cipher's name, as OpenSSL says it.
    package var cipher: String { SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? "" }
    /// The protocol's version: `TLSv1.3`.
    package var version: String { SSL_get_version(ssl).map { String(cString: $0) } ?? "" }
    /// The name that a client asked for.
    package var serverName: String? {
        SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    }
    /// Whether an earlier session was resumed.
    package var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    // MARK: Transfer

    /// The socket has bytes, or its end.
    package func inputBecameReady(isFinished: Bool) {
        carrier.pointee.drained = 0
        if isFinished { carrier.pointee.finished = 1 }
    }

    /// Whether a read shorter than its target was not the last: the end of the stream is to be told.
    package var holdsEnd: Bool { pendingEnd != nil }
    /// Whether records wait for the socket.
    package var hasPendingOutput: Bool { switchyard_carrier_waits(carrier) != 0 }

    /// Fills the target as far as there are bytes.
    package func read(into target: UnsafeMutableRawBufferPointer) -> TLSTransfer {
        if let pendingEnd { return pendingEnd }
        var filled = 0
        ERR_clear_error()
        while filled < target.count {
            var count = 0
            let status = SSL_read_ex(ssl, target.baseAddress.map { $0 + filled }, target.count - filled, &count)
            if status == 1 {
                filled += count
                continue
            }
            let end = outcome(status)
            if filled == 0 || end == .wouldBlock { return filled > 0 ? .transferred(filled) : end }
            pendingEnd = end
            return .transferred(filled)
        }
        return .transferred(filled)
    }

    /// Encrypts and sends; what the socket does not take of the last batch counts as sent, and waits.
    package func write(_ bytes: UnsafeRawBufferPointer) -> TLSTransfer {
        var taken = 0
        while taken < bytes.count {
            guard !hasPendingOutput else { return taken > 0 ? .transferred(taken) : flushed(bytes) }
            let end = min(bytes.count, taken + Self.batchBytes)
            let outcome = encrypt(UnsafeRawBufferPointer(rebasing: bytes[taken..<end]))
            guard outcome == .transferred(end - taken) else { return outcome }
            taken = end
        }
        return .transferred(taken)
    }

    private func flushed(_ bytes: UnsafeRawBufferPointer) -> TLSTransfer {
        let outcome = flush()
        return outcome == .transferred(0) ? write(bytes) : outcome
    }

    private func encrypt(_ bytes: UnsafeRawBufferPointer) -> TLSTransfer {
        // One record goes straight to the socket; several are gathered, to leave in one call.
        carrier.pointee.corked = bytes.count > Int(SSL3_RT_MAX_PLAIN_LENGTH) ? 1 : 0
        defer { carrier.pointee.corked = 0 }
        var written = 0
        ERR_clear_error()
        while written < bytes.count {
            var count = 0
            let status = SSL_write_ex(ssl, bytes.baseAddress.map { $0 + written }, bytes.count - written, &count)
            guard status == 1 else {
                let end = outcome(status)
                if case .failed = end { return end }
                return failed("a write that TLS cannot make now")
            }
            written += count
        }
        guard carrier.pointee.corked == 1 else { return .transferred(written) }
        if case .failed(let cause) = flush() { return .failed(cause) }
        return .transferred(written)
    }

    /// Sends records that wait: `.transferred(0)` when none does any more.
    package func flush() -> TLSTransfer {
        switch switchyard_carrier_flush(carrier) {
        case 1: .transferred(0)
        case 0: .wouldBlock
        default: .failed(carrier.pointee.failure)
        }
    }

    private func outcome(_ status: Int32) -> TLSTransfer {
        switch SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            isShut = true
            if carrier.pointee.failure != 0 {
                ERR_clear_error()
                return .failed(carrier.pointee.failure)
            }
            return failed(OpenSSLErrors.take("the connection ended in the middle of a record"))
        }
    }

    private func failed(_ text: String) -> TLSTransfer {
        isShut = true
        failureText = text
        return .failed(EPROTO)
    }

    /// Tells the peer that nothing more comes.
    package func sayGoodbye() {
        guard !isShut, SSL_is_init_finished(ssl) == 1 else { return }
        isShut = true
        ERR_clear_error()
        SSL_shutdown(ssl)
        ERR_clear_error()
    }
}
