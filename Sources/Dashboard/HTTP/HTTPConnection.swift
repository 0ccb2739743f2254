// One HTTP client: one request at a time, its answer written as it is taken.
//
//      reading ──▶ answering (mostly on the console's queue) ──▶ writing ──▶ reading
//         └──────────────┴── streaming (events) ────────────────────┴──▶ ended
internal import Network

/// What a connection asks of the server it belongs to. On the server's lane.
protocol HTTPConnectionOwner: AnyObject {
    /// A whole request came; the owner calls `answer` or `beginEvents`.
    func requestReceived(_ request: HTTPRequest, from connection: HTTPConnection)
    /// Takes the place of so many bytes among the answers that are held; false when there is none.
    func reserveAnswer(bytes: Int) -> Bool
    /// An answer that was held is written, or nobody wants it any more.
    func releaseAnswer(bytes: Int)
    /// The connection has ended.
    func connectionEnded(_ connection: HTTPConnection)
    /// Seconds since 1970.
    var unixSeconds: Int { get }
}

/// One client. Loop-confined.
final class HTTPConnection {
    private enum Phase { case securing, reading, answering, writing, streaming, flushing, ended }

    /// Where it comes from; `localhost` over a Unix socket.
    let peerHost: String
    let lane: Lane
    private let stream: ByteStream
    private unowned let owner: any HTTPConnectionOwner
    private var phase = Phase.reading
    private var wantsBody = true
    private var keepsConnection = true
    /// The connection is not kept, whatever the client wants.
    private var isFinishing = false
    private var hasAnswered = false
    /// A request has begun to come: its deadline is not put off.
    private var hasBegun = false
    private var output: [UInt8] = []
    private var written = 0
    private var reserved = 0
    /// What the socket had not taken at the last look.
    private var queuedBefore = 0
    private var stalledSince: UInt64 = 0
    /// Since it came, or its last answer was written.
    private var waitsSince: UInt64

    init(stream: ByteStream, peerHost: String, owner: any HTTPConnectionOwner) {
        self.stream = stream
        self.peerHost = peerHost
        self.owner = owner
        lane = stream.lane
        waitsSince = stream.lane.nowMilliseconds
        stream.setOwner(self)
        setDeadline(HTTPLimits.requestMilliseconds)
    }

    /// Encryption comes first.
    func startTLS(_ context: TLSRole) {
        phase = .securing
        stream.startTLS(context, of: peerHost)
    }

    /// Since when, in lane milliseconds, it has sent no whole request; nil while it is served.
    var waitingSince: UInt64? { phase == .reading || phase == .securing ? waitsSince : nil }

    /// Ends it now.
    func end() {
        guard phase != .ended else { return }
        stream.close()
        ended()
    }

    /// Ends it as soon as a request is answered; now if one was and no other has begun.
    func finish() {
        isFinishing = true
        switch phase {
        case .reading where hasAnswered && !hasBegun: end()
        case .streaming: end()
        case .reading, .securing, .answering, .writing, .flushing, .ended: break
        }
    }

    private func ended() {
        guard phase != .ended else { return }
        phase = .ended
        releaseOutput()
        owner.connectionEnded(self)
    }

    private func setDeadline(_ milliseconds: UInt64) {
        stream.setDeadline(milliseconds: lane.nowMilliseconds + milliseconds)
    }

    // MARK: Requests

