// The client front door: greeting, login, and then bytes of commands for whoever answers them.
//
//      greeted ──▶ verified ──▶ serving ──▶ closed
//         └───────────┴──────────────────────▲
package import Network
internal import Security
package import Wire

/// What a listener gives to each of its clients.
package protocol FrontDoor: AnyObject {
    /// The accounts that may log in here.
    var directory: AccountDirectory { get }
    /// What the logins of all listeners share.
    var services: LoginServices { get }
    /// Whether and with what clients may encrypt their connection.
    var tls: ClientTLS { get }
    /// What the greeting says.
    func greeting() -> Greeting
    /// Milliseconds from accept to a verified login.
    var loginTimeoutMilliseconds: UInt64 { get }
    /// Makes the one who answers a verified client.
    func makeHandler(for client: ClientConnection, _ identity: ClientIdentity) -> any CommandHandler
    /// The cluster that clients come to; nil for none.
    var clusterName: String? { get }
    /// On a compressed connection, frames with fewer bytes are sent as they are.
    var compressionThreshold: Int { get }
    /// Which listener's clients come here; the same for the doors that follow each other when settings change.
    var listener: Int { get }
    /// The client is gone, however far it came.
    func closed(_ client: ClientConnection)
    /// Whether a connection from there begins with a PROXY protocol header.
    func expectsProxyHeader(from peer: SocketAddress?) -> Bool
    /// A login was refused: for the log.
    func loginRefused(_ client: ClientConnection, user: String?, _ error: ProxyError)
}

extension FrontDoor {
    package var clusterName: String? { nil }
    package func expectsProxyHeader(from peer: SocketAddress?) -> Bool { false }
    package var listener: Int { 0 }
}

