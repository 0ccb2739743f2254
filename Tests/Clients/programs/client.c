// The scenario through libmariadb: text protocol, prepared statements, cursors, bulk execution, session tracking.
//
// usage: client            (compiled by run.py against the system's libmariadb)

#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { maximum_parameters = 8, maximum_rows = 64, maximum_columns = 64 };

static MYSQL *connection;
static char prepared[1 << 20];

static unsigned long long checksum(const char *bytes, size_t count) {
    unsigned long long sum = 14695981039346656037ull;
    for (size_t index = 0; index < count; index++) sum = (sum ^ (unsigned char)bytes[index]) * 1099511628211ull;
    return sum;
}

static void print_bytes(const char *bytes, size_t count) {
    if (count > 200) {
        printf(" [%zu long, fnv %llx]", count, checksum(bytes, count));
        return;
    }
    int text = 1;
    for (size_t index = 0; index < count; index++) text &= (unsigned char)bytes[index] >= 32;
    printf(text ? " '" : " x'");
    if (text) fwrite(bytes, 1, count, stdout);
    else for (size_t index = 0; index < count; index++) printf("%02x", (unsigned char)bytes[index]);
    printf("'");
}

static void print_error(unsigned int number, const char *state, const char *message) {
    printf("  error %u %s %s\n", number, state, message);
}

static int compared(const void *one, const void *other) {
    return strcmp(one, other);
}

// What the server says about the session in its OK packets. Variables come in the order of a hash table: sorted here.
static void print_tracked(void) {
    enum { maximum_records = 64, width = 128 };
    static char records[maximum_records][width];
    for (int type = SESSION_TRACK_BEGIN; type <= SESSION_TRACK_END; type++) {
        const char *data;
        size_t length;
        int count = 0, failed = mysql_session_track_get_first(connection, type, &data, &length);
        while (!failed && count < maximum_records) {
            snprintf(records[count++], width, "%.*s", (int)length, data);
            failed = mysql_session_track_get_next(connection, type, &data, &length);
            if (type != SESSION_TRACK_SYSTEM_VARIABLES || failed) continue;
            // The value behind the name.
            strncat(records[count - 1], "=", width - strlen(records[count - 1]) - 1);
            strncat(records[count - 1], data, length < 60 ? length : 60);
            failed = mysql_session_track_get_next(connection, type, &data, &length);
        }
        qsort(records, count, width, compared);
        for (int index = 0; index < count; index++) printf("  tracked %d %s\n", type, records[index]);
    }
}

static void print_counts(void) {
    const char *info = mysql_info(connection);
    unsigned int status = 0;
    mariadb_get_infov(connection, MARIADB_CONNECTION_SERVER_STATUS, &status);
    printf("  affected=%lld id=%llu warnings=%u info=%s status=%x\n", (long long)mysql_affected_rows(connection),
           (unsigned long long)mysql_insert_id(connection), mysql_warning_count(connection), info ? info : "-", status);
    // What came with an earlier reply stays to be asked for.
    if (status & SERVER_SESSION_STATE_CHANGED) print_tracked();
}

static void print_fields(MYSQL_RES *result) {
    for (unsigned int index = 0; index < mysql_num_fields(result); index++) {
        MYSQL_FIELD *field = mysql_fetch_field_direct(result, index);
        printf("  column %s|%s|%s|%s|%s|%s type=%d flags=%x decimals=%u charset=%u length=%lu", field->name,
               field->org_name, field->table, field->org_table, field->db, field->catalog, field->type, field->flags,
               field->decimals, field->charsetnr, field->length);
        MARIADB_CONST_STRING extended;
        for (int kind = 0; kind <= MARIADB_FIELD_ATTR_LAST; kind++)
            if (!mariadb_field_attr(&extended, field, kind) && extended.length)
                printf(" extended%d=%.*s", kind, (int)extended.length, extended.str);
        printf("\n");
    }
}

static void print_rows(MYSQL_RES *result) {
    MYSQL_ROW row;
    while ((row = mysql_fetch_row(result))) {
        unsigned long *lengths = mysql_fetch_lengths(result);
        printf("  row");
        for (unsigned int index = 0; index < mysql_num_fields(result); index++)
            if (row[index]) print_bytes(row[index], lengths[index]);
            else printf(" NULL");
        printf("\n");
    }
}

