// Which rows of a table a request wants, and in which order: `?cluster=main&order_by=-since_ms&limit=10`.
internal import Admin

/// Columns that must equal something, what rows are ordered by, and how many there are at most.
struct TableSelection: Sendable, Equatable {
    struct Condition: Sendable, Equatable {
        let column: Int
        /// NULL equals NULL here: `?node=` asks for rows without a node.
        let value: ConsoleValue
    }

    struct Order: Sendable, Equatable {
        let column: Int
        let isDescending: Bool
    }

    private(set) var conditions: [Condition] = []
    private(set) var order: Order?
    private(set) var limit = HTTPLimits.rowsDefault

    init(_ query: [HTTPRequest.Parameter], of table: ConsoleTable) throws(HTTPFailure) {
        for parameter in query {
            if parameter.name == "limit" {
                limit = try Self.limit(parameter.value)
            } else if parameter.name == "order_by" {
                order = try Self.order(parameter.value, of: table)
            } else if let column = table.columns.firstIndex(where: { $0.name == parameter.name }) {
                conditions.append(
                    Condition(column: column, value: try Self.value(parameter, table.columns[column].type)))
            } else {
                let names = table.columns.map(\.name).filter { $0 != "limit" }.joined(separator: ", ")
                throw HTTPFailure(
                    400,
                    "\(table.name) has no column '\(parameter.name)'; there are limit, order_by, and the columns \(names)"
                )
            }
        }
    }

    private static func limit(_ text: String) throws(HTTPFailure) -> Int {
        guard let limit = Int(text), (1...HTTPLimits.rowsMaximum).contains(limit) else {
            throw HTTPFailure(400, "limit is a number from 1 to \(HTTPLimits.rowsMaximum)")
        }
        return limit
    }

    private static func order(_ text: String, of table: ConsoleTable) throws(HTTPFailure) -> Order {
        let isDescending = text.hasPrefix("-")
        let name = isDescending ? text.dropFirst() : text[...]
        guard let column = table.columns.firstIndex(where: { $0.name == name }) else {
            throw HTTPFailure(400, "order_by is a column of \(table.name), with a - in front for the largest first")
        }
        return Order(column: column, isDescending: isDescending)
    }

    private static func value(
        _ parameter: HTTPRequest.Parameter, _ type: ConsoleType
    ) throws(HTTPFailure) -> ConsoleValue {
        let text = parameter.value
        if text.isEmpty { return .null }
        switch type {
        case .text: return .text(text)
        // Times are asked for as they are answered.
        case .datetime:
            return .text((text.hasSuffix("Z") ? String(text.dropLast()) : text).replacing("T", with: " "))
        case .integer:
            guard let number = Int64(text) else { throw HTTPFailure(400, "\(parameter.name) is a whole number") }
            return .integer(number)
        case .real:
            guard let number = Double(text) else { throw HTTPFailure(400, "\(parameter.name) is a number") }
            return .real(number)
        }
    }

    /// The rows that are wanted, in the order that is wanted, and more of them than the limit says. Rows with the same
    /// value keep their order, and have it reversed when the largest come first.
    func chosen(_ rows: [[ConsoleValue]]) -> [[ConsoleValue]] {
        guard let order else { return rows.filter(contains) }
        let keyed = rows.enumerated().filter { contains($0.element) }.map { index, row in
            (key: order.column < row.count ? row[order.column] : .null, index: index, row: row)
        }
        let ordered = keyed.sorted { one, other in
            if one.key == other.key { return one.index < other.index }
            return Self.isLess(one.key, other.key)
        }
        return order.isDescending ? ordered.reversed().map(\.row) : ordered.map(\.row)
    }

    /// NULL comes first, and numbers before texts, as in the console.
    private static func isLess(_ one: ConsoleValue, _ other: ConsoleValue) -> Bool {
        switch (one, other) {
        case (.null, .null): false
        case (.null, _): true
        case (_, .null): false
        case (.integer(let one), .integer(let other)): one < other
        case (.text(let one), .text(let other)): one < other
        case (.text, _): false
        case (_, .text): true
        case (.real(let one), .real(let other)): one < other
        case (.real(let one), .integer(let other)): one < Double(other)
        case (.integer(let one), .real(let other)): Double(one) < other
        }
    }

    /// Whether a row is wanted. A short row is one that ends with NULL.
    func contains(_ row: [ConsoleValue]) -> Bool {
        conditions.allSatisfy { ($0.column < row.count ? row[$0.column] : .null) == $0.value }
    }
}
