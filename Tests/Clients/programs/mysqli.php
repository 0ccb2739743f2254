<?php
// The scenario through mysqli (mysqlnd).

require __DIR__ . '/scenario.php';

class Client
{
    private ?mysqli $connection = null;

    private function connect(string $charset, string $user, string $password, string $schema): mysqli
    {
        $connection = mysqli_init();
        $connection->options(MYSQLI_SET_CHARSET_NAME, $charset);
        $connection->real_connect(getenv('CLIENT_HOST'), $user, $password, $schema, (int) getenv('CLIENT_PORT'));
        return $connection;
    }

    public function reconnect(string $charset): void
    {
        $this->close();
        $this->connection = $this->connect($charset, getenv('CLIENT_USER'), getenv('CLIENT_PASSWORD'), schema());
        echo "  {$this->connection->server_info} {$this->connection->server_version} ",
            $this->connection->character_set_name(), "\n";
    }

    public function refused(string $user, string $password, string $schema): void
    {
        $this->connect('utf8mb4', $user, $password, $schema);
        echo "  was let in\n";
    }

    public function close(): void
    {
        $this->connection?->close();
        $this->connection = null;
    }

    public function described(Throwable $error): string
    {
        return $error instanceof mysqli_sql_exception ? $error->getCode() . ' ' . $error->getSqlState() : '';
    }

    public function query(string $sql): void
    {
        $this->connection->multi_query($sql);
        do {
            $result = $this->connection->store_result();
            if ($result) {
                $this->show($result);
            }
            $link = $this->connection;
            echo "  affected={$link->affected_rows} id={$link->insert_id} warnings={$link->warning_count} ",
                'info=', $link->info, "\n";
        } while ($this->connection->more_results() && $this->connection->next_result());
    }

    private function show(mysqli_result $result): void
    {
        foreach ($result->fetch_fields() as $field) {
            echo '  column ', implode(' ', array_map(shown(...), (array) $field)), "\n";
        }
        while ($row = $result->fetch_row()) {
            echo '  row ', implode(' ', array_map(shown(...), $row)), "\n";
        }
        $result->free();
    }

    public function execute(string $sql, array $rows): void
    {
        $statement = $this->connection->prepare($sql);
        echo "  {$statement->param_count} parameters, {$statement->field_count} columns\n";
        foreach ($rows as $row) {
            $types = implode('', array_map(fn ($value) => is_int($value) ? 'i' : (is_float($value) ? 'd' : 's'), $row));
            $statement->bind_param($types, ...$row);
            $statement->execute();
            do {
                $result = $statement->get_result();
                if ($result) {
                    $this->show($result);
                }
                echo "  affected={$statement->affected_rows} id={$statement->insert_id}\n";
            } while ($statement->more_results() && $statement->next_result());
            $statement->free_result();
        }
        $statement->close();
        // In front of MySQL 9.7 mysqlnd (8.2) waits for ever for the second cursor, also without the proxy.
        if (str_starts_with($sql, 'SELECT') && str_contains($this->connection->server_info, 'MariaDB')) {
            $this->cursor($sql, $rows[0]);
        }
    }

    // The same statement through a cursor, two rows at a time.
    private function cursor(string $sql, array $row): void
    {
        $statement = $this->connection->prepare($sql);
        $statement->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
        $statement->execute($row);
        $result = $statement->get_result();
        $count = 0;
        while ($result->fetch_row()) {
            $count++;
        }
        echo "  $count rows through a cursor\n";
        $statement->close();
    }

    public function stream(string $sql): void
    {
        $result = $this->connection->query($sql, MYSQLI_USE_RESULT);
        $count = 0;
        $sum = hash_init('md5');
        while ($row = $result->fetch_row()) {
            $count++;
            hash_update($sum, serialize($row));
        }
        $result->free();
        echo "  $count rows, md5 ", hash_final($sum), "\n";
    }

    public function begin(): void
    {
        echo '  ', shown($this->connection->begin_transaction()), "\n";
    }

    public function commit(): void
    {
        echo '  ', shown($this->connection->commit()), "\n";
    }

    public function rollback(): void
    {
        echo '  ', shown($this->connection->rollback()), "\n";
    }

    public function autocommit(string $value): void
    {
        echo '  ', shown($this->connection->autocommit($value === '1')), "\n";
    }

    public function schema(string $name): void
    {
        echo '  ', shown($this->connection->select_db($name)), "\n";
    }

    public function ping(): void
    {
        echo '  ', shown($this->connection->ping()), ' ', shown($this->connection->thread_id > 0), ' ',
            shown(strlen($this->connection->stat()) > 20), "\n";
    }

    public function reset(): void
    {
        throw new BadMethodCallException();
    }

    public function user(string $name, string $password): void
    {
        echo '  ', shown($this->connection->change_user($name, $password, schema())), "\n";
    }
}

mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
run(new Client());