static void query(const char *sql) {
    int more = mysql_real_query(connection, sql, strlen(sql));
    while (!more) {
        MYSQL_RES *result = mysql_store_result(connection);
        if (result) {
            print_fields(result);
            print_rows(result);
            mysql_free_result(result);
        }
        if (mysql_errno(connection)) break;
        print_counts();
        more = mysql_next_result(connection);
    }
    if (mysql_errno(connection)) print_error(mysql_errno(connection), mysql_sqlstate(connection), mysql_error(connection));
}

static void stream(const char *sql) {
    if (mysql_query(connection, sql)) {
        print_error(mysql_errno(connection), mysql_sqlstate(connection), mysql_error(connection));
        return;
    }
    MYSQL_RES *result = mysql_use_result(connection);
    unsigned long long rows = 0, sum = 0;
    MYSQL_ROW row;
    while ((row = mysql_fetch_row(result))) {
        rows++;
        for (unsigned int index = 0; index < mysql_num_fields(result); index++)
            if (row[index]) sum = sum * 31 + checksum(row[index], mysql_fetch_lengths(result)[index]);
    }
    printf("  %llu rows, sum %llx\n", rows, sum);
    mysql_free_result(result);
}

struct value {
    MYSQL_BIND bind;
    long long integer;
    double real;
    unsigned long length;
    my_bool null;
    char *bytes;
};

// Reads `i:7 | s:text`, for one row; returns how many values there were.
static unsigned int read_values(char *text, struct value *values) {
    unsigned int count = 0;
    for (char *word = text; word && count < maximum_parameters; count++) {
        char *next = strstr(word, " | ");
        if (next) *next = 0;
        while (*word == ' ') word++;
        struct value *value = &values[count];
        memset(value, 0, sizeof *value);
        char *rest = word + (word[1] == ':' ? 2 : 1);
        value->bytes = strdup(rest);
        value->length = strlen(rest);
        if (*word == 'i') {
            value->integer = strtoll(rest, NULL, 10);
            value->bind.buffer_type = MYSQL_TYPE_LONGLONG;
            value->bind.buffer = &value->integer;
        } else if (*word == 'f') {
            value->real = strtod(rest, NULL);
            value->bind.buffer_type = MYSQL_TYPE_DOUBLE;
            value->bind.buffer = &value->real;
        } else if (*word == 'n') {
            value->bind.buffer_type = MYSQL_TYPE_NULL;
        } else {
            value->bind.buffer_type = *word == 'x' ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
            if (*word == 'x') {
                for (size_t index = 0; index < value->length / 2; index++)
                    sscanf(rest + 2 * index, "%2hhx", (unsigned char *)value->bytes + index);
                value->length /= 2;
            }
            value->bind.buffer = value->bytes;
            value->bind.buffer_length = value->length;
        }
        value->bind.length = &value->length;
        word = next ? next + 3 : NULL;
    }
    return count;
}

static void free_values(struct value *values, unsigned int count) {
    for (unsigned int index = 0; index < count; index++) free(values[index].bytes);
}

static void print_statement_error(MYSQL_STMT *statement) {
    print_error(mysql_stmt_errno(statement), mysql_stmt_sqlstate(statement), mysql_stmt_error(statement));
}

// All results of an executed statement, every column as text.
static void show(MYSQL_STMT *statement, int buffered) {
    do {
        MYSQL_RES *metadata = mysql_stmt_result_metadata(statement);
        if (metadata) {
            unsigned int columns = mysql_num_fields(metadata);
            print_fields(metadata);
            MYSQL_BIND binds[maximum_columns];
            unsigned long lengths[maximum_columns];
            my_bool nulls[maximum_columns];
            memset(binds, 0, sizeof binds);
            for (unsigned int index = 0; index < columns && index < maximum_columns; index++) {
                binds[index].buffer_type = MYSQL_TYPE_STRING;
                binds[index].length = &lengths[index];
                binds[index].is_null = &nulls[index];
            }
            mysql_stmt_bind_result(statement, binds);
            if (buffered && mysql_stmt_store_result(statement)) print_statement_error(statement);
            int outcome;
            while ((outcome = mysql_stmt_fetch(statement)) == 0 || outcome == MYSQL_DATA_TRUNCATED) {
                printf("  row");
                for (unsigned int index = 0; index < columns && index < maximum_columns; index++) {
                    if (nulls[index]) {
                        printf(" NULL");
                        continue;
                    }
                    MYSQL_BIND cell = binds[index];
                    cell.buffer = malloc(lengths[index] + 1);
                    cell.buffer_length = lengths[index] + 1;
                    mysql_stmt_fetch_column(statement, &cell, index, 0);
                    print_bytes(cell.buffer, lengths[index]);
                    free(cell.buffer);
                }
                printf("\n");
            }
            if (outcome == 1) print_statement_error(statement);
            mysql_free_result(metadata);
            mysql_stmt_free_result(statement);
        }
        printf("  affected=%lld id=%llu\n", (long long)mysql_stmt_affected_rows(statement),
               (unsigned long long)mysql_stmt_insert_id(statement));
        print_counts();
    } while (mysql_stmt_next_result(statement) == 0);
    if (mysql_stmt_errno(statement)) print_statement_error(statement);
}

