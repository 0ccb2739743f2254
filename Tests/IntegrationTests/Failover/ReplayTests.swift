// Transactions that are open while the primary changes: they go on on the next one, and their clients do not hear of it.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct ReplayTests {
        private static let quickHold = Stage.Options { $0.cluster = ["hold_timeout": "2s"] }

        /// A table of accounts, on all nodes.
        private func open(_ stage: Stage) throws -> MySQLSession {
            let session = try stage.connect()
            try session.run(
                "CREATE TABLE account (id INT PRIMARY KEY, balance INT)",
                "CREATE TABLE entry (id INT AUTO_INCREMENT PRIMARY KEY, account INT, amount INT)",
                "INSERT INTO account VALUES (1, 100), (2, 100)")
            try stage.cluster.waitUntilReplicated()
            return session
        }

        private func transfer(_ session: MySQLSession, _ amount: Int) throws {
            #expect(try session.value("SELECT balance FROM account WHERE id = 1 FOR UPDATE") != nil)
            try session.run(
                "UPDATE account SET balance = balance - \(amount) WHERE id = 1",
                "INSERT INTO entry (account, amount) VALUES (1, -\(amount))")
        }

        private func finish(_ session: MySQLSession, _ amount: Int) throws {
            try session.run(
                "UPDATE account SET balance = balance + \(amount) WHERE id = 2",
                "INSERT INTO entry (account, amount) VALUES (2, \(amount))", "COMMIT")
        }

        private func checkTransfer(_ stage: Stage, on node: Int) throws {
            let cluster = stage.cluster
            #expect(try cluster.execute(node, "SELECT balance FROM app.account ORDER BY id") == [["70"], ["130"]])
            #expect(try cluster.execute(node, "SELECT amount FROM app.entry ORDER BY id") == [["-30"], ["30"]])
        }

        @Test(arguments: ["BEGIN", "SET autocommit = 0"])
        func `a transaction that idles during a switchover is committed on the new primary`(begin: String) throws {
            try withStage { stage in
                let session = try open(stage)
                try session.run(begin)
                try transfer(session, 30)
                try stage.cluster.promote(1)
                try finish(session, 30)
                try checkTransfer(stage, on: 1)
                #expect(try session.value("SELECT marker FROM node_marker FOR UPDATE") == "1")
            }
        }

        @Test func `a transaction whose primary is killed goes on when another takes over`() throws {
            try withStage { stage in
                let session = try open(stage)
                try session.run("BEGIN")
                try transfer(session, 30)
                stage.cluster.kill(0)
                let promotion = Background { try stage.cluster.promote(2, graceful: false) }
                try finish(session, 30)
                _ = try promotion.value()
                try checkTransfer(stage, on: 2)
            }
        }

        @Test func `a transaction with prepared statements goes on, with the types that were bound before`() throws {
            try withStage { stage in
                let session = try open(stage)
                let update = try MySQLStatement(session, "UPDATE account SET balance = balance + ? WHERE id = ?")
                try update.bind([.int(-30), .int(1)])
                try session.run("BEGIN")
                #expect(update.executeBound().failure == nil)
                try session.run("INSERT INTO entry (account, amount) VALUES (1, -30)")
                try stage.cluster.promote(1)
                try update.execute([.int(30), .int(2)])
                try session.run("INSERT INTO entry (account, amount) VALUES (2, 30)", "COMMIT")
                try checkTransfer(stage, on: 1)
            }
        }

        @Test func `generated numbers are those that the client knows, though others were generated meanwhile`() throws
        {
            try withStage { stage in
                let session = try open(stage)
                let other = try stage.connect()
                // A number that the next primary never hears of.
                try other.run("BEGIN", "INSERT INTO entry (account, amount) VALUES (9, 9)")
                try session.run("BEGIN", "INSERT INTO entry (account, amount) VALUES (1, 1), (1, 2)")
                let number = try #require(try session.value("SELECT LAST_INSERT_ID()"))
                try other.run("ROLLBACK")
                // With a number of its own: it must not be taken for one that was made.
                try session.run("INSERT INTO entry (id, account, amount) VALUES (700, 1, 3)")
                stage.cluster.kill(0)
                let promotion = Background { try stage.cluster.promote(1, graceful: false) }
                try session.run("INSERT INTO entry (account, amount) VALUES (1, 4)", "COMMIT")
                #expect(try session.value("SELECT MIN(id) FROM entry WHERE account = 1") == number)
                _ = try promotion.value()
                #expect(
                    try stage.cluster.execute(1, "SELECT id FROM app.entry WHERE amount > 2 ORDER BY id")
                        == [["700"], ["701"]])
            }
        }

        @Test func `a transaction that saw what is not so any more is rolled back, and its client is told why`() throws
        {
            try withStage { stage in
                let session = try open(stage)
                try session.run("BEGIN")
                #expect(try session.value("SELECT balance FROM account WHERE id = 2") == "100")
                try session.run("UPDATE account SET balance = 0 WHERE id = 1")
                // Committed behind the transaction's snapshot, and there for that of the repeated one.
                try stage.connect().run("UPDATE account SET balance = 50 WHERE id = 2")
                try stage.cluster.waitUntilReplicated()
                try stage.cluster.promote(1)
                let failure = try #require(session.error(of: "COMMIT"))
                #expect(failure.code == 9505, "\(failure)")
                #expect(failure.text.contains("another result"), "\(failure)")
                #expect(
                    try stage.cluster.execute(1, "SELECT balance FROM app.account ORDER BY id") == [["100"], ["50"]])
                // The session lives.
                try session.run("BEGIN", "UPDATE account SET balance = 1 WHERE id = 1", "COMMIT")
                #expect(try session.value("SELECT balance FROM account WHERE id = 1") == "1")
            }
        }

        @Test func `what cannot be repeated is told with the next statement, and ROLLBACK is no error`() throws {
            try withStage { stage in
                let (first, second) = (try open(stage), try stage.connect())
                for session in [first, second] {
                    try session.run("BEGIN", "SET @a = 1", "INSERT INTO entry (account, amount) VALUES (1, @a)")
                }
                try stage.cluster.promote(1)
                // Before that, the former primary itself answers, which is read-only by now.
                let query = "SELECT role FROM routing_table WHERE node = '\(stage.cluster.nodes[1].address)'"
                try eventually("the proxy knows the next primary") { try stage.console().value(query) == "primary" }
                let failure = try #require(first.error(of: "INSERT INTO entry (account, amount) VALUES (2, @a)"))
                #expect([9505, 9506].contains(failure.code), "\(failure)")
                if failure.code == 9505 {
                    #expect(second.error(of: "ROLLBACK") == nil)
                    #expect(try second.value("SELECT COUNT(*) FROM entry") == "0")
                }
            }
        }

        @Test func `writes that a primary refuses for being read-only wait for the next one`() throws {
            try withStage { stage in
                let session = try open(stage)
                let insert = try MySQLStatement(session, "INSERT INTO entry (account, amount) VALUES (?, 1)")
                try stage.cluster.execute(0, "SET GLOBAL read_only = 1")
                let writes = [
                    Background { try stage.connect().run("INSERT INTO entry (account, amount) VALUES (5, 5)") },
                    Background {
                        try stage.connect().run(
                            "BEGIN", "UPDATE account SET balance = 7 WHERE id = 1",
                            "INSERT INTO entry (account, amount) VALUES (7, 7)", "COMMIT")
                    },
                ]
                let promotion = Background { try stage.cluster.promote(2) }
                try insert.execute([.int(6)])
                _ = try promotion.value()
                for write in writes { try write.value() }
                #expect(
                    try stage.cluster.execute(2, "SELECT account FROM app.entry ORDER BY account")
                        == [["5"], ["6"], ["7"]])
            }
        }

        @Test func `a COMMIT that a read-only primary refuses is done on the next one`() throws {
            try withStage { stage in
                let session = try open(stage)
                try session.run("BEGIN")
                try transfer(session, 30)
                try session.run(
                    "UPDATE account SET balance = balance + 30 WHERE id = 2",
                    "INSERT INTO entry (account, amount) VALUES (2, 30)")
                try stage.cluster.execute(0, "SET GLOBAL read_only = 1")
                let promotion = Background { try stage.cluster.promote(1) }
                try session.run("COMMIT")
                _ = try promotion.value()
                try checkTransfer(stage, on: 1)
                #expect(session.status & 1 == 0, "no transaction is open")
            }
        }

        @Test func `without a next primary the transaction is given up after hold_timeout, and the session lives`()
            throws
        {
            try withStage(Self.quickHold) { stage in
                let session = try open(stage)
                try session.run("BEGIN")
                try transfer(session, 30)
                stage.cluster.kill(0)
                let failure = try #require(session.error(of: "UPDATE account SET balance = 0 WHERE id = 2"))
                #expect(failure.code == 9505, "\(failure)")
                #expect(failure.text.contains("hold_timeout"), "\(failure)")
                try stage.cluster.promote(1, graceful: false)
                #expect(try session.value("SELECT balance FROM account WHERE id = 1 FOR UPDATE") == "100")
            }
        }

        @Test func `a read-only transaction whose replica is killed goes on on another`() throws {
            try withStage { stage in
                let session = try open(stage)
                try session.run("START TRANSACTION READ ONLY")
                #expect(try session.value("SELECT SUM(balance) FROM account") == "200")
                let query =
                    "SELECT COUNT(*) FROM information_schema.innodb_trx t "
                    + "JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.user = 'app'"
                let nodes = try [1, 2].filter { try stage.cluster.execute($0, query) != [["0"]] }
                #expect(nodes.count == 1)
                stage.cluster.kill(try #require(nodes.first))
                #expect(try session.value("SELECT SUM(balance) FROM account") == "200")
                try session.run("COMMIT")
            }
        }
    }
}
