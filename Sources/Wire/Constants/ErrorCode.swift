// The error numbers a proxy sends or recognises, with their SQLSTATE.

/// ER_* (server) and CR_* (client) numbers; the manual's name stands in each comment.
/// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
package enum ErrorCode: UInt16, CaseIterable, Sendable {
    /// ER_CON_COUNT_ERROR
    case tooManyConnections = 1040
    /// ER_HANDSHAKE_ERROR
    case handshakeError = 1043
    /// ER_DBACCESS_DENIED_ERROR
    case schemaAccessDenied = 1044
    /// ER_NO_SUCH_THREAD
    case noSuchThread = 1094
    /// ER_KILL_DENIED_ERROR
    case killDenied = 1095
    /// ER_ACCESS_DENIED_ERROR
    case accessDenied = 1045
    /// ER_NO_DB_ERROR
    case noSchemaSelected = 1046
    /// ER_UNKNOWN_COM_ERROR
    case unknownCommand = 1047
    /// ER_SERVER_SHUTDOWN
    case serverShutdown = 1053
    /// ER_PARSE_ERROR
    case parseError = 1064
    /// ER_UNKNOWN_ERROR
    case unknownError = 1105
    /// ER_HOST_IS_BLOCKED
    case hostIsBlocked = 1129
    /// ER_HOST_NOT_PRIVILEGED
    case hostNotPrivileged = 1130
    /// ER_NET_PACKET_TOO_LARGE
    case packetTooLarge = 1153
    /// ER_NET_PACKETS_OUT_OF_ORDER
    case packetsOutOfOrder = 1156
    /// ER_NET_READ_ERROR
    case networkReadError = 1158
    /// ER_NET_READ_INTERRUPTED
    case networkReadInterrupted = 1159
    /// ER_NET_ERROR_ON_WRITE
    case networkWriteError = 1160
    /// ER_NET_WRITE_INTERRUPTED
    case networkWriteInterrupted = 1161
    /// ER_TOO_MANY_USER_CONNECTIONS
    case tooManyUserConnections = 1203
    /// ER_LOCK_WAIT_TIMEOUT
    case lockWaitTimeout = 1205
    /// ER_LOCK_DEADLOCK
    case lockDeadlock = 1213
    /// ER_USER_LIMIT_REACHED
    case userLimitReached = 1226
    /// ER_UNKNOWN_STMT_HANDLER
    case unknownStatementHandler = 1243
    /// ER_NOT_SUPPORTED_AUTH_MODE
    case notSupportedAuthMode = 1251
    /// ER_OPTION_PREVENTS_STATEMENT: among others `--read-only`
    case optionPreventsStatement = 1290
    /// ER_UNSUPPORTED_PS
    case unsupportedPreparedStatement = 1295
    /// ER_QUERY_INTERRUPTED
    case queryInterrupted = 1317
    /// ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    case cannotExecuteInReadOnlyTransaction = 1792
    /// ER_MALFORMED_PACKET
    case malformedCommand = 1835
    /// ER_READ_ONLY_MODE
    case readOnlyMode = 1836
    /// ER_CONNECTION_KILLED (MariaDB)
    case connectionKilled = 1927
    /// ER_NO_SUCH_QUERY (MariaDB)
    case noSuchQuery = 1957
    /// CR_CONNECTION_ERROR
    case connectionError = 2002
    /// CR_CONN_HOST_ERROR
    case connectHostError = 2003
    /// CR_SERVER_GONE_ERROR
    case serverGone = 2006
    /// CR_SERVER_LOST
    case serverLost = 2013
    /// CR_MALFORMED_PACKET
    case malformedPacket = 2027
    /// ER_SECURE_TRANSPORT_REQUIRED
    case secureTransportRequired = 3159

    /// The five characters that go with the number.
    package var sqlState: String {
        switch self {
        case .tooManyConnections: "08004"
        case .handshakeError, .unknownCommand, .serverShutdown, .packetTooLarge, .packetsOutOfOrder: "08S01"
        case .networkReadError, .networkReadInterrupted, .networkWriteError, .networkWriteInterrupted: "08S01"
        case .schemaAccessDenied, .tooManyUserConnections, .userLimitReached: "42000"
        case .parseError: "42000"
        case .accessDenied: "28000"
        case .noSchemaSelected: "3D000"
        case .lockDeadlock: "40001"
        case .notSupportedAuthMode: "08004"
        case .queryInterrupted: "70100"
        case .cannotExecuteInReadOnlyTransaction: "25006"
        case .connectionKilled: "70100"
        case .unknownError, .hostIsBlocked, .hostNotPrivileged, .lockWaitTimeout, .unknownStatementHandler: "HY000"
        case .optionPreventsStatement, .unsupportedPreparedStatement, .readOnlyMode: "HY000"
        case .connectionError, .connectHostError, .serverGone, .serverLost, .malformedPacket: "HY000"
        case .secureTransportRequired, .noSuchThread, .killDenied, .malformedCommand, .noSuchQuery: "HY000"
        }
    }
}
