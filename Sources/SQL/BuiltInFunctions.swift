// The built-in functions of MariaDB and MySQL that change nothing, and the versions that brought them.

/// Built-in functions that came together: a call of one of them, unqualified, cannot reach a stored function on a
/// server of at least these versions. Sources: the MariaDB 11.8 and MySQL 9.1 manuals, "Functions and Operators".
struct FunctionGroup: Sendable {
    /// Lowest MariaDB version, as `SQLMode.serverVersion`; `never` if MariaDB has none of them.
    let mariaDB: UInt32
    /// Lowest MySQL version; `never` if MySQL has none of them.
    let mySQL: UInt32
    /// Lower-case names, separated by white space.
    let names: StaticString

    static let never = UInt32.max
}

enum BuiltInFunctions {
    /// Functions without effects on the server or the session. `NOW`, `RAND`, `UUID`, `SLEEP` and their like give
    /// another answer every time, but change nothing.
    static let pure: [FunctionGroup] = [
        FunctionGroup(
            mariaDB: 0, mySQL: 0,
            names: """
                abs acos adddate addtime aes_decrypt aes_encrypt ascii asin atan atan2 avg benchmark bin bit_and
                bit_count bit_length bit_or bit_xor cast ceil ceiling char char_length character_length charset
                coalesce coercibility collation compress concat concat_ws conv convert convert_tz cos cot
                count crc32 curdate current_date current_time current_timestamp current_user curtime database date
                date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear
                default degrees elt exp export_set extract
                extractvalue field find_in_set floor format from_base64 from_days from_unixtime
                get_format greatest group_concat hex hour if ifnull inet6_aton
                inet6_ntoa inet_aton inet_ntoa insert instr interval is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6
                isnull last_day lcase least left length ln localtime localtimestamp locate log log10 log2
                lower lpad ltrim make_set makedate maketime max md5 microsecond mid min minute mod month
                monthname name_const now nullif oct octet_length ord period_add period_diff pi position pow
                power quarter quote radians rand repeat replace reverse right round row rpad rtrim schema
                sec_to_time second session_user sha sha1 sha2 sign sin sleep soundex space sqrt std stddev
                stddev_pop stddev_samp str_to_date strcmp subdate substr substring substring_index subtime sum sysdate
                system_user tan time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64
                to_days to_seconds trim truncate ucase uncompress uncompressed_length unhex unix_timestamp updatexml
                upper user utc_date utc_time utc_timestamp uuid uuid_short values var_pop var_samp variance
                version week weekday weekofyear weight_string year yearweek match
                json_array json_array_append json_array_insert json_contains json_contains_path json_depth
                json_extract json_insert json_keys json_length json_merge json_object json_quote json_remove
                json_replace json_search json_set json_type json_unquote json_valid
                st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid st_contains
                st_convexhull st_crosses st_difference st_dimension st_disjoint st_distance st_endpoint
                st_envelope st_equals st_exteriorring st_geomcollfromtext st_geomcollfromwkb
                st_geometrycollectionfromtext st_geometrycollectionfromwkb st_geometryfromtext st_geometryfromwkb
                st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext st_geomfromwkb st_interiorringn
                st_intersection st_intersects st_isclosed st_isempty st_issimple st_length st_linefromtext
                st_linefromwkb st_linestringfromtext st_linestringfromwkb st_numgeometries
                st_numinteriorrings st_numpoints st_overlaps st_pointfromtext
                st_pointfromwkb st_pointn st_polyfromtext st_polyfromwkb st_polygonfromtext st_polygonfromwkb
                st_srid st_startpoint st_symdifference st_touches st_union st_within st_x st_y
                geometrycollection linestring mbrcontains mbrdisjoint mbrequals mbrintersects mbroverlaps mbrtouches
                mbrwithin multilinestring multipoint multipolygon point polygon
                """),
        // MySQL 8.0 dropped the unprefixed spatial functions and the old password functions.
        FunctionGroup(
            mariaDB: 0, mySQL: FunctionGroup.never,
            names: """
                area asbinary astext aswkb aswkt boundary buffer centroid convexhull crosses contains dimension disjoint
                endpoint envelope equals exteriorring geomcollfromtext geomcollfromwkb
                geometrycollectionfromtext geometrycollectionfromwkb geometryfromtext geometryfromwkb geometryn
                geometrytype geomfromtext geomfromwkb glength interiorringn intersects isclosed isempty isring issimple
                linefromtext linefromwkb linestringfromtext linestringfromwkb mlinefromtext mlinefromwkb
                mpointfromtext mpointfromwkb mpolyfromtext mpolyfromwkb multilinestringfromtext
                multilinestringfromwkb multipointfromtext multipointfromwkb multipolygonfromtext multipolygonfromwkb
                numgeometries numinteriorrings numpoints overlaps pointfromtext pointfromwkb pointn pointonsurface
                polyfromtext polyfromwkb polygonfromtext polygonfromwkb srid startpoint touches within x y
                st_boundary st_isring st_pointonsurface st_relate mbrequal
                password old_password encode decode des_decrypt des_encrypt encrypt
                column_add column_check column_create column_delete column_exists column_get column_json
                column_list decode_oracle last_value json_compact json_detailed json_exists json_loose json_query
                """),
        FunctionGroup(
            mariaDB: 100_300, mySQL: FunctionGroup.never,
            names: """
                median percentile_cont percentile_disc chr lengthb nvl nvl2 concat_operator_oracle
                lpad_oracle ltrim_oracle replace_oracle rpad_oracle rtrim_oracle substr_oracle trim_oracle
                regexp_instr regexp_replace regexp_substr
                """),
        FunctionGroup(
            mariaDB: 100_300, mySQL: 80_000,
            names: """
                regexp_instr regexp_replace regexp_substr cume_dist dense_rank first_value
                lag last_value lead nth_value ntile percent_rank rank row_number json_arrayagg json_objectagg
                """),
        FunctionGroup(mariaDB: 100_600, mySQL: 80_004, names: "json_table"),
        FunctionGroup(
            mariaDB: 101_100, mySQL: 50_700,
            names: """
                st_mlinefromtext st_mlinefromwkb st_mpointfromtext st_mpointfromwkb st_mpolyfromtext
                st_mpolyfromwkb st_multilinestringfromtext st_multilinestringfromwkb st_multipointfromtext
                st_multipointfromwkb st_multipolygonfromtext st_multipolygonfromwkb
                """),
        FunctionGroup(mariaDB: 100_300, mySQL: 80_021, names: "json_value"),
        FunctionGroup(mariaDB: 100_204, mySQL: 80_003, names: "json_merge_patch json_merge_preserve"),
        FunctionGroup(mariaDB: 100_602, mySQL: FunctionGroup.never, names: "add_months to_char rownum sys_guid"),
        FunctionGroup(mariaDB: 101_000, mySQL: 0, names: "random_bytes"),
        FunctionGroup(mariaDB: 110_100, mySQL: 80_017, names: "json_schema_valid"),
        FunctionGroup(
            mariaDB: 100_700, mySQL: FunctionGroup.never,
            names: "natural_sort_key json_equals json_normalize sformat"),
        FunctionGroup(mariaDB: 100_900, mySQL: 80_017, names: "json_overlaps"),
        FunctionGroup(mariaDB: 101_003, mySQL: 50_722, names: "json_pretty"),
        FunctionGroup(mariaDB: 100_800, mySQL: FunctionGroup.never, names: "crc32c"),
        FunctionGroup(
            mariaDB: 110_200, mySQL: FunctionGroup.never,
            names: "json_object_filter_keys json_object_to_array json_key_value json_array_intersect json_unescape"),
        FunctionGroup(
            mariaDB: 110_300, mySQL: FunctionGroup.never,
            names: "kdf format_pico_time"),
        FunctionGroup(
            mariaDB: 110_700, mySQL: FunctionGroup.never,
            names: """
                uuid_v4 uuid_v7 vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext
                """),
        FunctionGroup(
            mariaDB: 120_000, mySQL: FunctionGroup.never,
            names: """
                st_validate st_simplify st_isvalid st_geohash st_latfromgeohash st_longfromgeohash
                st_pointfromgeohash st_collect
                """),
        FunctionGroup(
            mariaDB: FunctionGroup.never, mySQL: 50_700,
            names: """
                any_value gtid_subset gtid_subtract st_geohash st_isvalid st_latfromgeohash st_longfromgeohash
                st_makeenvelope st_pointfromgeohash st_simplify
                st_validate st_distance_sphere mbrcoveredby mbrcovers st_numinteriorring
                json_storage_size validate_password_strength
                """),
        FunctionGroup(
            mariaDB: FunctionGroup.never, mySQL: 80_024,
            names: """
                bin_to_uuid uuid_to_bin is_uuid grouping icu_version regexp_like statement_digest
                statement_digest_text format_bytes format_pico_time
                json_schema_validation_report json_storage_free roles_graphml
                st_latitude st_longitude st_swapxy st_transform st_collect st_hausdorffdistance st_frechetdistance
                st_lineinterpolatepoint st_lineinterpolatepoints st_pointatdistance geomcollection current_role
                """),
        FunctionGroup(
            mariaDB: FunctionGroup.never, mySQL: 90_000,
            names: "string_to_vector to_vector vector_to_string from_vector vector_dim"),
        FunctionGroup(mariaDB: 100_000, mySQL: FunctionGroup.never, names: "current_role binlog_gtid_pos"),
        FunctionGroup(mariaDB: 101_000, mySQL: FunctionGroup.never, names: "json_merge st_distance_sphere"),
    ]

