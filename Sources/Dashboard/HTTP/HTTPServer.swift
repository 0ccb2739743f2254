// The HTTP endpoint on a lane of its own: nothing that an HTTP client does is felt by the lanes of the data path.
package import Frontend
internal import Glibc
package import Network
internal import Security
internal import Synchronization

/// The endpoint's clients.
///
/// `@unchecked Sendable` because its state is touched only in closures that run on its lane.
package final class HTTPServer: @unchecked Sendable {
    private let lane: Lane
    private let service: DashboardService
    private var tls: ClientTLS
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    /// Clients that were accepted, and that the lane has not seen.
    private let arriving = Atomic<Int>(0)
    private var heldBytes = 0
    private var isEnding = false
    private var isFinishing = false
    private var feed: EventFeed?

    /// An endpoint on `lane`, which nothing else lives on.
    package init(lane: Lane, service: DashboardService, tls: ClientTLS) {
        self.lane = lane
        self.service = service
        self.tls = tls
    }

    /// Takes over a client; ends it where the lane has more to do than it can. Any thread.
    package func accept(_ descriptor: Int32, peer: SocketAddress?) {
        guard arriving.add(1, ordering: .relaxed).newValue <= HTTPLimits.arriving else {
            arriving.subtract(1, ordering: .relaxed)
            close(descriptor)
            return
        }
        lane.post { [self] in
            arriving.subtract(1, ordering: .relaxed)
            adopt(descriptor, peer)
        }
    }

    /// Who may ask, from the next request on; those who follow the events have to ask again. Any thread.
    package func adopt(_ access: HTTPAccess) {
        service.adopt(access)
        lane.post { [self] in feed?.endAll() }
    }

    /// How clients encrypt that come from now on. Any thread.
    package func adopt(_ tls: ClientTLS) {
        lane.post { [self] in self.tls = tls }
    }

    /// Ends all clients and takes no more. Any thread.
    package func endAll() {
        lane.post { [self] in
            isEnding = true
            for connection in Array(connections.values) { connection.end() }
        }
    }

    /// Answers what was asked, and begins no further request on any connection but those that had none yet. Any thread.
    package func finish() {
        lane.post { [self] in
            isFinishing = true
            for connection in Array(connections.values) { connection.finish() }
        }
    }

    // MARK: On the lane

    private func adopt(_ descriptor: Int32, _ peer: SocketAddress?) {
        guard !isEnding, makePlace() else {
            close(descriptor)
            return
        }
        let isInternet = peer?.isInternet ?? false
        guard let stream = ByteStream.adopt(descriptor, on: lane, isInternet: isInternet) else { return }
        let host = isInternet ? peer?.host ?? "localhost" : "localhost"
        let connection = HTTPConnection(stream: stream, peerHost: host, owner: self)
        connections[ObjectIdentifier(connection)] = connection
        if isFinishing { connection.finish() }
        if let source = tls.source { connection.startTLS(.server(source.current)) }
    }

    /// Whether one more client has a place, if need be that of one who asks for nothing: silent clients, who need no
    /// password, must not keep out those who ask whether the proxy lives.
    private func makePlace() -> Bool {
        guard connections.count >= HTTPLimits.connections else { return true }
        let present = Array(connections.values)
        guard let index = Self.givesWay(present.map { ($0.peerHost, $0.waitingSince) }) else { return false }
        present[index].end()
        return true
    }

    /// Who gives way to a new client: of those who wait for no answer one of the address with most clients, and of these
    /// the one who waits longest. Nil when all are served.
    static func givesWay(_ clients: [(host: String, waitingSince: UInt64?)]) -> Int? {
        let crowds = Dictionary(clients.map { ($0.host, 1) }, uniquingKeysWith: +)
        var found: (index: Int, crowd: Int, since: UInt64)?
        for (index, client) in clients.enumerated() {
            guard let since = client.waitingSince else { continue }
            let crowd = crowds[client.host] ?? 0
            if let found, (found.crowd, since) >= (crowd, found.since) { continue }
            found = (index, crowd, since)
        }
        return found?.index
    }

    /// `@unchecked Sendable` because others only carry it back to the lane.
    private final class Reach: @unchecked Sendable {
        let connection: HTTPConnection
        init(_ connection: HTTPConnection) { self.connection = connection }
    }
}

extension HTTPServer: HTTPConnectionOwner {
    func requestReceived(_ request: HTTPRequest, from connection: HTTPConnection) {
        let answer = service.answer(request, peerHost: connection.peerHost, nowMilliseconds: lane.nowMilliseconds)
        switch answer {
        case .now(let response): connection.answer(response)
        case .later(let start):
            let reach = Reach(connection)
            let lane = lane
            let isTaken = start { response in
                lane.post { reach.connection.answer(response) }
            }
            if !isTaken { connection.answer(.failure(503, "the console has too much to do: try again later")) }
        case .events: beginEvents(connection)
        }
    }

    private func beginEvents(_ connection: HTTPConnection) {
        let feed = feed ?? EventFeed(service: service, lane: lane)
        self.feed = feed
        guard feed.clientCount < HTTPLimits.eventClients else {
            return connection.answer(
                .failure(503, "\(HTTPLimits.eventClients) clients follow the events, and no more may"))
        }
        connection.beginEvents(EventFeed.beginning)
        feed.add(connection)
    }

    func reserveAnswer(bytes: Int) -> Bool {
        guard heldBytes + bytes <= HTTPLimits.heldAnswerBytes else { return false }
        heldBytes += bytes
        return true
    }

    func releaseAnswer(bytes: Int) { heldBytes -= bytes }

    func connectionEnded(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
        feed?.remove(connection)
    }

    var unixSeconds: Int { time(nil) }
}
