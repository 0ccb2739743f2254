// One scan of one console table on behalf of SQLite.

import CSQLite

/// The rows a scan walks: a snapshot, and which of its rows.
final class VirtualTableCursor {
    private let binding: TableBinding
    private var snapshot = TableSnapshot(rows: [])
    /// Positions to visit; nil for all rows.
    private var selection: [Int]?
    private var position = 0

    init(binding: TableBinding) { self.binding = binding }

    /// A scan begins: of all rows, or of those whose column may equal a value.
    func start(equality: (column: Int, value: ConsoleValue)?) {
        snapshot = binding.context.snapshot(of: binding)
        selection = equality.flatMap { snapshot.rows(whereColumn: $0.column, equals: $0.value) }
        position = 0
    }

    func advance() { position += 1 }

    var isAtEnd: Bool { position >= (selection?.count ?? snapshot.rows.count) }

    /// The row's place in the snapshot; SQLite's rowid.
    var rowNumber: Int { selection.map { $0[position] } ?? position }

    /// A value of the current row; NULL where the row is short.
    func value(at column: Int) -> ConsoleValue {
        guard !isAtEnd else { return .null }
        let row = snapshot.rows[rowNumber]
        return column >= 0 && column < row.count ? row[column] : .null
    }

    private static func of(_ pointer: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> VirtualTableCursor? {
        guard let pointer else { return nil }
        let whole = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: switchyard_virtual_cursor.self)
        return whole.pointee.cursor.map { Unmanaged<VirtualTableCursor>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Puts the scan's functions into a module.
    static func install(in module: inout sqlite3_module) {
        module.xOpen = { table, result in
            guard let table else { return SQLITE_MISUSE }
            let whole = UnsafeMutableRawPointer(table).assumingMemoryBound(to: switchyard_virtual_table.self)
            guard let opaque = whole.pointee.binding else { return SQLITE_MISUSE }
            let binding = Unmanaged<TableBinding>.fromOpaque(opaque).takeUnretainedValue()
            let cursor = UnsafeMutablePointer<switchyard_virtual_cursor>.allocate(capacity: 1)
            cursor.initialize(to: switchyard_virtual_cursor())
            cursor.pointee.cursor = Unmanaged.passRetained(VirtualTableCursor(binding: binding)).toOpaque()
            result?.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
            return SQLITE_OK
        }
        module.xClose = { pointer in
            guard let pointer else { return SQLITE_OK }
            let whole = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: switchyard_virtual_cursor.self)
            if let cursor = whole.pointee.cursor { Unmanaged<VirtualTableCursor>.fromOpaque(cursor).release() }
            whole.deallocate()
            return SQLITE_OK
        }
        module.xFilter = { pointer, plan, _, count, arguments in
            guard let cursor = VirtualTableCursor.of(pointer) else { return SQLITE_MISUSE }
            if plan > 0, count > 0, let argument = arguments?[0] {
                cursor.start(equality: (Int(plan) - 1, ConsoleValue(argument)))
            } else {
                cursor.start(equality: nil)
            }
            return SQLITE_OK
        }
        module.xNext = { pointer in
            VirtualTableCursor.of(pointer)?.advance()
            return SQLITE_OK
        }
        module.xEof = { pointer in VirtualTableCursor.of(pointer)?.isAtEnd ?? true ? 1 : 0 }
        module.xColumn = { pointer, context, column in
            guard let cursor = VirtualTableCursor.of(pointer) else { return SQLITE_MISUSE }
            cursor.value(at: Int(column)).set(asResultOf: context)
            return SQLITE_OK
        }
        module.xRowid = { pointer, result in
            guard let cursor = VirtualTableCursor.of(pointer) else { return SQLITE_MISUSE }
            result?.pointee = Int64(cursor.rowNumber)
            return SQLITE_OK
        }
    }
}
