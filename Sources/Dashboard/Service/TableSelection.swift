// Which rows of a table a request wants: `?cluster=main&limit=10`.
internal import Admin

/// Columns that must equal something, and how many rows at most.
struct TableSelection: Sendable, Equatable {
    struct Condition: Sendable, Equatable {
        let column: Int
        /// NULL equals NULL here: `?node=` asks for rows without a node.
        let value: ConsoleValue
    }

    private(set) var conditions: [Condition] = []
    private(set) var limit = HTTPLimits.rowsDefault

    init(_ query: [HTTPRequest.Parameter], of table: ConsoleTable) throws(HTTPFailure) {
        for parameter in query {
            if parameter.name == "limit" {
                limit = try Self.limit(parameter.value)
            } else if let column = table.columns.firstIndex(where: { $0.name == parameter.name }) {
                conditions.append(
                    Condition(column: column, value: try Self.value(parameter, table.columns[column].type)))
            } else {
                let names = table.columns.map(\.name).filter { $0 != "limit" }.joined(separator: ", ")
                throw HTTPFailure(
                    400, "\(table.name) has no column '\(parameter.name)'; there are limit, and the columns \(names)")
            }
        }
    }

    private static func limit(_ text: String) throws(HTTPFailure) -> Int {
        guard let limit = Int(text), (1...HTTPLimits.rowsMaximum).contains(limit) else {
            throw HTTPFailure(400, "limit is a number from 1 to \(HTTPLimits.rowsMaximum)")
        }
        return limit
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

    /// Whether a row is wanted. A short row is one that ends with NULL.
    func contains(_ row: [ConsoleValue]) -> Bool {
        conditions.allSatisfy { ($0.column < row.count ? row[$0.column] : .null) == $0.value }
    }
}
