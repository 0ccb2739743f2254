// The SQLite virtual table module behind every console table: create, plan, destroy. Scans are in VirtualTableCursor.

import CSQLite

/// The tables a module can create, by schema and name; lives as long as the SQLite connection.
final class TableRegistry {
    private var bindings: [String: TableBinding] = [:]

    private static func key(_ schema: String, _ name: String) -> String { "\(schema)\u{0}\(name)".lowercased() }

    /// Adds a table; false if the name is taken.
    func add(_ binding: TableBinding) -> Bool {
        let key = Self.key(binding.schema, binding.table.name)
        guard bindings[key] == nil else { return false }
        bindings[key] = binding
        return true
    }

    func binding(schema: String, name: String) -> TableBinding? { bindings[Self.key(schema, name)] }
}

/// The C side of the module.
enum VirtualTableModule {
    /// The name in `CREATE VIRTUAL TABLE … USING`.
    static let name = "console"

    /// What SQLite is told a full scan costs; the real number is only known after the snapshot.
    private static let assumedRows = 1_000
    /// What an equality look-up is assumed to return.
    private static let assumedMatches = 10

    /// The module's functions. xCreate and xConnect are one function, and nothing is written.
    static func makeModule() -> sqlite3_module {
        var module = sqlite3_module()
        module.iVersion = 1
        module.xCreate = connect
        module.xConnect = connect
        module.xBestIndex = { _, information in
            information.map { VirtualTableModule.plan($0) } ?? SQLITE_MISUSE
        }
        module.xDisconnect = disconnect
        module.xDestroy = disconnect
        VirtualTableCursor.install(in: &module)
        return module
    }

    private static let connect:
        @convention(c) (
            OpaquePointer?, UnsafeMutableRawPointer?, Int32, UnsafePointer<UnsafePointer<CChar>?>?,
            UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?,
            UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        ) -> Int32 = { connection, auxiliary, count, arguments, result, _ in
            // Arguments are: module, schema, table, then what stood in parentheses.
            guard let auxiliary, let arguments, count >= 3, let schema = arguments[1], let name = arguments[2] else {
                return SQLITE_MISUSE
            }
            let registry = Unmanaged<TableRegistry>.fromOpaque(auxiliary).takeUnretainedValue()
            guard let binding = registry.binding(schema: String(cString: schema), name: String(cString: name)) else {
                return SQLITE_ERROR
            }
            let status = sqlite3_declare_vtab(connection, VirtualTableModule.declaration(of: binding.table))
            guard status == SQLITE_OK else { return status }
            let table = UnsafeMutablePointer<switchyard_virtual_table>.allocate(capacity: 1)
            table.initialize(to: switchyard_virtual_table())
            table.pointee.binding = Unmanaged.passRetained(binding).toOpaque()
            result?.pointee = UnsafeMutableRawPointer(table).assumingMemoryBound(to: sqlite3_vtab.self)
            return SQLITE_OK
        }

    private static let disconnect: @convention(c) (UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 = { table in
        guard let table else { return SQLITE_OK }
        let whole = UnsafeMutableRawPointer(table).assumingMemoryBound(to: switchyard_virtual_table.self)
        if let binding = whole.pointee.binding { Unmanaged<TableBinding>.fromOpaque(binding).release() }
        whole.deallocate()
        return SQLITE_OK
    }

    private static func declaration(of table: ConsoleTable) -> String {
        let columns = table.columns.map { "\(ConsoleValue.quoted($0.name, with: "\"")) \($0.type.declaration)" }
        return "CREATE TABLE x(\(columns.joined(separator: ", ")))"
    }

    /// Uses one equality on a column that compares bytes; SQLite checks it again (`omit` stays 0).
    private static func plan(_ information: UnsafeMutablePointer<sqlite3_index_info>) -> Int32 {
        let count = Int(information.pointee.nConstraint)
        for position in 0..<count {
            guard let constraint = information.pointee.aConstraint?[position],
                let usage = information.pointee.aConstraintUsage,
                constraint.usable != 0, constraint.op == UInt8(SQLITE_INDEX_CONSTRAINT_EQ), constraint.iColumn >= 0,
                let collation = sqlite3_vtab_collation(information, Int32(position)),
                String(cString: collation).uppercased() == "BINARY"
            else { continue }
            usage[position].argvIndex = 1
            information.pointee.idxNum = constraint.iColumn + 1
            information.pointee.estimatedCost = Double(assumedMatches)
            information.pointee.estimatedRows = Int64(assumedMatches)
            return SQLITE_OK
        }
        information.pointee.idxNum = 0
        information.pointee.estimatedCost = Double(assumedRows)
        information.pointee.estimatedRows = Int64(assumedRows)
        return SQLITE_OK
    }
}
