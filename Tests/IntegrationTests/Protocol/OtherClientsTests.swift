// Clients that other people wrote.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct OtherClientsTests {
        static let mariadb = ChildProgram.find("mariadb") ?? ChildProgram.find("mysql")
        static let sysbench = ChildProgram.find("sysbench")

        /// A Python that has PyMySQL.
        static let python: String? = ["/usr/bin/python3", ChildProgram.find("python3") ?? ""].first { path in
            guard !path.isEmpty else { return false }
            return (try? ChildProgram.run(path, ["-c", "import pymysql"]).end.status) == 0
        }

        @Test(.enabled(if: mariadb != nil, "the mariadb client is not installed"))
        func `the mariadb client`() throws {
            let stage = try Scene.stage
            let script = """
                DROP TABLE IF EXISTS smoke; CREATE TABLE smoke (id INT PRIMARY KEY, name TEXT);
                INSERT INTO smoke VALUES (1, 'ä'), (2, NULL);
                SELECT * FROM smoke; SHOW TABLES LIKE 'smoke'; BEGIN; DELETE FROM smoke; ROLLBACK;
                SELECT COUNT(*) FROM smoke; USE other; SELECT DATABASE(); SHOW WARNINGS;
                DELIMITER //
                SELECT 1; SELECT 2 //
                """
            var outputs: [String] = []
            for login in [stage.direct(), stage.login] {
                let run = try ChildProgram.run(
                    try #require(Self.mariadb),
                    [
                        "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--port=\(login.port)",
                        "--user=\(login.user)",
                        "--password=\(login.password)", "--default-character-set=utf8mb4", "--table", "app",
                    ], input: script)
                #expect(run.end.status == 0, "\(run.output)")
                outputs.append(run.output)
            }
            #expect(outputs[0].contains("ä"))
            #expect(outputs[1] == outputs[0])
        }

        @Test(.enabled(if: python != nil, "PyMySQL is not installed"))
        func `PyMySQL`() throws {
            let stage = try Scene.stage
            let program = """
                import pymysql, sys
                c = pymysql.connect(host='127.0.0.1', port=int(sys.argv[1]), user='app', password='apppw',
                                    database='app', charset='utf8mb4', local_infile=True)
                k = c.cursor()
                k.execute('DROP TABLE IF EXISTS py')
                k.execute('CREATE TABLE py '
                          '(id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20), at DATETIME)')
                rows = [('ä', '2024-01-01'), (None, None), ("q'uote", None)]
                print(k.executemany('INSERT INTO py (name, at) VALUES (%s, %s)', rows), k.lastrowid)
                k.execute('SELECT * FROM py'); print(k.fetchall())
                c.rollback(); k.execute('SELECT COUNT(*) FROM py'); print(k.fetchall())
                k.execute('INSERT INTO py (name) VALUES (%s)', ('kept',)); c.commit(); c.autocommit(True)
                k.execute('SELECT id, name FROM py'); print(k.fetchall(), [d[0] for d in k.description])
                try:
                    k.execute('SELECT nonsense')
                except pymysql.err.OperationalError as e:
                    print(e.args)
                c.ping(reconnect=False); c.select_db('other'); k.execute('SELECT DATABASE()'); print(k.fetchall())
                s = c.cursor(pymysql.cursors.SSCursor); s.execute('\(TestServer.spelled("SELECT seq FROM seq_1_to_5000")[0])')
                print(sum(r[0] for r in s)); s.close()
                c.close()
                """
            let outputs = try [stage.direct(), stage.login].map { login in
                let run = try ChildProgram.run(try #require(Self.python), ["-c", program, "\(login.port)"])
                #expect(run.end.status == 0, "\(run.output)")
                return run.output
            }
            #expect(outputs[0].contains("12502500"))
            #expect(outputs[1] == outputs[0])
        }

        @Test(.enabled(if: sysbench != nil, "sysbench is not installed"), arguments: ["auto", "disable"])
        func `sysbench's mixed transactions end without an error`(preparedStatements: String) throws {
            let stage = try Scene.stage
            let arguments = [
                "oltp_read_write", "--db-driver=mysql", "--mysql-host=127.0.0.1",
                "--mysql-port=\(stage.proxy.ports.split)", "--mysql-user=app",
                "--mysql-password=apppw", "--mysql-db=sbtest", "--tables=2", "--table-size=1000", "--threads=4",
                "--time=5",
                "--db-ps-mode=\(preparedStatements)", "--rand-type=uniform",
            ]
            let sysbench = try #require(Self.sysbench)
            let prepared = try ChildProgram.run(sysbench, arguments + ["prepare"])
            #expect(prepared.end.status == 0, "\(prepared.output)")
            let run = try ChildProgram.run(sysbench, arguments + ["run"])
            #expect(run.end.status == 0, "\(run.output)")
            #expect(!run.output.contains("FATAL"), "\(run.output)")
            // A deadlock among its own threads is sysbench's business; a lost connection would be ours.
            let reconnects = try #require(run.output.split(separator: "reconnects:").last?.split(separator: "(").first)
            #expect(reconnects.filter { $0 != " " } == "0", "\(run.output)")
            let cleanedUp = try ChildProgram.run(sysbench, arguments + ["cleanup"])
            #expect(cleanedUp.end.status == 0)
        }

        @Test(.enabled(if: sysbench != nil, "sysbench is not installed"))
        func `sysbench's read-only load spreads over both replicas and keeps away from the primary`() throws {
            let stage = try Scene.stage
            let arguments = [
                "oltp_read_only", "--db-driver=mysql", "--mysql-host=127.0.0.1",
                "--mysql-port=\(stage.proxy.ports.split)", "--mysql-user=app",
                "--mysql-password=apppw", "--mysql-db=sbtest", "--tables=1", "--table-size=1000", "--threads=8",
                "--time=4", "--db-ps-mode=disable",
                "--skip-trx=on",
            ]
            let sysbench = try #require(Self.sysbench)
            #expect(try ChildProgram.run(sysbench, arguments + ["prepare"]).end.status == 0)
            try stage.cluster.waitUntilReplicated()
            func reads() throws -> [String: Int] {
                let rows = try stage.console().rows(
                    "SELECT role || '-' || r.node, reads_total FROM routing_table AS r JOIN nodes AS n USING (node)"
                )
                return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", Int($0[1] ?? "") ?? 0) })
            }
            let before = try reads()
            let run = try ChildProgram.run(sysbench, arguments + ["run"])
            #expect(run.end.status == 0, "\(run.output)")
            let after = try reads()
            let gained = after.mapValues { $0 }.merging(before) { $0 - $1 }
            let replicas = gained.filter { $0.key.hasPrefix("replica") }.values.sorted()
            let primary = gained.filter { $0.key.hasPrefix("primary") }.values.reduce(0, +)
            #expect(replicas.count == 2 && replicas[0] > 100)
            #expect(replicas[0] * 4 > replicas[1], "\(gained)")
            #expect(primary < (replicas[0] + replicas[1]) / 100, "\(gained)")
            #expect(try ChildProgram.run(sysbench, arguments + ["cleanup"]).end.status == 0)
        }
    }
}
