// The scenario through Go's database/sql with go-sql-driver/mysql: query steps as text, exec steps prepared.
package main

import (
	"bufio"
	"context"
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

var (
	pool   *sql.DB
	conn   *sql.Conn
	tx     *sql.Tx
	ctx    = context.Background()
	schema = os.Getenv("CLIENT_SCHEMA")
)

func shortened(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return fmt.Sprintf("%s… %d long, md5 %x", text[:20], len(text), md5.Sum([]byte(text)))
}

func shown(value interface{}) string {
	if bytes, ok := value.([]byte); ok {
		return shortened(fmt.Sprintf("bytes:%q", bytes), 200)
	}
	return shortened(fmt.Sprintf("%T:%v", value, value), 200)
}

func values(text string) []interface{} {
	var found []interface{}
	for _, word := range strings.Split(text, " | ") {
		parts := strings.SplitN(strings.TrimSpace(word), ":", 2)
		switch parts[0] {
		case "i":
			number, _ := strconv.ParseInt(parts[1], 10, 64)
			found = append(found, number)
		case "f":
			number, _ := strconv.ParseFloat(parts[1], 64)
			found = append(found, number)
		case "s":
			found = append(found, parts[1])
		case "x":
			bytes, _ := hex.DecodeString(parts[1])
			found = append(found, bytes)
		default:
			found = append(found, nil)
		}
	}
	return found
}

func open(charset, user, password, name string) (*sql.DB, error) {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net = user, password, "tcp"
	config.Addr = os.Getenv("CLIENT_HOST") + ":" + os.Getenv("CLIENT_PORT")
	config.DBName = name
	config.MultiStatements, config.ParseTime = true, charset == "utf8mb4"
	config.Params = map[string]string{"charset": charset}
	db, err := sql.Open("mysql", config.FormatDSN())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, db.Ping()
}

func reconnect(charset string) error {
	if pool != nil {
		conn.Close()
		pool.Close()
	}
	var err error
	pool, err = open(charset, os.Getenv("CLIENT_USER"), os.Getenv("CLIENT_PASSWORD"), schema)
	if err != nil {
		return err
	}
	conn, err = pool.Conn(ctx)
	return err
}

func show(rows *sql.Rows, each func([]interface{})) error {
	defer rows.Close()
	for {
		types, err := rows.ColumnTypes()
		if err != nil {
			return err
		}
		for _, column := range types {
			nullable, known := column.Nullable()
			precision, scale, _ := column.DecimalSize()
			if each == nil {
				fmt.Println("  column", column.Name(), column.DatabaseTypeName(), column.ScanType(), nullable, known,
					precision, scale)
			}
		}
		row := make([]interface{}, len(types))
		places := make([]interface{}, len(types))
		for index := range row {
			places[index] = &row[index]
		}
		for rows.Next() {
			if err := rows.Scan(places...); err != nil {
				return err
			}
			if each != nil {
				each(row)
				continue
			}
			words := []string{}
			for _, value := range row {
				words = append(words, shown(value))
			}
			fmt.Println("  row", strings.Join(words, " "))
		}
		if !rows.NextResultSet() {
			return rows.Err()
		}
	}
}

// returnsRows tells which call is the right one: Exec for counts, Query for rows.
func returnsRows(statement string) bool {
	for _, word := range []string{"SELECT", "SHOW", "DESC", "EXPLAIN", "CALL", "CHECK", "ANALYZE", "WITH"} {
		if strings.HasPrefix(statement, word) {
			return true
		}
	}
	return strings.Contains(statement, "RETURNING")
}

func counts(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	affected, _ := result.RowsAffected()
	id, _ := result.LastInsertId()
	fmt.Printf("  affected=%d id=%d\n", affected, id)
	return nil
}

func query(statement string) error {
	if !returnsRows(statement) {
		return counts(conn.ExecContext(ctx, statement))
	}
	rows, err := conn.QueryContext(ctx, statement)
	if err != nil {
		return err
	}
	return show(rows, nil)
}

func execute(statement string, rows ...string) error {
	prepared, err := conn.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	defer prepared.Close()
	for _, row := range rows {
		if !returnsRows(statement) {
			err = counts(prepared.Exec(values(row)...))
		} else if found, failure := prepared.Query(values(row)...); failure != nil {
			err = failure
		} else {
			err = show(found, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func stream(statement string) error {
	rows, err := conn.QueryContext(ctx, statement)
	if err != nil {
		return err
	}
	count, sum := 0, md5.New()
	err = show(rows, func(row []interface{}) {
		count++
		fmt.Fprint(sum, row...)
	})
	fmt.Printf("  %d rows, md5 %x\n", count, sum.Sum(nil))
	return err
}

func step(verb, argument, prepared string) (err error) {
	switch verb {
	case "query":
		// Version 1.5 waits for ever when a later result is an error, also without the proxy.
		if strings.Contains(argument, "; SELECT nonsense") || argument == "CALL fails()" {
			fmt.Println("  (not with this driver)")
			return nil
		}
		return query(argument)
	case "exec":
		return execute(prepared, argument)
	case "batch":
		return execute(prepared, strings.Split(argument, " ; ")...)
	case "stream":
		return stream(argument)
	case "begin":
		tx, err = conn.BeginTx(ctx, nil)
	case "commit", "rollback":
		if tx == nil {
			return query(strings.ToUpper(verb))
		}
		if verb == "commit" {
			err = tx.Commit()
		} else {
			err = tx.Rollback()
		}
		tx = nil
	case "autocommit":
		return query("SET autocommit = " + argument)
	case "ping":
		return conn.PingContext(ctx)
	case "reconnect":
		return reconnect(argument)
	case "refused":
		words := strings.Split(argument, " ")
		_, err = open("utf8mb4", words[0], words[1], words[2])
	default:
		fmt.Println("  (the driver has no call for this)")
	}
	return err
}

func main() {
	if err := reconnect("utf8mb4"); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	file, err := os.Open(os.Getenv("CLIENT_SCENARIO"))
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	prepared := ""
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		parts := append(strings.SplitN(line, " ", 2), "")
		if parts[0] == "section" {
			fmt.Printf("\n== %s\n", parts[1])
			continue
		}
		fmt.Println(shortened("> "+line, 300))
		if parts[0] == "prepare" {
			prepared = parts[1]
		} else if err := step(parts[0], parts[1], prepared); err != nil {
			fmt.Printf("  %T %v\n", err, err)
		}
	}
	conn.Close()
	pool.Close()
	fmt.Println("\n== end")
}
