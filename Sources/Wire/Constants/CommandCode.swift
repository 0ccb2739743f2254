// The first byte of every command a client sends.

/// COM_* codes; the manual's name stands in each comment.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html
@usableFromInline package enum CommandCode: UInt8, CaseIterable, Sendable {
    /// COM_SLEEP
    case sleep = 0x00
    /// COM_QUIT
    case quit = 0x01
    /// COM_INIT_DB
    case initDB = 0x02
    /// COM_QUERY
    case query = 0x03
    /// COM_FIELD_LIST
    case fieldList = 0x04
    /// COM_CREATE_DB
    case createDB = 0x05
    /// COM_DROP_DB
    case dropDB = 0x06
    /// COM_REFRESH
    case refresh = 0x07
    /// COM_SHUTDOWN
    case shutdown = 0x08
    /// COM_STATISTICS
    case statistics = 0x09
    /// COM_PROCESS_INFO
    case processInfo = 0x0A
    /// COM_CONNECT
    case connect = 0x0B
    /// COM_PROCESS_KILL
    case processKill = 0x0C
    /// COM_DEBUG
    case debug = 0x0D
    /// COM_PING
    case ping = 0x0E
    /// COM_TIME
    case time = 0x0F
    /// COM_DELAYED_INSERT
    case delayedInsert = 0x10
    /// COM_CHANGE_USER
    case changeUser = 0x11
    /// COM_BINLOG_DUMP
    case binlogDump = 0x12
    /// COM_TABLE_DUMP
    case tableDump = 0x13
    /// COM_CONNECT_OUT
    case connectOut = 0x14
    /// COM_REGISTER_SLAVE
    case registerSlave = 0x15
    /// COM_STMT_PREPARE
    case statementPrepare = 0x16
    /// COM_STMT_EXECUTE
    case statementExecute = 0x17
    /// COM_STMT_SEND_LONG_DATA
    case statementSendLongData = 0x18
    /// COM_STMT_CLOSE
    case statementClose = 0x19
    /// COM_STMT_RESET
    case statementReset = 0x1A
    /// COM_SET_OPTION
    case setOption = 0x1B
    /// COM_STMT_FETCH
    case statementFetch = 0x1C
    /// COM_DAEMON
    case daemon = 0x1D
    /// COM_BINLOG_DUMP_GTID
    case binlogDumpGTID = 0x1E
    /// COM_RESET_CONNECTION
    case resetConnection = 0x1F
    /// COM_CLONE
    case clone = 0x20
    /// COM_SUBSCRIBE_GROUP_REPLICATION_STREAM
    case subscribeGroupReplicationStream = 0x21
    /// COM_STMT_BULK_EXECUTE (MariaDB)
    case statementBulkExecute = 0xFA
    /// COM_MULTI (MariaDB, withdrawn)
    case multi = 0xFE

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}
