// The server status word in OK and EOF packets.

/// SERVER_STATUS_* flags.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html#a1d854e841086925be1883e4d7b4e8cad
package struct StatusFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// SERVER_STATUS_IN_TRANS
    package static let inTransaction = StatusFlags(rawValue: 0x0001)
    /// SERVER_STATUS_AUTOCOMMIT
    package static let autocommit = StatusFlags(rawValue: 0x0002)
    /// SERVER_MORE_RESULTS_EXISTS
    package static let moreResultsExist = StatusFlags(rawValue: 0x0008)
    /// SERVER_QUERY_NO_GOOD_INDEX_USED
    package static let noGoodIndexUsed = StatusFlags(rawValue: 0x0010)
    /// SERVER_QUERY_NO_INDEX_USED
    package static let noIndexUsed = StatusFlags(rawValue: 0x0020)
    /// SERVER_STATUS_CURSOR_EXISTS
    package static let cursorExists = StatusFlags(rawValue: 0x0040)
    /// SERVER_STATUS_LAST_ROW_SENT
    package static let lastRowSent = StatusFlags(rawValue: 0x0080)
    /// SERVER_STATUS_DB_DROPPED
    package static let dbDropped = StatusFlags(rawValue: 0x0100)
    /// SERVER_STATUS_NO_BACKSLASH_ESCAPES
    package static let noBackslashEscapes = StatusFlags(rawValue: 0x0200)
    /// SERVER_STATUS_METADATA_CHANGED
    package static let metadataChanged = StatusFlags(rawValue: 0x0400)
    /// SERVER_QUERY_WAS_SLOW
    package static let queryWasSlow = StatusFlags(rawValue: 0x0800)
    /// SERVER_PS_OUT_PARAMS
    package static let psOutParams = StatusFlags(rawValue: 0x1000)
    /// SERVER_STATUS_IN_TRANS_READONLY
    package static let inTransactionReadOnly = StatusFlags(rawValue: 0x2000)
    /// SERVER_SESSION_STATE_CHANGED
    package static let sessionStateChanged = StatusFlags(rawValue: 0x4000)
    /// SERVER_STATUS_ANSI_QUOTES (MariaDB)
    package static let ansiQuotes = StatusFlags(rawValue: 0x8000)
}