    /// Built-ins with an effect or an answer that depends on the connection or server; the classifier knows each by
    /// its `Keyword`.
    static let special: [FunctionGroup] = [
        FunctionGroup(
            mariaDB: 0, mySQL: 0,
            names: """
                get_lock release_lock is_free_lock is_used_lock last_insert_id found_rows row_count
                master_pos_wait load_file connection_id
                """),
        FunctionGroup(mariaDB: 100_500, mySQL: 50_700, names: "release_all_locks"),
        FunctionGroup(mariaDB: 100_300, mySQL: FunctionGroup.never, names: "nextval lastval setval"),
        FunctionGroup(
            mariaDB: 0, mySQL: FunctionGroup.never,
            names: """
                master_gtid_wait binlog_gtid_pos wsrep_last_written_gtid wsrep_last_seen_gtid
                wsrep_sync_wait_upto_gtid
                """),
        FunctionGroup(
            mariaDB: FunctionGroup.never, mySQL: 50_700, names: "wait_for_executed_gtid_set"),
        FunctionGroup(
            mariaDB: FunctionGroup.never, mySQL: 80_016, names: "ps_thread_id ps_current_thread_id source_pos_wait"),
    ]

    /// Built-ins that the lexer knows only when `(` follows at once: with a space between, the name is that of a
    /// stored function unless `IGNORE_SPACE` is set. The union of both families' `sql_functions` lists.
    static let adjacentOnly: StaticString = """
        adddate add_months bit_and bit_or bit_xor cast count curdate curtime date_add date_sub date_format decode
        extract group_concat json_arrayagg json_objectagg json_table max median mid min now position
        session_user std stddev stddev_pop stddev_samp subdate substr substring sum sysdate system_user trim
        trim_oracle variance var_pop var_samp st_collect first_value percentile_cont percentile_disc
        """
    /// The same, for MariaDB only; in MySQL these words are reserved.
    static let adjacentOnlyMariaDB: StaticString = """
        dense_rank lag lead nth_value ntile percent_rank rank row_number cume_dist
        """
    /// Built-ins of MariaDB's grammar with certain arguments only; with others the name is that of a stored function.
    /// Seen on MariaDB 10.11: `POINT(1)`, `POLYGON()`, `JSON_TABLE(1)` look for one.
    static let byArguments: StaticString = """
        json_table point linestring polygon multipoint multilinestring multipolygon geometrycollection
        """
}
