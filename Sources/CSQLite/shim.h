// What Swift cannot say to SQLite by itself: variadic calls, macro pointers, and structs that begin with SQLite's own.
#ifndef SWITCHYARD_CSQLITE_SHIM_H
#define SWITCHYARD_CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLite fills `base`; `binding` is the retained Swift object behind this table.
struct switchyard_virtual_table {
    sqlite3_vtab base;
    void *binding;
};

// SQLite fills `base`; `cursor` is the retained Swift object behind this scan.
struct switchyard_virtual_cursor {
    sqlite3_vtab_cursor base;
    void *cursor;
};

// SQLITE_TRANSIENT is a cast that Swift does not import: SQLite copies the bytes at once.
static inline sqlite3_destructor_type switchyard_sqlite_transient(void) {
    return SQLITE_TRANSIENT;
}

// sqlite3_db_config is variadic; the options used here all take (int, int *).
static inline int switchyard_sqlite_set_option(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}

#endif
