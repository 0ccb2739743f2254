<?php
// The scenario through PDO: exec steps with real prepared statements, batch steps with those PDO emulates.

require __DIR__ . '/scenario.php';

class Client
{
    private ?PDO $connection = null;

    private function connect(string $charset, string $user, string $password, string $schema): PDO
    {
        $address = 'host=' . getenv('CLIENT_HOST') . ';port=' . getenv('CLIENT_PORT');
        return new PDO("mysql:$address;dbname=$schema;charset=$charset", $user, $password, [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        ]);
    }

    public function reconnect(string $charset): void
    {
        $this->close();
        $this->connection = $this->connect($charset, getenv('CLIENT_USER'), getenv('CLIENT_PASSWORD'), schema());
        echo '  ', $this->connection->getAttribute(PDO::ATTR_SERVER_VERSION), ' ',
            $this->connection->getAttribute(PDO::ATTR_CONNECTION_STATUS), "\n";
    }

    public function refused(string $user, string $password, string $schema): void
    {
        $this->connect('utf8mb4', $user, $password, $schema);
        echo "  was let in\n";
    }

    public function close(): void
    {
        $this->connection = null;
    }

    public function described(Throwable $error): string
    {
        return $error instanceof PDOException ? json_encode($error->errorInfo, JSON_UNESCAPED_UNICODE) : '';
    }

    public function query(string $sql): void
    {
        $this->show($this->connection->query($sql));
    }

    private function show(PDOStatement $statement): void
    {
        do {
            for ($column = 0; $column < $statement->columnCount(); $column++) {
                echo '  column ', json_encode($statement->getColumnMeta($column), JSON_UNESCAPED_UNICODE), "\n";
            }
            if ($statement->columnCount() > 0) {
                while ($row = $statement->fetch(PDO::FETCH_NUM)) {
                    echo '  row ', implode(' ', array_map(shown(...), $row)), "\n";
                }
            }
            echo "  rows={$statement->rowCount()} id={$this->connection->lastInsertId()}\n";
        } while ($statement->nextRowset());
        $statement->closeCursor();
    }

    public function execute(string $sql, array $rows): void
    {
        $this->connection->setAttribute(PDO::ATTR_EMULATE_PREPARES, count($rows) > 1);
        $statement = $this->connection->prepare($sql);
        foreach ($rows as $row) {
            foreach ($row as $index => $value) {
                $type = is_int($value) ? PDO::PARAM_INT : (is_null($value) ? PDO::PARAM_NULL : PDO::PARAM_STR);
                $statement->bindValue($index + 1, $value, $type);
            }
            $statement->execute();
            $this->show($statement);
        }
    }

    public function stream(string $sql): void
    {
        $this->connection->setAttribute(PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, false);
        try {
            $count = 0;
            $sum = hash_init('md5');
            foreach ($this->connection->query($sql, PDO::FETCH_NUM) as $row) {
                $count++;
                hash_update($sum, serialize($row));
            }
            echo "  $count rows, md5 ", hash_final($sum), "\n";
        } finally {
            $this->connection->setAttribute(PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, true);
        }
    }

    public function begin(): void
    {
        echo '  ', shown($this->connection->beginTransaction()), "\n";
    }

    public function commit(): void
    {
        echo '  ', shown($this->connection->commit()), "\n";
    }

    public function rollback(): void
    {
        // PDO goes by the server's status flags here.
        echo '  ', shown($this->connection->inTransaction()), "\n";
        echo '  ', shown($this->connection->rollBack()), "\n";
    }

    public function autocommit(string $value): void
    {
        echo '  ', shown($this->connection->setAttribute(PDO::ATTR_AUTOCOMMIT, (int) $value)), "\n";
    }

    public function schema(string $name): void
    {
        throw new BadMethodCallException();
    }

    public function ping(): void
    {
        echo '  ', shown(strlen($this->connection->getAttribute(PDO::ATTR_SERVER_INFO)) > 20), "\n";
    }

    public function reset(): void
    {
        throw new BadMethodCallException();
    }

    public function user(string $name, string $password): void
    {
        throw new BadMethodCallException();
    }
}

run(new Client());
