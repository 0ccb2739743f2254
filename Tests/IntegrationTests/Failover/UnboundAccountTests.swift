// Accounts that `read_only` does not bind: a demoted node takes their writes, so only the gate keeps them off.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct UnboundAccountTests {
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
                for node in 0...2 { try stage.cluster.execute(node, "SET GLOBAL gtid_strict_mode = OFF") }
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
                let count = { try Int(stage.cluster.execute(1, "SELECT COUNT(*) FROM app.strong")[0][0] ?? "") ?? 0 }
                try eventually("the load flows") { try count() > 50 }
                for target in [1, 2] {
                    try stage.cluster.promote(target)
                    let before = try count()
                    try eventually("writes arrive at the new primary") { try count() > before + 50 }
                }
                stop.raise()
                let written = try writers.map { try $0.value() }
                // What waited there behind the switchover's lock may be done there at its end, before the proxy hears of
                // the next primary: nobody can know more of it.
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