static MYSQL_STMT *prepare(void) {
    MYSQL_STMT *statement = mysql_stmt_init(connection);
    if (mysql_stmt_prepare(statement, prepared, strlen(prepared))) {
        print_statement_error(statement);
        mysql_stmt_close(statement);
        return NULL;
    }
    printf("  %lu parameters, %u columns\n", mysql_stmt_param_count(statement), mysql_stmt_field_count(statement));
    return statement;
}

static void execute(char *argument) {
    MYSQL_STMT *statement = prepare();
    if (!statement) return;
    struct value values[maximum_parameters];
    MYSQL_BIND binds[maximum_parameters];
    unsigned int count = read_values(argument, values);
    for (unsigned int index = 0; index < count; index++) binds[index] = values[index].bind;
    mysql_stmt_bind_param(statement, binds);
    if (mysql_stmt_execute(statement)) print_statement_error(statement);
    else show(statement, 1);
    if (!strncmp(prepared, "SELECT", 6)) {
        // Once more, as the same statement again, with long data for texts, and through a cursor.
        unsigned long type = CURSOR_TYPE_READ_ONLY, rows = 2;
        mysql_stmt_attr_set(statement, STMT_ATTR_CURSOR_TYPE, &type);
        mysql_stmt_attr_set(statement, STMT_ATTR_PREFETCH_ROWS, &rows);
        for (unsigned int index = 0; index < count; index++)
            if (values[index].bind.buffer_type == MYSQL_TYPE_STRING && values[index].length > 3) {
                mysql_stmt_send_long_data(statement, index, values[index].bytes, 3);
                mysql_stmt_send_long_data(statement, index, values[index].bytes + 3, values[index].length - 3);
            }
        printf("  through a cursor\n");
        if (mysql_stmt_execute(statement)) print_statement_error(statement);
        else show(statement, 0);
    }
    if (mysql_stmt_reset(statement)) print_statement_error(statement);
    mysql_stmt_close(statement);
    free_values(values, count);
}

// Bulk execution, where the server has it: column-wise arrays.
static void batch(char *argument) {
    MYSQL_STMT *statement = prepare();
    if (!statement) return;
    static struct value rows[maximum_rows][maximum_parameters];
    unsigned int count = 0, columns = 0;
    for (char *row = argument; row && count < maximum_rows; count++) {
        char *next = strstr(row, " ; ");
        if (next) *next = 0;
        columns = read_values(row, rows[count]);
        row = next ? next + 3 : NULL;
    }
    MYSQL_BIND binds[maximum_parameters];
    static char *pointers[maximum_parameters][maximum_rows];
    static unsigned long lengths[maximum_parameters][maximum_rows];
    static long long integers[maximum_parameters][maximum_rows];
    static char indicators[maximum_parameters][maximum_rows];
    memset(binds, 0, sizeof binds);
    for (unsigned int column = 0; column < columns; column++) {
        enum enum_field_types type = MYSQL_TYPE_NULL;
        for (unsigned int row = 0; row < count; row++) {
            struct value *value = &rows[row][column];
            if (value->bind.buffer_type != MYSQL_TYPE_NULL) type = value->bind.buffer_type;
            indicators[column][row] = value->bind.buffer_type == MYSQL_TYPE_NULL ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
            pointers[column][row] = value->bytes;
            lengths[column][row] = value->length;
            integers[column][row] = value->integer;
        }
        binds[column].buffer_type = type;
        binds[column].buffer = type == MYSQL_TYPE_LONGLONG ? (void *)integers[column] : (void *)pointers[column];
        binds[column].length = lengths[column];
        binds[column].u.indicator = indicators[column];
    }
    unsigned long capabilities = 0;
    mariadb_get_infov(connection, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &capabilities);
    if (capabilities & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) {
        mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &count);
        mysql_stmt_bind_param(statement, binds);
        if (mysql_stmt_execute(statement)) print_statement_error(statement);
        else show(statement, 1);
    } else {
        printf("  no bulk execution\n");
        for (unsigned int row = 0; row < count; row++) {
            for (unsigned int column = 0; column < columns; column++) {
                binds[column] = rows[row][column].bind;
                binds[column].length = &rows[row][column].length;
            }
            mysql_stmt_bind_param(statement, binds);
            if (mysql_stmt_execute(statement)) print_statement_error(statement);
            else show(statement, 1);
        }
    }
    mysql_stmt_close(statement);
    for (unsigned int row = 0; row < count; row++) free_values(rows[row], columns);
}

