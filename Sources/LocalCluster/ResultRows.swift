// Reads the XML that the command-line client prints, the only form of its output that tells NULL from 'NULL'.

/// One row: the columns' names and their values, nil for NULL.
struct ResultRow: Sendable, Equatable {
    var names: [String] = []
    var values: [String?] = []

    /// The value of the first column of that name, nil when there is none or it is NULL.
    subscript(name: String) -> String? {
        guard let index = names.firstIndex(of: name) else { return nil }
        return values[index]
    }
}

/// Parses `<row>` elements; everything else (prologue, `<resultset>`) is skipped. All text between tags is escaped by
/// the client, so a tag's bytes cannot occur in data.
struct ResultRows {
    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The rows of all result sets in the order in which they were printed.
    static func parse(_ bytes: [UInt8]) -> [ResultRow] {
        var parser = ResultRows(bytes)
        var rows: [ResultRow] = []
        while parser.skip(past: "<row>") { rows.append(parser.row()) }
        return rows
    }

    private mutating func row() -> ResultRow {
        var row = ResultRow()
        while true {
            guard skip(to: "<") else { return row }
            if starts(with: "</row>") { return row }
            guard skip(past: "<field name=\""), let name = text(until: "\"") else { return row }
            if starts(with: " xsi:nil") {
                guard skip(past: "/>") else { return row }
                row.names.append(name)
                row.values.append(nil)
            } else {
                guard skip(past: ">"), let value = text(until: "</field>") else { return row }
                row.names.append(name)
                row.values.append(value)
            }
        }
    }

    /// The unescaped text before `end`, and moves past `end`.
    private mutating func text(until end: StaticString) -> String? {
        let start = position
        guard skip(to: end) else { return nil }
        let raw = bytes[start..<position]
        position += end.utf8CodeUnitCount
        return unescaped(raw)
    }

    private mutating func skip(past mark: StaticString) -> Bool {
        guard skip(to: mark) else { return false }
        position += mark.utf8CodeUnitCount
        return true
    }

    private mutating func skip(to mark: StaticString) -> Bool {
        let first = mark.utf8Start.pointee
        while position < bytes.count {
            if bytes[position] == first, starts(with: mark) { return true }
            position += 1
        }
        return false
    }

    private func starts(with mark: StaticString) -> Bool {
        guard bytes.count - position >= mark.utf8CodeUnitCount else { return false }
        return mark.withUTF8Buffer { mark in mark.indices.allSatisfy { mark[$0] == bytes[position + $0] } }
    }

    private func unescaped(_ raw: ArraySlice<UInt8>) -> String {
        guard raw.contains(UInt8(ascii: "&")) else { return String(decoding: raw, as: UTF8.self) }
        let entities: [(String, UInt8)] = [
            ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")), ("&quot;", UInt8(ascii: "\"")),
            ("&amp;", UInt8(ascii: "&")),
        ]
        var plain: [UInt8] = []
        plain.reserveCapacity(raw.count)
        var rest = raw
        while let byte = rest.first {
            if byte == UInt8(ascii: "&"), let entity = entities.first(where: { rest.starts(with: $0.0.utf8) }) {
                plain.append(entity.1)
                rest = rest.dropFirst(entity.0.utf8.count)
            } else {
                plain.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
