// The system variables that drivers and GUIs ask for when they connect, with the answers that suit this console.

/// Name and value of every `@@variable` the console knows.
struct SystemVariables: Sendable {
    /// Sorted by name.
    let all: [(name: String, value: ConsoleValue)]
    private let values: [String: ConsoleValue]

    /// The variables of a console that calls itself `version`.
    init(version: String, limits: ConsoleLimits) {
        var values = Self.fixed
        values["version"] = .text(version)
        values["max_execution_time"] = .integer(limits.statementTimeout.components.seconds * 1_000)
        values["sql_select_limit"] = .integer(Int64(limits.resultRowsMaximum))
        self.values = values
        all = values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// A value by name in any case; nil for an unknown variable.
    subscript(name: String) -> ConsoleValue? { values[name.lowercased()] }

    private static let fixed: [String: ConsoleValue] = [
        "auto_increment_increment": 1,
        "autocommit": 1,
        "back_log": 128,
        "basedir": "",
        "character_set_client": .text(InformationSchema.characterSet),
        "character_set_connection": .text(InformationSchema.characterSet),
        "character_set_database": .text(InformationSchema.characterSet),
        "character_set_results": .text(InformationSchema.characterSet),
        "character_set_server": .text(InformationSchema.characterSet),
        "character_set_system": .text(InformationSchema.characterSet),
        "collation_connection": .text(InformationSchema.collation),
        "collation_database": .text(InformationSchema.collation),
        "collation_server": .text(InformationSchema.collation),
        "datadir": "",
        "default_storage_engine": .text(ConsoleCatalog.engine),
        "event_scheduler": "OFF",
        "foreign_key_checks": 0,
        "have_query_cache": "NO",
        "have_ssl": "YES",
        "init_connect": "",
        "innodb_version": "",
        "interactive_timeout": 28_800,
        "license": "Apache-2.0",
        "lower_case_file_system": "OFF",
        "lower_case_table_names": 1,
        "max_allowed_packet": 16_777_216,
        "max_connections": 100,
        "net_buffer_length": 16_384,
        "net_read_timeout": 30,
        "net_write_timeout": 60,
        "performance_schema": 0,
        "protocol_version": 10,
        "query_cache_size": 0,
        "query_cache_type": "OFF",
        "read_only": 1,
        "sql_auto_is_null": 0,
        "sql_mode": "STRICT_TRANS_TABLES",
        "sql_notes": 1,
        "sql_safe_updates": 0,
        "sql_warnings": 0,
        "super_read_only": 1,
        "system_time_zone": "UTC",
        "time_zone": "+00:00",
        "transaction_isolation": "REPEATABLE-READ",
        "transaction_read_only": 0,
        "tx_isolation": "REPEATABLE-READ",
        "tx_read_only": 0,
        "unique_checks": 0,
        "version_comment": "Switchyard console",
        "version_compile_machine": .text(Self.machine),
        "version_compile_os": "Linux",
        "wait_timeout": 28_800,
    ]

    private static var machine: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }
}
