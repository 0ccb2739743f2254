// Words that are not names of functions or tables: reserved words and type names, system variables of interest.

enum ReservedWords {
    /// Reserved in both families (MariaDB and MySQL 8 manuals, "Keywords and Reserved Words"): followed by `(`
    /// none of them can be a stored function.
    static let both: StaticString = """
        accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call cascade
        case change char character check collate column condition constraint continue convert create cross
        current_date current_time current_timestamp current_user cursor database databases day_hour
        day_microsecond day_minute day_second dec decimal declare default delayed delete desc describe deterministic
        distinct distinctrow div double drop dual each else elseif enclosed escaped except exists exit explain
        false fetch float float4 float8 for force foreign from fulltext grant group having
        high_priority hour_microsecond hour_minute hour_second if ignore in index infile inner inout insensitive
        insert int int1 int2 int3 int4 int8 integer intersect interval into is iterate join key keys kill leading leave
        left like limit linear lines load localtime localtimestamp lock long longblob longtext loop
        low_priority match maxvalue mediumblob mediumint mediumtext middleint minute_microsecond
        minute_second mod modifies natural not no_write_to_binlog null numeric on optimize option
        optionally or order out outer outfile over partition precision primary procedure purge range read reads
        read_write real recursive references regexp release rename repeat replace require resignal restrict return
        revoke right rlike rows schema schemas second_microsecond select sensitive separator set show signal smallint
        spatial specific sql sqlexception sqlstate sqlwarning sql_big_result sql_calc_found_rows
        sql_small_result ssl starting straight_join table terminated then tinyblob tinyint tinytext to trailing
        trigger true undo union unique unlock unsigned update usage use using utc_date utc_time utc_timestamp
        values varbinary varchar varcharacter varying when where while window with write xor year_month zerofill
        """
    /// Reserved in MySQL 8 only.
    static let mySQL: StaticString = """
        cube empty function generated get grouping groups io_after_gtids io_before_gtids json_table lateral
        master_bind of optimizer_costs stored system virtual
        """
    /// Type names that take a length; neither family's grammar has them as the name of an unqualified call.
    static let types: StaticString = "bit datetime nchar nvarchar text"
    /// Reserved words that begin or belong to writing statements: unquoted and not after a dot, they do not occur
    /// in a pure read. `INSERT(` and `REPLACE(` are functions and are looked at apart.
    static let writing: StaticString = """
        alter call create delete drop grant insert kill load lock optimize purge rename replace resignal
        revoke signal unlock update
        """
    /// Tables of `information_schema` whose rows are the state of one server.
    static let instanceTables: StaticString = """
        processlist global_status session_status global_variables session_variables system_variables
        innodb_trx innodb_locks innodb_lock_waits innodb_metrics innodb_buffer_page innodb_buffer_page_lru
        innodb_buffer_pool_stats innodb_cmp innodb_cmp_reset innodb_cmpmem innodb_cmpmem_reset
        innodb_cmp_per_index innodb_cmp_per_index_reset innodb_temp_table_info innodb_session_temp_tablespaces
        innodb_mutexes innodb_sys_semaphore_waits innodb_tablespaces_encryption innodb_cached_indexes
        client_statistics index_statistics table_statistics user_statistics metadata_lock_info
        query_cache_info query_response_time locales_status slave_status user_variables optimizer_trace
        temp_tables_info wsrep_membership wsrep_status thread_pool_groups thread_pool_queues thread_pool_stats
        thread_pool_waits rocksdb_trx
        """
    /// The same, for names that applications use too: only behind `information_schema.`.
    static let commonlyNamedInstanceTables: StaticString = """
        plugins all_plugins files events feedback disks profiling
        """
    /// More words that the digest writes in capitals.
    static let digestCapitals: StaticString = """
        begin start commit rollback savepoint transaction offset names session global local duplicate
        temporary tables columns status variables warnings errors prepare execute deallocate truncate flush value
        end escape any some first after next only work share mode
        """
}

/// What setting or reading a system variable means to the proxy.
enum VariableClass: UInt8 {
    case ordinary
    /// Tells which server this is, or whether it takes writes.
    case writability
    case lastInsertID
    /// `warning_count`, `error_count`.
    case warnings
    /// Belongs to one connection or statement; to be neither carried nor read elsewhere.
    case untracked
    case sqlLogBin, characterSet, autocommit, transactionCharacteristic
    /// State of one server that only it can tell.
    case instance
    case connection
    /// One of Switchyard's own.
    case proxy

    static let names: [(VariableClass, StaticString)] = [
        (
            .writability,
            "read_only super_read_only innodb_read_only hostname server_id server_uuid port report_host report_port"
        ),
        (.lastInsertID, "last_insert_id identity"),
        (.warnings, "warning_count error_count"),
        (
            .untracked,
            """
            timestamp insert_id rand_seed1 rand_seed2 skip_replication original_commit_timestamp
            original_server_version immediate_server_version default_master_connection profiling debug debug_dbug
            debug_sync resultset_metadata last_gtid transaction_allow_batching sql_log_off wsrep_on wsrep_osu_method
            external_user proxy_user use_secondary_engine next_insert_id require_row_format
            default_collation_for_utf8mb4 print_identified_with_as_hex select_into_buffer_size
            """
        ),
        (.sqlLogBin, "sql_log_bin"),
        (
            .characterSet,
            """
            character_set_client character_set_connection character_set_results character_set_database
            character_set_server collation_connection collation_database collation_server
            character_set_collations
            """
        ),
        (.autocommit, "autocommit"),
        (
            .transactionCharacteristic,
            "tx_isolation transaction_isolation tx_read_only transaction_read_only"
        ),
        (.connection, "pseudo_thread_id"),
    ]
}
