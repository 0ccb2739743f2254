// Encryption on a stream that began without: MySQL's own way to TLS.
package import Security

/// Which side of TLS a stream takes.
package enum TLSRole {
    /// The server's.
    case server(TLSContext)
    /// The client's: the host is what the certificate is checked for, the cache key tells one server from another.
    case client(TLSContext, host: String?, cacheKey: String)
}

extension ByteStream {
    /// Encrypts everything from here on. Everything that was written must have left; what was received behind what the
    /// owner has consumed belongs to TLS. The owner hears `streamSecured` or `streamClosed`, and nothing in between but
    /// its own deadline. Called from `streamReceived`, or when nothing received waits.
    ///
    /// - Parameter peer: whose handshakes wait for each other; empty for those of the proxy's own connections.
    package func startTLS(_ role: TLSRole, of peer: String = "") {
        guard phase == .open else { return }
        guard output.isEmpty else { return endSoon(.encryptionFailed("the peer does not read")) }
        let session: TLSSession? =
            switch role {
            case .server(let context): TLSSession.accept(context, descriptor: transport.descriptor)
            case .client(let context, let host, let cacheKey):
                TLSSession.connect(context, descriptor: transport.descriptor, host: host, cacheKey: cacheKey)
            }
        guard let session else { return endSoon(.encryptionFailed("out of memory")) }
        transport = .tls(transport.descriptor, session)
        phase = .securing
        handshakePeer = peer
        handshakeSoon()
    }

    /// Goes on with the handshake when its turn comes.
    func handshakeSoon() {
        guard !awaitsHandshakeTurn else { return }
        awaitsHandshakeTurn = true
        lane.handshakeSoon(self, of: handshakePeer)
    }

    /// The encryption in force; nil without one.
    package var encryption: TLSSession? { phase == .securing ? nil : transport.session }

    /// Bytes that came behind the request for TLS.
    func secure(_ bytes: UnsafeRawBufferPointer) {
        guard transport.session?.feed(bytes) == false else { return }
        endSoon(.encryptionFailed("out of memory"))
    }

    private func continueSecuring() {
        guard let session = transport.session else { return }
        switch session.handshake() {
        case .wouldBlock:
            if session.hasPendingOutput { _ = session.flush() }
        case .done:
            phase = .open
            inputIsReady = true
            owner?.streamSecured(self)
            // What came with the end of the handshake is in the session, and no event tells of it.
            if phase == .open { schedule() }
        case .failed(let reason):
            // Closed softly, so that the alert that TLS sent is not lost with unread bytes.
            let owner = owner
            self.owner = nil
            phase = .closing
            output.removeAll()
            lane.setDeadline(slot, milliseconds: lane.nowMilliseconds + NetworkLimits.lingerMilliseconds)
            schedule()
            owner?.streamClosed(self, .encryptionFailed(reason))
        }
    }

}

extension ByteStream: HandshakeWork {
    package func runHandshakeStep() -> Bool {
        awaitsHandshakeTurn = false
        guard phase == .securing, !isEnding else { return false }
        continueSecuring()
        return true
    }
}

extension ByteStream {
    /// The end in the words of TLS, when TLS found it.
    func described(_ end: StreamEnd) -> StreamEnd {
        guard case .failed = end, let text = transport.session?.failureText else { return end }
        return .encryptionFailed(text)
    }
}
