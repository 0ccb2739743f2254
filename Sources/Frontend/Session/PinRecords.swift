// When each pin was set, and by which statement.
internal import Routing
internal import SQL

/// One pin as people see it.
package struct PinSnapshot: Sendable, Equatable {
    /// Why the session cannot leave its connection.
    package let reason: String
    /// Wall-clock milliseconds.
    package let sinceUnixMilliseconds: Int64
    /// The statement that pinned: as it is when short, its digest when long; empty for a command without a text.
    package let statement: String
    /// What releases it.
    package let releaseRule: String
}

/// A record for each reason that ever held; the storage of one that was released is used again.
struct PinRecords {
    private struct Record {
        let position: Int
        var sinceUnixMilliseconds: Int64
        var statement: [UInt8]
    }

    private var records: [Record] = []

    /// These pins were set now, by this statement.
    mutating func note(_ pins: SessionPins, _ nowUnixMilliseconds: Int64, _ statement: [UInt8], _ mode: SQLMode) {
        var rest = pins.rawValue
        while rest != 0 {
            let position = rest.trailingZeroBitCount
            rest &= rest - 1
            let index = index(of: position)
            records[index].sinceUnixMilliseconds = nowUnixMilliseconds
            records[index].statement.removeAll(keepingCapacity: true)
            if statement.count <= FrontendLimits.pinStatementBytes {
                records[index].statement += statement
            } else {
                // What is long holds values, which are nobody's business.
                records[index].statement = statement.withUnsafeBytes {
                    Digest.text(of: $0, mode: mode, maximumLength: FrontendLimits.pinStatementBytes)
                }
            }
        }
    }

    private mutating func index(of position: Int) -> Int {
        if let index = records.firstIndex(where: { $0.position == position }) { return index }
        records.append(Record(position: position, sinceUnixMilliseconds: 0, statement: []))
        return records.count - 1
    }

    /// The pins that hold, for the console.
    func snapshots(of pins: SessionPins, _ names: HeldNames) -> [PinSnapshot] {
        pins.positions.map { position in
            let pin = SessionPins(rawValue: 1 << UInt32(position))
            let record = records.first { $0.position == position }
            return PinSnapshot(
                reason: pin.names[0], sinceUnixMilliseconds: record?.sinceUnixMilliseconds ?? 0,
                statement: record.map { String(decoding: $0.statement, as: UTF8.self) } ?? "",
                releaseRule: names.releaseRule(pin) ?? pin.releaseRules[0])
        }
    }
}
