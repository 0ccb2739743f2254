// What errors mean to clients that go on after them.

/// What the numbers of errors mean to a client.
package enum ErrorCodes {
    /// InnoDB chose the transaction to end a deadlock, and rolled it back.
    package static let deadlock = 1213
    /// Somebody else changed a row since the transaction's snapshot (innodb_snapshot_isolation, on from MariaDB 11.6
    /// on): InnoDB rolls the transaction back, as it does one in a deadlock.
    package static let rowChanged = 1020
    /// The transaction is gone with its connection.
    package static let transactionLost = 9505
    /// State that only the lost connection had is gone.
    package static let stateLost = 9506

    /// After them there is no transaction any more.
    package static let endsTransaction: Set = [deadlock, rowChanged, transactionLost, stateLost, WireClient.lostCode]
    /// After them the session is a new one, or needs to be.
    package static let losesState: Set = [stateLost, WireClient.lostCode]
    /// What the statement did is not known.
    package static let unknown: Set = [9504, 9507, 9516, stateLost, WireClient.lostCode]

    /// Lock waits, deadlocks and rows that others changed; several statements in one text in a read-only transaction on
    /// a replica; counts and warnings of a statement whose connection is gone.
    package static let bearable: Set = [1205, deadlock, rowChanged, 9510, 9511, 9512]
    /// While the primary changes.
    package static let bearableInSwitchover: Set = [1290, 1836, 9501, 9502, 9503, 9504, 9505, 9506, 9507, 9516]
}
