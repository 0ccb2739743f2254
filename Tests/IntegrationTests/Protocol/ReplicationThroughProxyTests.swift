// Replicas and readers of the binary log that connect through the proxy.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct ReplicationThroughProxyTests {
        static let reader = ChildProgram.find("mariadb-binlog")

        @Test(.enabled(if: TestServer.isMariaDB, "it is set up in MariaDB's words"))
        func `a replica outside of the cluster replicates through the proxy`() throws {
            let stage = try Scene.stage
            let outside = try LocalCluster.start(LocalCluster.Options(replicas: 0))
            defer { outside.stop() }
            let position = try #require(try stage.cluster.execute(0, "SELECT @@gtid_binlog_pos")[0][0])
            try outside.execute(
                0,
                """
                SET GLOBAL server_id = 77; SET GLOBAL gtid_strict_mode = 0; SET GLOBAL gtid_slave_pos = '\(position)';
                CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = \(stage.proxy.ports.split),
                    MASTER_USER = 'replica', MASTER_PASSWORD = 'replicapw', MASTER_USE_GTID = slave_pos,
                    MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1;
                START SLAVE;
                """)
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE followed (id INT PRIMARY KEY, text LONGTEXT)")
            for id in 1...20 { try session.run("INSERT INTO followed VALUES (\(id), REPEAT('x', 200000))") }
            try eventually("all rows are there") {
                try outside.execute(0, "SELECT COUNT(*), SUM(LENGTH(text)) FROM app.followed") == [["20", "4000000"]]
            }
            // It shows where it reads, and can be sent away like any client.
            let row = try eventually("the proxy lists it") {
                try session.rows("SHOW PROCESSLIST").isEmpty
                    ? nil
                    : try stage.console().rows("SELECT id, phase FROM sessions WHERE user = 'replica'").first
            }
            try stage.console().run("KILL \(row[0] ?? "")")
            try session.run("INSERT INTO followed VALUES (21, 'after the kill')")
            try eventually("it came back by itself") {
                try outside.execute(0, "SELECT text FROM app.followed WHERE id = 21") == [["after the kill"]]
            }
        }

        @Test(.enabled(if: !TestServer.isMariaDB, "it is set up in MySQL's words"))
        func `a replica of MySQL replicates through the proxy`() throws {
            let stage = try Scene.stage
            let outside = try LocalCluster.start(LocalCluster.Options(replicas: 0, flavor: .mySQL))
            defer { outside.stop() }
            let executed = try #require(try stage.cluster.execute(0, "SELECT @@GLOBAL.gtid_executed")[0][0])
            let purged = executed.filter { !$0.isWhitespace }
            try outside.execute(
                0,
                """
                SET GLOBAL server_id = 77; SET GLOBAL gtid_purged = '+\(purged)';
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = \(stage.proxy.ports.split),
                    SOURCE_USER = 'replica', SOURCE_PASSWORD = 'replicapw', SOURCE_AUTO_POSITION = 1,
                    GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_HEARTBEAT_PERIOD = 1;
                START REPLICA;
                """)
            let session = try stage.connect()
            try session.run("CREATE TABLE followed (id INT PRIMARY KEY, text LONGTEXT)")
            for id in 1...20 { try session.run("INSERT INTO followed VALUES (\(id), REPEAT('x', 200000))") }
            func followed(_ sql: String) throws -> [[String?]] { try outside.execute(0, sql) }
            try eventually("all rows are there", seconds: 40) {
                try followed("SELECT COUNT(*), SUM(LENGTH(text)) FROM app.followed") == [["20", "4000000"]]
            }
            let id = try eventually("the proxy lists it") {
                try stage.console().value("SELECT id FROM sessions WHERE user = 'replica'")
            }
            try stage.console().run("KILL \(id)")
            try session.run("INSERT INTO followed VALUES (21, 'after the kill')")
            try eventually("it came back by itself", seconds: 40) {
                try followed("SELECT text FROM app.followed WHERE id = 21") == [["after the kill"]]
            }
        }

        @Test(
            .enabled(
                if: reader != nil && TestServer.flavor == .mariaDB, "the mariadb-binlog installed is of MariaDB 10.11"))
        func `mariadb-binlog reads the same log through the proxy`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE logged (id INT)", "INSERT INTO logged VALUES (1), (2)")
            let outputs = try [stage.cluster.primaryNode.port, stage.proxy.ports.split].map { port in
                let run = try ChildProgram.run(
                    try #require(Self.reader),
                    [
                        "--no-defaults", "--read-from-remote-server", "--host=127.0.0.1", "--port=\(port)",
                        "--protocol=tcp", "--user=replica", "--password=replicapw", "binlog.000001",
                    ])
                #expect(run.end.status == 0, "\(run.output.suffix(500))")
                return run.output
            }
            #expect(outputs[0].contains("logged"))
            #expect(outputs[1] == outputs[0])
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL 9 takes shorter packets for the same commands"))
        func `who may not read the log hears it from the server, and the session goes on`() throws {
            let stage = try Scene.stage
            let answers = try [stage.cluster.primaryNode.port, stage.proxy.ports.split].map { port in
                let connection = try RawConnection(port: port)
                #expect(try connection.logIn(user: "open", schema: "app")?.isOK == true)
                var packets: [RawPacket?] = []
                for command: [UInt8] in [[0x15], [0x12, 4, 0, 0, 0, 0, 0, 9, 0, 0, 0], [0x0e]] {
                    connection.send(RawPacket(command))
                    packets.append(try connection.receivePacket())
                }
                return packets
            }
            #expect(answers[1] == answers[0])
        }
    }

    /// Each with settings of its own.
    @Suite struct IdentitySettingsTests {
        @Test func `the log is read on a replica when the settings say so`() throws {
            try withStage(.init { $0.cluster["binlog_node"] = "replica" }) { stage in
                let connection = try stage.connect {
                    $0.user = "replica"
                    $0.password = "replicapw"
                    $0.schema = nil
                }
                try connection.run("SET @master_binlog_checksum = 'NONE', @slave_connect_state = ''")
                let node = try stage.console().value(
                    "SELECT node FROM connections WHERE session = \(connection.connectionID)")
                #expect(node != nil && node != stage.cluster.primaryNode.address)
            }
        }

        @Test(arguments: ["primary", "named", "unknown"])
        func `the log is read where the settings say`(policy: String) throws {
            let cluster = try LocalCluster.start(LocalCluster.Options(replicas: 1, flavor: TestServer.flavor))
            defer { cluster.stop() }
            let wanted = policy == "named" ? cluster.nodes[1].address : cluster.nodes[0].address
            var configuration = ProxyConfiguration(cluster)
            configuration.cluster["binlog_node"] =
                ["primary": "primary", "named": wanted, "unknown": "127.0.0.1:1"][policy]
            let app = MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword)
            let proxy = try ProxyProcess.start(configuration, until: app)
            defer { proxy.kill() }
            let console = try MySQLSession(proxy.console)
            // Logins work as soon as the primary is known.
            try eventually("every node is reachable") {
                try console.value("SELECT COUNT(*) FROM nodes WHERE reachable = 'yes'") == "2"
            }
            let connection = try MySQLSession(
                MySQLLogin(port: proxy.ports.split, user: "replica", password: "replicapw"))
            let announced = connection.error(of: "SET @master_binlog_checksum = 'NONE', @slave_connect_state = ''")
            guard policy != "unknown" else {
                #expect(announced?.text.contains("127.0.0.1:1") == true, "\(announced?.text ?? "no error")")
                #expect(try connection.value("SELECT 1") == "1")
                return
            }
            #expect(announced == nil)
            let node = try console.value("SELECT node FROM connections WHERE session = \(connection.connectionID)")
            #expect(node == wanted)
            #expect(try connection.value("SELECT @@port")?.isEmpty == false)
            #expect(wanted.hasSuffix(":\(try connection.value("SELECT @@port") ?? "")"))
        }

        @Test func `a client that goes away takes its statement with it when the settings say so`() throws {
            try withStage(.init { $0.cluster["kill_on_disconnect"] = "true" }) { stage in
                let client = try stage.connect()
                try client.send("SELECT SLEEP(300), 'orphan'")
                let running =
                    "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(300)%orphan%'"
                    + " AND id <> CONNECTION_ID()"
                func count() throws -> Int {
                    try stage.cluster.nodes.reduce(0) {
                        $0 + (Int(try stage.cluster.execute($1.index, running)[0][0] ?? "") ?? 0)
                    }
                }
                try eventually("it runs") { try count() == 1 }
                client.vanish()
                try eventually("it runs no more") { try count() == 0 }
            }
        }

        @Test func `clients behind a proxy are who the header says, and the version is the listener's`() throws {
            let options = Stage.Options {
                $0.cluster["send_proxy_protocol"] = "off"
                $0.listener = ["server_version": "8.0.77-own"]
            }
            try withStage(options) { stage in
                let session = try stage.connect()
                #expect(session.serverVersion == "8.0.77-own")
            }
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL takes no PROXY protocol"))
        func `PROXY protocol headers are required from trusted networks, in every form`() throws {
            let cluster = try LocalCluster.start(LocalCluster.Options(replicas: 0))
            defer { cluster.stop() }
            try cluster.execute(
                0, "CREATE USER 'far'@'10.1.2.%' IDENTIFIED VIA mysql_native_password USING PASSWORD('')")
            var configuration = ProxyConfiguration(cluster)
            configuration.listener = ["proxy_protocol": "[127.0.0.0/8]"]
            let ready = MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword)
            let proxy = try ProxyProcess(configuration)
            defer { proxy.kill() }
            _ = ready
            let binary: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
            let headers: [[UInt8]] = [
                Array("PROXY TCP4 10.1.2.3 10.0.0.1 4444 3306\r\n".utf8),
                binary + [0x21, 0x11, 0, 12, 10, 1, 2, 9, 1, 1, 1, 1, 0x11, 0x22, 0, 1],
            ]
            try eventually("the proxy takes clients") {
                let connection = try RawConnection(port: proxy.ports.split)
                connection.send(headers[0])
                return try connection.logIn(user: "far")?.isOK == true
            }
            for header in headers {
                let connection = try RawConnection(port: proxy.ports.split)
                for byte in header { connection.send([byte]) }
                #expect(try connection.logIn(user: "far")?.isOK == true)
                // Without its header the same account has another host.
                let other = try RawConnection(port: proxy.ports.split)
                other.send(Array("PROXY TCP4 10.9.9.9 10.0.0.1 4444 3306\r\n".utf8))
                #expect(try other.logIn(user: "far")?.errorCode == 1045)
            }
            for garbage in ["GET / HTTP/1.0\r\n\r\n", "PROXY TCP4 nonsense\r\n"] {
                let connection = try RawConnection(port: proxy.ports.split)
                connection.send(Array(garbage.utf8))
                try connection.waitForClose()
            }
        }
    }
}