static MYSQL *open_as(const char *charset, const char *user, const char *password, const char *schema) {
    MYSQL *made = mysql_init(NULL);
    mysql_options(made, MYSQL_SET_CHARSET_NAME, charset);
    mysql_options4(made, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "client.c");
    if (mysql_real_connect(made, getenv("CLIENT_HOST"), user, password, schema, atoi(getenv("CLIENT_PORT")), NULL,
                           CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS))
        return made;
    print_error(mysql_errno(made), mysql_sqlstate(made), mysql_error(made));
    mysql_close(made);
    return NULL;
}

static void reconnect(const char *charset) {
    if (connection) mysql_close(connection);
    connection = open_as(charset, getenv("CLIENT_USER"), getenv("CLIENT_PASSWORD"), getenv("CLIENT_SCHEMA"));
    if (!connection) exit(1);
    unsigned long capabilities = 0, extended = 0;
    mariadb_get_infov(connection, MARIADB_CONNECTION_SERVER_CAPABILITIES, &capabilities);
    mariadb_get_infov(connection, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended);
    printf("  server %s, protocol %u, character set %s, capabilities %lx %lx\n", mysql_get_server_info(connection),
           mysql_get_proto_info(connection), mysql_character_set_name(connection), capabilities, extended);
}

static void outcome(int failed) {
    if (failed) print_error(mysql_errno(connection), mysql_sqlstate(connection), mysql_error(connection));
    else print_counts();
}

// COM_FIELD_LIST, which only old programs use.
static void list_fields(const char *table) {
    MYSQL_RES *result = mysql_list_fields(connection, table, NULL);
    if (result) print_fields(result), mysql_free_result(result);
    else outcome(1);
}

static void step(const char *verb, char *argument) {
    if (!strcmp(verb, "query")) query(argument);
    else if (!strcmp(verb, "prepare")) snprintf(prepared, sizeof prepared, "%s", argument);
    else if (!strcmp(verb, "exec")) execute(argument);
    else if (!strcmp(verb, "batch")) batch(argument);
    else if (!strcmp(verb, "stream")) stream(argument);
    else if (!strcmp(verb, "begin")) outcome(mysql_query(connection, "BEGIN"));
    else if (!strcmp(verb, "commit")) outcome(mysql_commit(connection));
    else if (!strcmp(verb, "rollback")) outcome(mysql_rollback(connection));
    else if (!strcmp(verb, "autocommit")) outcome(mysql_autocommit(connection, *argument == '1'));
    else if (!strcmp(verb, "schema")) outcome(mysql_select_db(connection, argument));
    else if (!strcmp(verb, "reset")) outcome(mysql_reset_connection(connection));
    else if (!strcmp(verb, "reconnect")) reconnect(argument);
    else if (!strcmp(verb, "ping")) {
        outcome(mysql_ping(connection));
        printf("  statistics %d, id %d\n", strlen(mysql_stat(connection)) > 20, mysql_thread_id(connection) > 0);
        list_fields("types");
    } else if (!strcmp(verb, "user") || !strcmp(verb, "refused")) {
        char *password = strchr(argument, ' ');
        *password++ = 0;
        char *schema = strchr(password, ' ');
        if (schema) *schema++ = 0;
        if (*verb == 'u') outcome(mysql_change_user(connection, argument, password, getenv("CLIENT_SCHEMA")));
        else if (open_as("utf8mb4", argument, password, schema)) printf("  was let in\n");
    }
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    FILE *scenario = fopen(getenv("CLIENT_SCENARIO"), "r");
    if (!scenario) return 1;
    reconnect("utf8mb4");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, scenario)) > 0) {
        if (line[length - 1] == '\n') line[length - 1] = 0;
        if (!*line || *line == '#') continue;
        char *argument = strchr(line, ' ');
        if (argument) *argument++ = 0;
        if (!strcmp(line, "section")) {
            printf("\n== %s\n", argument);
            continue;
        }
        printf("> %s %.300s\n", line, argument ? argument : "");
        step(line, argument ? argument : "");
    }
    free(line);
    fclose(scenario);
    mysql_close(connection);
    mysql_library_end();
    printf("\n== end\n");
}