/// One accepted client on its lane.
package final class ClientConnection {
    /// `changingUser`: the client logs in anew; its handler is kept until it is through.
    private enum Phase { case awaitingHeader, greeted, verified, serving, changingUser, closed }

    /// The connection id that the client sees and that `KILL` names.
    package let id: UInt32
    /// Where it comes from, as host patterns of accounts see it: a numeric address, or `localhost`.
    package private(set) var peerHost: String
    /// Address and port, for people.
    package private(set) var peer: String
    /// Address and port, as a PROXY protocol header said if there was one; nil for a Unix socket.
    package private(set) var address: SocketAddress?
    /// The lane it lives on.
    package let lane: Lane
    /// Lane milliseconds at which it was accepted.
    package let acceptedAtMilliseconds: UInt64

    private let stream: ByteStream
    let door: any FrontDoor
    private var phase = Phase.greeted {
        didSet { if !isLoggingIn { forgetAsGreeted() } }
    }
    private var greeted: GreetedClient?
    private var login: ClientLogin
    private(set) var handler: (any CommandHandler)?
    private var agreed: Capabilities = []
    private var loginSequence: UInt8 = 0
    /// What the client is greeted with once the PROXY protocol header is here.
    private var greeting: Greeting?
    /// A part of the login is done off the lane: nothing is taken from the client meanwhile.
    private var loginIsAtWork = false
    /// The OK packet's text.
    private var loginText: [UInt8] = []

    /// Takes over an accepted stream and sends the greeting.
    package init(stream: ByteStream, peer: SocketAddress?, door: any FrontDoor) {
        let greeting = door.greeting()
        let peerHost = Self.host(of: peer)
        self.stream = stream
        self.door = door
        self.peerHost = peerHost
        id = greeting.connectionID
        lane = stream.lane
        self.peer = peer.flatMap { $0.isInternet ? "\($0)" : nil } ?? "localhost"
        address = peer.flatMap { $0.isInternet ? $0 : nil }
        acceptedAtMilliseconds = stream.lane.nowMilliseconds
        login = ClientLogin(
            salt: ClientLogin.makeSalt(), peerHost: peerHost, directory: door.directory,
            channel: LoginChannel(isSecure: peer?.isInternet == false), offered: greeting.capabilities,
            encryption: door.tls.mode)
        stream.setOwner(self)
        stream.endWhenHungUp()
        stream.setDeadline(milliseconds: acceptedAtMilliseconds + door.loginTimeoutMilliseconds)
        if door.expectsProxyHeader(from: peer) {
            phase = .awaitingHeader
            self.greeting = greeting
        } else {
            greet(greeting)
        }
    }

    private static func host(of peer: SocketAddress?) -> String {
        peer.flatMap { $0.isInternet ? $0.host : nil } ?? "localhost"
    }

    /// The first packet, now that it is known where the client comes from.
    private func greet(_ greeting: Greeting) {
        if let seconds = door.services.throttle.refusedSeconds(peerHost, nowMilliseconds: lane.nowMilliseconds) {
            end(with: noted(.hostBlocked(peerHost, seconds: seconds), isLogged: true), sequence: 0)
        } else {
            login.greetingPacket(greeting).withUnsafeBytes { stream.write($0) }
        }
    }

    /// This client, for as long as it logs in.
    package func asGreeted() -> GreetedClient {
        let greeted = self.greeted ?? GreetedClient()
        guard isLoggingIn else { return greeted }
        greeted.client = self
        self.greeted = greeted
        return greeted
    }

    private func forgetAsGreeted() {
        greeted?.client = nil
        greeted = nil
    }

    /// The listener it came through.
    package var listener: Int { door.listener }
    /// What both sides agreed on; empty before the login.
    package var capabilities: Capabilities { agreed }
    /// Whether the client has not proved yet who it is.
    package var isLoggingIn: Bool { phase == .greeted || phase == .awaitingHeader }
    /// Whether its commands are answered: it proved who it is, and was let in.
    var isServing: Bool { phase == .serving }
    /// Who it says that it is; nil before it does.
    var claimedUser: String? { login.claimedUser }
    /// Whether the client can still be spoken to.
    package var isOpen: Bool { phase != .closed }
    /// Whether whoever fills its queue must pause.
    package var isCongested: Bool { stream.isCongested }
    /// Bytes that wait for the client to read them.
    package var queuedBytes: Int { stream.queuedBytes }
    /// Memory of its buffers.
    package var bufferBytes: Int { stream.bufferBytes }

    // MARK: For the handler

    /// The client sent COM_CHANGE_USER: it logs in anew. With success another handler takes over, as after a connect;
    /// without, the connection ends, as it does on servers.
    package func changeUser(_ argument: UnsafeRawBufferPointer, sequence: UInt8, collation: UInt16) {
        guard phase == .serving else { return }
        guard
            let response = try? HandshakeResponse41.parseChangeUser(
                argument, capabilities: agreed, collation: collation)
        else { return end(with: .unknownCommand, sequence: sequence &+ 1) }
        phase = .changingUser
        setDeadline(milliseconds: lane.nowMilliseconds + door.loginTimeoutMilliseconds)
        resumeReading()
        perform(login.userChanged(response, sequence: sequence))
    }

    /// Tells the client that it is in, and in which schema, as servers do.
    package func acceptLogin(status: StatusFlags, schema: [UInt8] = []) {
        guard phase == .verified else { return }
        phase = .serving
        stream.setDeadline(milliseconds: 0)
        var writer = ByteWriter()
        writer.beginPacket(sequence: loginSequence)
        var packet = OKPacket(status: status, info: loginText)
        if !schema.isEmpty { packet.report(schema: schema) }
        packet.encode(into: &writer, capabilities: agreed)
        writer.endPacket()
        writer.bytes.withUnsafeBytes { stream.write($0) }
        if let codec = login.codec(agreed, threshold: door.compressionThreshold) { stream.startCompression(codec) }
        resumeReading()
    }

    /// Tells the client why it is not let in, and closes.
    package func refuseLogin(_ error: ProxyError) {
        guard phase == .verified else { return }
        end(with: error, sequence: loginSequence)
    }

    /// Sends bytes, or queues what the socket does not take.
    package func write(_ bytes: UnsafeRawBufferPointer) { stream.write(bytes) }

    /// Sends packets.
    package func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { stream.write($0) } }

    /// Ends the client as soon as it closes its side, also while nothing is taken from it.
    package func endWhenPeerFinishes() { stream.endWhenPeerFinishes() }

    /// Takes nothing more from the client until `resumeReading`.
    package func pauseReading() { stream.pauseReading() }
    /// Reads on, after the events at hand.
    package func resumeReading() { stream.resumeReading() }

    /// Calls `deadlinePassed` of the handler at these lane milliseconds; 0 clears.
    package func setDeadline(milliseconds: UInt64) { stream.setDeadline(milliseconds: milliseconds) }

    /// Sends an error in the place of an answer, and closes when the client has it.
    package func end(with error: ProxyError, sequence: UInt8) {
        guard phase != .closed else { return }
        packet(of: error, sequence: sequence).withUnsafeBytes { stream.write($0) }
        stream.closeAfterFlush()
        finish()
    }

    /// Closes once what is queued was taken. The handler hears `clientGone`.
    package func end() {
        guard phase != .closed else { return }
        stream.closeAfterFlush()
        finish()
    }

    private func finish() {
        guard phase != .closed else { return }
        phase = .closed
        let handler = handler
        self.handler = nil
        handler?.clientGone()
        door.closed(self)
    }
}

