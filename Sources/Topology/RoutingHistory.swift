// The last events of a cluster, bounded.

/// A ring of events, oldest dropped first.
struct RoutingHistory {
    /// The events kept.
    static let eventsMaximum = 1_000

    private var events: [RoutingEvent] = []
    /// Where the next event goes once the ring is full.
    private var next = 0

    mutating func append(contentsOf new: [RoutingEvent]) {
        for event in new {
            if events.count < Self.eventsMaximum {
                events.append(event)
            } else {
                events[next] = event
                next = (next + 1) % Self.eventsMaximum
            }
        }
    }

    /// The last `limit` events, oldest first.
    func last(_ limit: Int) -> [RoutingEvent] {
        let ordered = Array(events[next...] + events[..<next])
        return Array(ordered.suffix(max(0, limit)))
    }
}
