// The words the classifier reacts to by name; every other word is only an identifier, a function or reserved.

/// A word with a meaning to the classifier, in its lower-case spelling. Whether it is reserved, or a built-in
/// function, the `Lexicon` says.
package enum Keyword: String, Sendable, CaseIterable {
    case none = ""
    // Verbs.
    case select, values, table, with, insert, replace, update, delete, load, call, `do`, handler
    case begin, start, commit, rollback, savepoint, release, xa, set, use, show, describe, desc, explain, analyze
    case create, alter, drop, rename, truncate, lock, unlock, flush, reset, prepare, execute, deallocate, kill, get
    case signal, resignal, grant, revoke, optimize, check, repair, checksum, cache, install, uninstall
    case shutdown, restart, change, stop, purge, binlog, help, backup, clone, `import`
    // Clauses of reads.
    case from, join, straightJoin = "straight_join", into, `for`, `in`, `as`, on, share, procedure, like, `where`
    case sqlCalcFoundRows = "sql_calc_found_rows", next, previous, value, recursive, of, member, any, some, columns
    case or
    // Modifiers.
    case work, and, no, chain, not, atomic, transaction, read, only, write, to, temporary, tables, sequence
    case function, package, trigger, event, `if`, exists, lowPriority = "low_priority", highPriority = "high_priority"
    case delayed, ignore, quick, concurrent, immediate, local, infile, data, xml, index, close, open, collate, `default`
    case names, character, char, charset, password, role, global, session, persist, persistOnly = "persist_only"
    case statement, resource, authorization, isolation, `true`, `false`, null, off, diagnostics, export
    case aggregate, definer, database, schema, user, server
    // SHOW and EXPLAIN.
    case full, extended, variables, warnings, errors, count, profile, profiles, fields, indexes, keys, databases
    case schemas, collation, engines, storage, triggers, status, privileges, processlist, format, partitions
    case connection, instance, slave, replica, all, view, code, authors, contributors, option
    case master, replication, groupReplication = "group_replication", binary, relaylog, events
    // Schemas that hold the state of one server.
    case informationSchema = "information_schema", performanceSchema = "performance_schema", mysql, sys
    // Functions with effects.
    case getLock = "get_lock", releaseLock = "release_lock", releaseAllLocks = "release_all_locks"
    case isFreeLock = "is_free_lock", isUsedLock = "is_used_lock"
    case lastInsertID = "last_insert_id", foundRows = "found_rows", rowCount = "row_count"
    case nextval, lastval, setval, currval
    case masterPosWait = "master_pos_wait", sourcePosWait = "source_pos_wait", masterGTIDWait = "master_gtid_wait"
    case waitForExecutedGTIDSet = "wait_for_executed_gtid_set"
    case jsonTable = "json_table", point
    case loadFile = "load_file", connectionID = "connection_id"
    case psThreadID = "ps_thread_id", psCurrentThreadID = "ps_current_thread_id", binlogGTIDPos = "binlog_gtid_pos"
    case wsrepLastWrittenGTID = "wsrep_last_written_gtid", wsrepLastSeenGTID = "wsrep_last_seen_gtid"
    case wsrepSyncWaitUpto = "wsrep_sync_wait_upto_gtid"
}