extension ClientConnection: ByteStreamOwner {
    package func streamConnected(_ stream: ByteStream) {}

    package func streamSecured(_ stream: ByteStream) {
        guard phase == .greeted, let session = stream.encryption else { return }
        door.tls.source?.handshakes.completed(session)
        login.secured(LoginChannel(session), selfMadeFingerprint: session.selfMadeFingerprint)
    }

    package func streamReceived(_ stream: ByteStream, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
        switch phase {
        case .serving:
            guard let handler else { return bytes.count }
            return handler.commandsReceived(bytes)
        case .greeted, .changingUser: return loginReceived(UnsafeRawBufferPointer(bytes))
        case .awaitingHeader: return headerReceived(UnsafeRawBufferPointer(bytes))
        case .verified: return 0
        case .closed: return bytes.count
        }
    }

    package func streamDrained(_ stream: ByteStream) {
        // The deadline is that of the login meanwhile.
        if phase != .changingUser { handler?.clientDrained() }
    }

    package func streamClosed(_ stream: ByteStream, _ end: StreamEnd) {
        if phase == .greeted, case .encryptionFailed(let reason) = end {
            door.tls.source?.handshakes.handshakeFailed()
            door.loginRefused(self, user: nil, noted(.badHandshake("TLS: \(reason)"), isLogged: true))
        }
        // Nobody knows what the client wanted, but it can still be told.
        if case .undecodable(let error) = end { return self.end(with: .undecodable(error), sequence: 1) }
        finish()
    }

    package func streamDeadlinePassed(_ stream: ByteStream) {
        guard phase == .serving || phase == .verified, let handler else {
            let error = noted(
                .timedOut("no login within \(door.loginTimeoutMilliseconds) ms (limits.login_timeout)"), isLogged: true)
            door.loginRefused(self, user: nil, error)
            return end(with: error, sequence: 1)
        }
        handler.deadlinePassed()
    }

    /// The proxy in front says for whom it connects, and only then is the client greeted.
    private func headerReceived(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch ProxyHeader.read(bytes) {
        case .incomplete: return 0
        case .invalid(let cause):
            door.loginRefused(
                self, user: nil, noted(.badHandshake("\(cause) (proxy_protocol of the listener)"), isLogged: true))
            // No greeting was sent: whoever it is expects nothing.
            end()
            return bytes.count
        case .header(let length, let source):
            if let source {
                address = source
                peer = "\(source)"
                peerHost = source.host
                login.clientFound(at: peerHost)
            }
            phase = .greeted
            if let greeting { greet(greeting) }
            greeting = nil
            return phase == .closed ? bytes.count : length
        }
    }

