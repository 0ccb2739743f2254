// Where planted bugs strike.

import ConsistencyChecker
import TestSupport

extension Player {
    private var strikes: Bool { dice.once(in: Plant.rarity) }

    /// Sends a statement the way a proxy with this bug would.
    func send(_ statement: Statement, _ plant: Plant) throws(Refusal) -> [Reply] {
        switch (plant, statement.purpose) {
        case (.staleRead, .read) where !isInTransaction: return try send(statement, strayClient())
        case (.goingBack, .read) where strikes: return Self.shifted(try send(statement, client), by: -1)
        case (.futureRead, .read) where strikes: return Self.shifted(try send(statement, client), by: 1_000_000)
        case (.lostVariable, .setVariable) where strikes: return [Reply()]
        case (.lostIncrement, .raise) where strikes: return [Reply()]
        case (.doubledIncrement, .raise) where strikes: _ = try send(statement, client)
        case (.leakedVariable, .seeVariable(let name)) where strikes:
            if let value = ground.value(of: name, notFrom: session) {
                _ = try client.query("SET SESSION \(name) = \(value)")
            }
        case (.leakedSchema, .seeSchema) where strikes: _ = try client.query("USE mysql")
        case (.leakedTemporaryTable, .seeTemporaryTable) where strikes:
            _ = try client.query("CREATE TEMPORARY TABLE IF NOT EXISTS app.passing (session BIGINT)")
            _ = try client.query("INSERT INTO app.passing VALUES (\(Plant.stranger))")
            let replies = try send(statement, client)
            _ = try client.query("DROP TEMPORARY TABLE app.passing")
            return replies
        case (.wrongInsertID, .seeInsertID) where strikes:
            _ = try client.query("INSERT INTO app.journal (session, number) VALUES (\(Plant.stranger), 0)")
        case (.leakedWarnings, .seeWarnings) where strikes:
            _ = try client.query("SELECT CAST('s\(Plant.stranger)w0x' AS SIGNED) FROM app.numbers WHERE n = 1")
        case (.sharedLock, .lock):
            var granted = Reply()
            granted.rows = [["1"]]
            _ = try send(statement, client)
            return [granted]
        case (.keptPin, .release): return [Reply()]
        default: break
        }
        return try send(statement, client)
    }

    /// The same results with other numbers.
    private static func shifted(_ replies: [Reply], by distance: Int) -> [Reply] {
        replies.map { reply in
            var reply = reply
            reply.rows = reply.rows.map { row in
                var row = row
                if let last = row.last.flatMap({ $0 }).flatMap({ Int($0) }), last > 0 {
                    row[row.count - 1] = "\(last + distance)"
                }
                return row
            }
            return reply
        }
    }
}
