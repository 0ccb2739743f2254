// The transactions that a position stands for, in one form for both kinds of servers.
internal import Wire

/// Within what transactions are numbered.
enum NumberSource: Hashable, Sendable {
    /// MariaDB: whichever server writes, the next number is above all before.
    case domain(UInt32)
    /// MySQL: each server, and each tag, for itself.
    case source(MySQLGTIDSet.Source)
}

typealias TransactionNumbers = [NumberSource: NumberSet]

extension Position {
    /// All transactions that are where this position is. MariaDB tells the last of each domain only: all up to it.
    var numbers: TransactionNumbers {
        var result: TransactionNumbers = [:]
        switch self {
        case .mariaDB(let position):
            for event in position.events { result[.domain(event.domain)] = NumberSet([0...event.sequence]) }
        case .mySQL(let set):
            for (source, numbers) in set.ranges { result[.source(source)] = NumberSet(numbers) }
        }
        return result
    }

    /// The transaction that a server tells with a commit; nil when it is not one.
    var onlyTransaction: (source: NumberSource, number: UInt64)? {
        switch self {
        case .mariaDB(let position):
            guard position.events.count == 1, let event = position.events.first else { return nil }
            return (source: .domain(event.domain), number: event.sequence)
        case .mySQL(let set):
            guard let only = set.onlyTransaction else { return nil }
            return (source: .source(only.source), number: only.number)
        }
    }
}