    private func loginReceived(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !loginIsAtWork, let header = PacketHeader(bytes) else { return 0 }
        guard header.payloadLength <= FrontendLimits.loginPacketBytes else {
            let error = noted(.badHandshake("a login packet of \(header.payloadLength) bytes"), isLogged: true)
            door.loginRefused(self, user: nil, error)
            end(with: error, sequence: header.sequence &+ 1)
            return bytes.count
        }
        guard bytes.count >= header.frameLength else { return 0 }
        // Connections that were opened before the refusal are no more guesses.
        if phase == .greeted,
            let seconds = door.services.throttle.refusedSeconds(peerHost, nowMilliseconds: lane.nowMilliseconds)
        {
            end(
                with: noted(.hostBlocked(peerHost, seconds: seconds), isLogged: true), sequence: header.sequence &+ 1)
            return bytes.count
        }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[PacketHeader.size..<header.frameLength])
        perform(login.packetReceived(payload, sequence: header.sequence))
        return phase == .closed ? bytes.count : header.frameLength
    }

    private func perform(_ step: ClientLogin.Step) {
        switch step {
        case .send(let packet): packet.withUnsafeBytes { stream.write($0) }
        case .startTLS:
            guard let source = door.tls.source else { return end() }
            stream.startTLS(.server(source.current), of: ClientNetwork.of(peerHost))
        case .work(let work): workOnLogin(work)
        case .refuse(let refusal, let sequence):
            let error = noted(refusal, isLogged: true)
            refused(error)
            end(with: error, sequence: sequence)
        case .refresh: refreshAccounts()
        case .verified(let identity, let sequence, let notice):
            door.services.throttle.succeeded(peerHost, user: identity.user)
            phase = .verified
            loginSequence = sequence
            agreed = identity.capabilities
            loginText = identity.certificateProof
            if !notice.isEmpty { write(notice) }
            pauseReading()
            let former = handler
            self.handler = nil
            former?.clientGone()
            let handler = door.makeHandler(for: self, identity)
            self.handler = handler
            if let former { handler.userChanged(from: former) }
            handler.loginVerified()
        }
    }

    private func refused(_ error: ProxyError) {
        door.loginRefused(self, user: login.claimedUser, error)
        guard error.code == ProxyError.accessDeniedCode else { return }
        let services = door.services
        let isThrottled = services.throttle.failed(
            peerHost, user: login.claimedUser ?? "", nowMilliseconds: lane.nowMilliseconds)
        if isThrottled { services.onThrottled(peerHost) }
    }

    /// The client may be gone when the answer comes: then nobody wants it.
    private func workOnLogin(_ work: LoginWork) {
        loginIsAtWork = true
        pauseReading()
        // `nonisolated(unsafe)` because the completion runs on this connection's own lane, where it is confined.
        nonisolated(unsafe) let client = self
        door.services.worker.perform(work, of: peerHost, cache: door.directory.passwords, on: lane) { result in
            client.goOn { $0.workEnded(result) }
        }
    }

    private func refreshAccounts() {
        loginIsAtWork = true
        pauseReading()
        let lane = lane
        // `nonisolated(unsafe)` because it is used on this connection's own lane only, where it is confined.
        nonisolated(unsafe) let client = self
        door.directory.refresh { lane.post { client.goOn { $0.accountsRefreshed() } } }
    }

    private func goOn(_ event: (inout ClientLogin) -> ClientLogin.Step) {
        loginIsAtWork = false
        guard phase == .greeted || phase == .changingUser else { return }
        resumeReading()
        perform(event(&login))
    }
}

/// A client that has not proved yet who it is; empty once it has, or is gone. A weak reference would say the same, and make
/// every later retain of the client a slow one.
package final class GreetedClient {
    package fileprivate(set) var client: ClientConnection?
}
