// The events that dashboards follow: changes of routing, and a tick with the main figures each second. Read once for all
// who follow, and not at all while nobody does. https://html.spec.whatwg.org/multipage/server-sent-events.html
internal import Dispatch
internal import Network
internal import Topology

/// Those who follow, and what they were told. On the server's lane.
///
/// `@unchecked Sendable` because others only carry it back to the lane.
final class EventFeed: @unchecked Sendable {
    /// What comes before the first event.
    static let beginning = Array("retry: \(HTTPLimits.reconnectMilliseconds)\n\n".utf8)

    private let service: DashboardService
    private let lane: Lane
    private var clients: [ObjectIdentifier: HTTPConnection] = [:]
    private var isTicking = false
    /// The newest event of each cluster that was told; nil before the first look.
    private var told: [String: RoutingEvent]?

    init(service: DashboardService, lane: Lane) {
        self.service = service
        self.lane = lane
    }

    var clientCount: Int { clients.count }

    func add(_ connection: HTTPConnection) {
        clients[ObjectIdentifier(connection)] = connection
        guard !isTicking else { return }
        isTicking = true
        tick()
    }

    /// Ends those who follow: they may ask again.
    func endAll() { for client in Array(clients.values) { client.end() } }

    func remove(_ connection: HTTPConnection) { clients[ObjectIdentifier(connection)] = nil }

    private func tick() {
        guard !clients.isEmpty else {
            isTicking = false
            told = nil
            return
        }
        let told = told
        let isTaken = service.readEvents(after: told) { [self] look in
            lane.post { [self] in
                publish(look)
                tickLater()
            }
        }
        // The console has too much to do: this tick is left out.
        if !isTaken { tickLater() }
    }

    private func tickLater() {
        let next = DispatchTime.now() + .milliseconds(HTTPLimits.tickMilliseconds)
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: next) { [weak self] in
            guard let self else { return }
            lane.post { self.tick() }
        }
    }

    private func publish(_ look: EventLook) {
        told = look.newest
        let bytes = look.events.flatMap { Self.event("routing", $0) } + Self.event("tick", look.tick)
        for client in Array(clients.values) { client.send(event: bytes) }
    }

    /// JSON has no line end of its own, so one line of data is enough.
    private static func event(_ name: String, _ json: JSONText) -> [UInt8] {
        Array("event: \(name)\ndata: ".utf8) + json.bytes + Array("\n\n".utf8)
    }
}

/// What is told at one moment.
struct EventLook: Sendable {
    /// Changes since the last look, the oldest first.
    var events: [JSONText]
    var tick: JSONText
    /// The newest change of each cluster that has any.
    var newest: [String: RoutingEvent]
}
