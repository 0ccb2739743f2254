// Which tables a console database has, in its own schema and in information_schema.

/// The tables by schema and name.
struct ConsoleCatalog: Sendable {
    /// The one database of the console.
    static let schema = "switchyard"
    /// The schema that describes it.
    static let informationSchema = "information_schema"
    /// What `SHOW TABLE STATUS` and `SHOW CREATE TABLE` call the storage engine.
    static let engine = "SWITCHYARD"

    /// The console's tables, in the order given.
    let tables: [ConsoleTable]
    /// `SCHEMATA`, `TABLES` and `COLUMNS`.
    let informationTables: [ConsoleTable]

    init(tables: [ConsoleTable]) {
        self.tables = tables
        informationTables = InformationSchema.tables(describing: tables)
    }

    /// The tables of a schema; throws 1049 for a schema that does not exist.
    func tables(in schema: String?) throws(ConsoleError) -> [ConsoleTable] {
        switch schema?.lowercased() {
        case nil, Self.schema?: return tables
        case Self.informationSchema?: return informationTables
        case _?: throw ConsoleError.unknownDatabase(schema ?? "")
        }
    }

    /// A table; throws 1049 or 1146.
    func table(_ name: String, in schema: String?) throws(ConsoleError) -> ConsoleTable {
        let candidates = try tables(in: schema)
        guard let table = candidates.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            throw ConsoleError.unknownTable("\(schema ?? Self.schema).\(name)", known: candidates.map(\.name))
        }
        return table
    }
}
