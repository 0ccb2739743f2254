// A place in a cluster's replication history, of either flavor.

/// Which of the two GTID notations a server uses.
package enum PositionFlavor: Sendable {
    case mariaDB
    case mySQL
}

/// A replication position. Positions of different flavors never cover each other.
package enum Position: Hashable, Sendable {
    case mariaDB(MariaDBPosition)
    case mySQL(MySQLGTIDSet)

    /// Whether everything in `other` has happened here.
    package func covers(_ other: Position) -> Bool {
        switch (self, other) {
        case (.mariaDB(let own), .mariaDB(let other)): own.covers(other)
        case (.mySQL(let own), .mySQL(let other)): own.contains(other)
        case (.mariaDB, .mySQL), (.mySQL, .mariaDB): false
        }
    }

    /// Adds what happened in `other`. One of the other flavor changes nothing.
    package mutating func merge(_ other: Position) {
        switch (self, other) {
        case (.mariaDB(var own), .mariaDB(let other)):
            own.merge(other)
            self = .mariaDB(own)
        case (.mySQL(var own), .mySQL(let other)):
            own.formUnion(other)
            self = .mySQL(own)
        case (.mariaDB, .mySQL), (.mySQL, .mariaDB):
            break
        }
    }

    /// Whether nothing has happened.
    package var isEmpty: Bool {
        switch self {
        case .mariaDB(let position): position.isEmpty
        case .mySQL(let set): set.isEmpty
        }
    }

    /// How many domains, or sources, it names.
    package var sourceCount: Int {
        switch self {
        case .mariaDB(let position): position.events.count
        case .mySQL(let set): set.sourceCount
        }
    }

    /// Reads a server's text, for example `@@gtid_current_pos` or `@@gtid_executed`. An empty text is an
    /// empty position.
    package static func parse(_ text: String, flavor: PositionFlavor) throws(WireError) -> Position {
        switch flavor {
        case .mariaDB: .mariaDB(try MariaDBPosition.parse(text))
        case .mySQL: .mySQL(try MySQLGTIDSet.parse(text))
        }
    }

    /// The same for bytes of a session-state record.
    package static func parse(
        _ text: UnsafeRawBufferPointer, flavor: PositionFlavor
    ) throws(WireError) -> Position {
        switch flavor {
        case .mariaDB: .mariaDB(try MariaDBPosition.parse(text))
        case .mySQL: .mySQL(try MySQLGTIDSet.parse(text))
        }
    }
}

extension Position: CustomStringConvertible {
    /// In the server's notation.
    package var description: String {
        switch self {
        case .mariaDB(let position): position.description
        case .mySQL(let set): set.description
        }
    }
}
