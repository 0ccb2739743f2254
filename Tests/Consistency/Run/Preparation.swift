// What is in the servers before a run, and what is found there after it.

import ConsistencyChecker
import LocalCluster
import TestSupport

/// The servers' side of a run.
struct Preparation {
    let cluster: LocalCluster
    let options: RunOptions

    /// Makes the account, the schemas and the tables.
    func prepare() throws {
        let rows = options.sessions * Ground.registersPerSession
        try cluster.execute(
            0,
            """
            CREATE USER '\(Ground.user)'@'%' IDENTIFIED BY '';
            CREATE DATABASE one; CREATE DATABASE two;
            \(Ground.schemas.map { "GRANT ALL PRIVILEGES ON \($0).* TO '\(Ground.user)'@'%';" }.joined(separator: "\n"))
            GRANT SELECT ON mysql.* TO '\(Ground.user)'@'%';
            \(Ground.schemas.map { "CREATE TABLE \($0).here (name VARCHAR(9)); INSERT INTO \($0).here VALUES ('\($0)');" }
                .joined(separator: "\n"))
            CREATE TABLE app.registers (id INT PRIMARY KEY, value BIGINT NOT NULL);
            CREATE TABLE app.counters (id INT PRIMARY KEY, n BIGINT NOT NULL);
            CREATE TABLE app.journal (id BIGINT PRIMARY KEY AUTO_INCREMENT, session INT, number INT, KEY (session));
            CREATE TABLE app.scratch (session INT, slot INT, n INT NOT NULL, PRIMARY KEY (session, slot));
            CREATE TABLE app.numbers (n INT PRIMARY KEY);
            INSERT INTO app.registers VALUES \(values(rows) { "(\($0), 0)" });
            INSERT INTO app.counters VALUES \(values(Ground.counters) { "(\($0), 0)" });
            INSERT INTO app.numbers VALUES \(values(Ground.numbers) { "(\($0 + 1))" });
            INSERT INTO app.scratch VALUES \(values(options.sessions * Ground.scratchRows) {
                "(\($0 / Ground.scratchRows), \(1 + $0 % Ground.scratchRows), 0)"
            });
            CREATE PROCEDURE app.raise(c INT) UPDATE app.counters SET n = n + 1 WHERE id = c;
            CREATE FUNCTION app.look(c INT) RETURNS BIGINT READS SQL DATA
                RETURN (SELECT n FROM app.counters WHERE id = c);
            """)
        try cluster.waitUntilReplicated()
    }

    private func values(_ count: Int, _ row: (Int) -> String) -> String {
        (0..<count).map(row).joined(separator: ", ")
    }

    private func connect() throws -> WireClient {
        try WireClient(
            port: cluster.primaryNode.port, user: Ground.user, schema: "app", plugin: options.flavor.accountPlugin)
    }

    /// What the variables hold in a new session.
    func defaults() throws -> [String: String] {
        let client = try connect()
        let names = Variable.all.map(\.name) + [Player.isolation(options), "character_set_client"]
        let row = try client.query("SELECT " + names.map { "@@\($0)" }.joined(separator: ", "))[0].rows[0]
        return Dictionary(uniqueKeysWithValues: zip(names, row.map { $0 ?? "NULL" }))
    }

    /// Reads what is there at the end, on the primary.
    func complete(_ history: inout History) throws {
        let client = try connect()
        func pairs(_ sql: String) throws -> [Int: Int] {
            let rows = try client.query(sql)[0].rows
            return Dictionary(uniqueKeysWithValues: rows.map { (Int($0[0] ?? "") ?? -1, Int($0[1] ?? "") ?? -1) })
        }
        history.registers = try pairs("SELECT id, value FROM app.registers")
        history.counters = try pairs("SELECT id, n FROM app.counters")
        for session in history.sessions.indices { history.rows[Ground.journal + session] = [:] }
        let own = "session <> \(Plant.stranger)"
        for row in try client.query("SELECT session, number FROM app.journal WHERE \(own)")[0].rows {
            let counter = Ground.journal + (Int(row[0] ?? "") ?? -1)
            history.rows[counter, default: [:]][Int(row[1] ?? "") ?? -1, default: 0] += 1
        }
    }
}
