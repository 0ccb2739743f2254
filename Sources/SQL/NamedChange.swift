// What a statement does to things that have names on one connection: temporary tables, user locks, HANDLERs.

/// One change, in the order of the text. Names are as written but without quotes.
package enum NamedChange: Sendable, Equatable {
    /// `CREATE TEMPORARY TABLE` or `SEQUENCE`; nil when the text does not tell the name.
    case temporaryTableCreated(TableName?)
    /// `DROP [TEMPORARY] TABLE` or `SEQUENCE`.
    case tablesDropped([TableName])
    /// `ALTER TABLE … RENAME`, which takes a temporary table first; nil when the text does not tell the new name.
    case tableAltered(from: TableName, to: TableName?)
    /// One pair of `RENAME TABLE`, which MariaDB does to temporary tables and MySQL does not (10.11, 11.8, 9.7).
    case tableRenamed(from: TableName, to: TableName)
    /// `HANDLER t OPEN [AS name]`; nil when the text does not tell.
    case handlerOpened([UInt8]?)
    case handlerClosed([UInt8])
    /// `GET_LOCK`, letters in lower case; nil when the text does not tell the name, or how often it is called.
    case lockTaken([UInt8]?)
    case lockReleased([UInt8])
    case allLocksReleased
    /// `XA START`.
    case distributedTransactionBegan
    /// `XA RECOVER`, which is about those of everybody.
    case distributedTransactionsListed
    /// `XA COMMIT` or `XA ROLLBACK`, which a session with a transaction of its own under way can only do to that one.
    case distributedTransactionEnded
    /// `SET sql_log_bin`.
    case binaryLogSwitched(on: Bool)
}
