// Accounts that `read_only` does not bind: a demoted node takes their writes, so only the gate keeps them off.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct UnboundAccountTests {
        @Test(arguments: ["INSERT INTO strong VALUES (2)", "COMMIT"])
        func `what such an account has waiting behind a switchover's lock is done on the next primary only`(
            statement: String
        ) throws {
            let options = Stage.Options { $0.cluster = ["hold_timeout": "30s"] }
            try withStage(options) { stage in
                try stage.connect().run("CREATE TABLE strong (id INT PRIMARY KEY)")
                try stage.cluster.execute(
                    0,
                    "CREATE USER 'strong'@'%' IDENTIFIED BY 'strongpw'; GRANT ALL PRIVILEGES ON *.* TO 'strong'@'%'")
                try stage.cluster.waitUntilReplicated()
                let (isOpen, isLocked) = (Signal(), Signal())
                let write = Background { () throws -> MySQLFailure? in
                    let session = try eventually("the account is known") {
                        try stage.connect {
                            $0.user = "strong"
                            $0.password = "strongpw"
                            $0.schema = "app"
                        }
                    }
                    if statement == "COMMIT" { try session.run("BEGIN", "INSERT INTO strong VALUES (1)") }
                    isOpen.raise()
                    try eventually("writes are held up") { isLocked.isRaised }
                    return session.error(of: statement)
                }
                try eventually("the session is there") { isOpen.isRaised }
                try eventually("its grants are known") { stage.proxy.log.contains("'strong'") }
                let holder = try MySQLSession(stage.rootLogin(0))
                try holder.run("FLUSH TABLES WITH READ LOCK")
                isLocked.raise()
                let waiting =
                    "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'strong' AND info = '\(statement)'"
                try eventually("the statement waits for the lock") { try holder.value(waiting) == "1" }
                try holder.run("SET GLOBAL read_only = 1")
                try eventually("it is ended there") { try holder.value(waiting) == "0" }
                try holder.run("UNLOCK TABLES")
                #expect(try holder.value("SELECT COUNT(*) FROM app.strong") == "0")
                try stage.cluster.promote(1)
                #expect(try write.value() == nil)
                #expect(try stage.cluster.execute(1, "SELECT COUNT(*) FROM app.strong") == [["1"]])
            }
        }

        @Test
        func `behind its first write on the next primary, an account with SUPER writes nothing on the former one`()
            throws
        {
            try withStage { stage in
                try stage.connect().run("CREATE TABLE strong (id INT PRIMARY KEY, server INT)")
                try stage.cluster.execute(
                    0,
                    "CREATE USER 'strong'@'%' IDENTIFIED BY 'strongpw'; GRANT ALL PRIVILEGES ON *.* TO 'strong'@'%'")
                try stage.cluster.waitUntilReplicated()
                // What the former primary still does at the end of its lock must not stop it from replicating again.
                for node in 0...2 where TestServer.isMariaDB {
                    try stage.cluster.execute(node, "SET GLOBAL gtid_strict_mode = OFF")
                }
                let stop = Signal()
                defer { stop.raise() }
                let writers = (1...4).map { writer in
                    Background { () throws -> (acknowledged: [Int], errors: [String]) in
                        let session = try stage.connect {
                            $0.user = "strong"
                            $0.password = "strongpw"
                            $0.schema = "app"
                        }
                        var (id, acknowledged, errors) = (writer * 1_000_000, [Int](), [String]())
                        while !stop.isRaised {
                            id += 1
                            if let failure = session.error(of: "INSERT INTO strong VALUES (\(id), @@server_id)") {
                                errors.append("\(failure)")
                            } else {
                                acknowledged.append(id)
                            }
                        }
                        return (acknowledged, errors)
                    }
                }
                /// Whether each of them has written with a server.
                func allWrote(_ server: Int) throws -> Bool {
                    let query = "SELECT COUNT(DISTINCT id DIV 1000000) FROM app.strong WHERE server = \(server)"
                    return try stage.cluster.execute(server - 10, query) == [["4"]]
                }
                try eventually("the load flows") { try allWrote(10) }
                for target in [1, 2] {
                    try stage.cluster.promote(target)
                    try eventually("writes arrive at the new primary") { try allWrote(10 + target) }
                }
                stop.raise()
                let written = try writers.map { try $0.value() }
                // What was done there while the proxy had it ended may be nowhere else: nobody can know more of it.
                #expect(written.flatMap(\.errors).allSatisfy { $0.hasPrefix("9504") }, "\(written.map(\.errors))")
                // On whichever node a row is: behind the first one of a session on the next primary none is on the former.
                var servers: [Int: Int] = [:]
                for node in 0...2 {
                    for row in try stage.cluster.execute(node, "SELECT id, server FROM app.strong") {
                        if let id = Int(row[0] ?? ""), let server = Int(row[1] ?? "") { servers[id] = server }
                    }
                }
                for writer in 1...4 {
                    let reigns = servers.filter { $0.key / 1_000_000 == writer }.sorted { $0.key < $1.key }.map(\.value)
                    let changes = zip(reigns, reigns.dropFirst()).count { $0 != $1 }
                    #expect(changes == 2 && Set(reigns).count == 3, "writer \(writer) went back: \(reigns)")
                }
                #expect(stage.proxy.log.contains("strong"), "nobody was warned of the account")
            }
        }
    }
}