    private func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch HTTPReader.read(bytes) {
        case .incomplete:
            if !hasBegun && !bytes.isEmpty {
                hasBegun = true
                setDeadline(HTTPLimits.requestMilliseconds)
            }
            return 0
        case .invalid(let failure):
            keepsConnection = false
            begin()
            answer(.failure(failure.status, failure.text))
            return bytes.count
        case .request(let request, let length):
            keepsConnection = request.keepsConnection
            wantsBody = request.method != "HEAD"
            begin()
            owner.requestReceived(request, from: self)
            return length
        }
    }

    /// No further request is looked at before this one is answered.
    private func begin() {
        phase = .answering
        hasBegun = false
        stream.pauseReading()
        setDeadline(HTTPLimits.answerMilliseconds)
    }

    // MARK: Answers

    /// Answers the request at hand. Nothing happens when the client is gone.
    func answer(_ response: HTTPResponse) {
        guard phase == .answering else { return }
        let head = { (response: HTTPResponse) in
            response.head(
                length: response.body.count, keepsConnection: self.keepsConnection && !self.isFinishing,
                unixSeconds: self.owner.unixSeconds)
        }
        if owner.reserveAnswer(bytes: response.body.count) {
            reserved = response.body.count
            output = head(response) + (wantsBody ? response.body : [])
        } else {
            let failure = HTTPResponse.failure(503, "too many answers wait for slow clients: try again later")
            output = head(failure) + (wantsBody ? failure.body : [])
        }
        written = 0
        phase = .writing
        writeOn()
    }

    private func writeOn() {
        while phase == .writing, written < output.count, !stream.isCongested {
            let end = min(output.count, written + HTTPLimits.sliceBytes)
            output[written..<end].withUnsafeBytes { stream.write($0) }
            written = end
        }
        guard phase == .writing else { return }
        guard written == output.count else { return setDeadline(HTTPLimits.stalledMilliseconds) }
        releaseOutput()
        hasAnswered = true
        guard keepsConnection && !isFinishing else { return flushAndClose() }
        phase = .reading
        waitsSince = lane.nowMilliseconds
        setDeadline(HTTPLimits.idleMilliseconds)
        // The pair brings what came meanwhile, also when it was never paused.
        stream.pauseReading()
        stream.resumeReading()
    }

    private func releaseOutput() {
        output = []
        written = 0
        if reserved > 0 { owner.releaseAnswer(bytes: reserved) }
        reserved = 0
    }

    /// The stream closes two seconds after it was told to, whatever the socket has not taken by then: it is told when all
    /// has left.
    private func flushAndClose() {
        guard stream.queuedBytes > 0 else {
            stream.closeAfterFlush()
            return ended()
        }
        if phase != .flushing || stream.queuedBytes < queuedBefore { stalledSince = lane.nowMilliseconds }
        phase = .flushing
        queuedBefore = stream.queuedBytes
        guard lane.nowMilliseconds - stalledSince < HTTPLimits.stalledMilliseconds else { return end() }
        setDeadline(HTTPLimits.flushLookMilliseconds)
    }

    // MARK: Events

    /// The answer to the request at hand goes on until one side ends it.
    func beginEvents(_ first: [UInt8]) {
        guard phase == .answering else { return }
        let head = HTTPResponse(contentType: "text/event-stream", body: [])
            .head(length: nil, keepsConnection: false, unixSeconds: owner.unixSeconds)
        phase = .streaming
        stream.setDeadline(milliseconds: 0)
        (head + first).withUnsafeBytes { stream.write($0) }
        // Nothing more is expected of the client, but its end.
        stream.resumeReading()
    }

    /// Sends one event. A client that takes them too slowly is ended: it connects again, and asks what it missed.
    func send(event: [UInt8]) {
        guard phase == .streaming else { return }
        guard !stream.isCongested else { return end() }
        event.withUnsafeBytes { stream.write($0) }
    }
}

extension HTTPConnection: ByteStreamOwner {
    func streamConnected(_ stream: ByteStream) {}

    func streamSecured(_ stream: ByteStream) {
        phase = .reading
        setDeadline(HTTPLimits.requestMilliseconds)
    }

    func streamReceived(_ stream: ByteStream, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
        switch phase {
        case .reading: received(UnsafeRawBufferPointer(bytes))
        case .streaming: bytes.count
        case .securing, .answering, .writing, .flushing, .ended: 0
        }
    }

    func streamDrained(_ stream: ByteStream) {
        if phase == .writing { writeOn() }
        if phase == .flushing { flushAndClose() }
    }

    func streamClosed(_ stream: ByteStream, _ end: StreamEnd) { ended() }

    func streamDeadlinePassed(_ stream: ByteStream) {
        if phase == .flushing { return flushAndClose() }
        guard phase == .reading, hasBegun else { return end() }
        // It began a request and did not end it: it may want to know why nothing comes.
        keepsConnection = false
        begin()
        answer(.failure(408, "the request took longer than \(HTTPLimits.requestMilliseconds) ms"))
    }
}
