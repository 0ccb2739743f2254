// MariaDB's replication position: the last event of each domain.

/// A list of `domain-server-sequence`, one per domain. https://mariadb.com/kb/en/gtid/
package struct MariaDBPosition: Hashable, Sendable {
    /// The last event of a domain.
    package struct Event: Hashable, Sendable {
        package var domain: UInt32
        package var server: UInt32
        /// Counts up within the domain, whichever server writes.
        package var sequence: UInt64

        package init(domain: UInt32, server: UInt32, sequence: UInt64) {
            self.domain = domain
            self.server = server
            self.sequence = sequence
        }
    }

    /// Ascending by domain, one per domain. A list: there is one domain nearly always.
    package private(set) var events: [Event] = []

    package init() {}

    /// Whether no event is known.
    package var isEmpty: Bool { events.isEmpty }

    /// The last event of a domain; nil when there was none.
    package func event(inDomain domain: UInt32) -> Event? {
        events.first { $0.domain == domain }
    }

    /// Whether every domain of `other` has come at least as far here.
    package func covers(_ other: MariaDBPosition) -> Bool {
        other.events.allSatisfy { wanted in
            events.contains { $0.domain == wanted.domain && $0.sequence >= wanted.sequence }
        }
    }

    /// Takes the later event of each domain.
    package mutating func merge(_ other: MariaDBPosition) {
        for event in other.events { merge(event) }
    }

    /// Takes one event, if it is later than its domain's.
    package mutating func merge(_ event: Event) {
        let index = events.firstIndex { $0.domain >= event.domain } ?? events.endIndex
        guard index < events.endIndex, events[index].domain == event.domain else {
            events.insert(event, at: index)
            return
        }
        if events[index].sequence < event.sequence { events[index] = event }
    }

    /// Reads `0-1-100,1-2-7`. Of several events of one domain (as in `gtid_binlog_state`) the latest counts.
    package static func parse(_ text: UnsafeRawBufferPointer) throws(WireError) -> MariaDBPosition {
        var position = MariaDBPosition()
        for event in try parseEvents(text) { position.merge(event) }
        return position
    }

    /// Reads every event of such a list: `gtid_binlog_state` has one per domain and server.
    package static func parseEvents(_ text: UnsafeRawBufferPointer) throws(WireError) -> [Event] {
        var scanner = PositionScanner(text)
        var events: [Event] = []
        guard !scanner.isAtEnd() else { return events }
        repeat {
            let domain = try scanner.readNumber(UInt64(UInt32.max))
            guard scanner.take("-") else { throw .malformedPosition }
            let server = try scanner.readNumber(UInt64(UInt32.max))
            guard scanner.take("-") else { throw .malformedPosition }
            let sequence = try scanner.readNumber(.max)
            events.append(Event(domain: UInt32(domain), server: UInt32(server), sequence: sequence))
        } while scanner.take(",")
        guard scanner.isAtEnd() else { throw .malformedPosition }
        return events
    }

    /// The same for a string.
    package static func parse(_ text: String) throws(WireError) -> MariaDBPosition {
        try Array(text.utf8).withWireBytes { (bytes) throws(WireError) in try parse(bytes) }
    }
}

extension MariaDBPosition: CustomStringConvertible {
    /// In the server's notation, ascending by domain.
    package var description: String {
        events.map { "\($0.domain)-\($0.server)-\($0.sequence)" }.joined(separator: ",")
    }
}
