// The server status word in OK and EOF packets.

/// SERVER_STATUS_* flags.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html#a1d854e841086925be1883e4d7b4e8cad
@usableFromInline package struct StatusFlags: OptionSet, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt16

    @inlinable package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// SERVER_STATUS_IN_TRANS
    @inlinable package static var inTransaction: StatusFlags { StatusFlags(rawValue: 0x0001) }
    /// SERVER_STATUS_AUTOCOMMIT
    @inlinable package static var autocommit: StatusFlags { StatusFlags(rawValue: 0x0002) }
    /// SERVER_MORE_RESULTS_EXISTS
    @inlinable package static var moreResultsExist: StatusFlags { StatusFlags(rawValue: 0x0008) }
    /// SERVER_QUERY_NO_GOOD_INDEX_USED
    @inlinable package static var noGoodIndexUsed: StatusFlags { StatusFlags(rawValue: 0x0010) }
    /// SERVER_QUERY_NO_INDEX_USED
    @inlinable package static var noIndexUsed: StatusFlags { StatusFlags(rawValue: 0x0020) }
    /// SERVER_STATUS_CURSOR_EXISTS
    @inlinable package static var cursorExists: StatusFlags { StatusFlags(rawValue: 0x0040) }
    /// SERVER_STATUS_LAST_ROW_SENT
    @inlinable package static var lastRowSent: StatusFlags { StatusFlags(rawValue: 0x0080) }
    /// SERVER_STATUS_DB_DROPPED
    @inlinable package static var dbDropped: StatusFlags { StatusFlags(rawValue: 0x0100) }
    /// SERVER_STATUS_NO_BACKSLASH_ESCAPES
    @inlinable package static var noBackslashEscapes: StatusFlags { StatusFlags(rawValue: 0x0200) }
    /// SERVER_STATUS_METADATA_CHANGED
    @inlinable package static var metadataChanged: StatusFlags { StatusFlags(rawValue: 0x0400) }
    /// SERVER_QUERY_WAS_SLOW
    @inlinable package static var queryWasSlow: StatusFlags { StatusFlags(rawValue: 0x0800) }
    /// SERVER_PS_OUT_PARAMS
    @inlinable package static var psOutParams: StatusFlags { StatusFlags(rawValue: 0x1000) }
    /// SERVER_STATUS_IN_TRANS_READONLY
    @inlinable package static var inTransactionReadOnly: StatusFlags { StatusFlags(rawValue: 0x2000) }
    /// SERVER_SESSION_STATE_CHANGED
    @inlinable package static var sessionStateChanged: StatusFlags { StatusFlags(rawValue: 0x4000) }
    /// SERVER_STATUS_ANSI_QUOTES (MariaDB)
    @inlinable package static var ansiQuotes: StatusFlags { StatusFlags(rawValue: 0x8000) }
}
