// COM_CHANGE_USER: a full login, after which the session is as new.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct ChangeUserTests {
        @Test func `the session is as new, under the other account`() throws {
            let stage = try Scene.stage
            for login in [stage.direct(), stage.login] {
                let session = try MySQLSession(login)
                let id = session.connectionID
                try session.run(
                    "SET @a = 5, sql_mode = 'ANSI_QUOTES'", "CREATE TEMPORARY TABLE only_here (id INT)",
                    "CREATE OR REPLACE TABLE kept (id INT)", "BEGIN", "INSERT INTO kept VALUES (1)")
                try session.changeUser("open", "", "app")
                #expect(try session.value("SELECT CURRENT_USER()") == "open@%")
                #expect(try session.value("SELECT @a") == nil)
                #expect(try session.value("SELECT @@sql_mode LIKE '%ANSI_QUOTES%'") == "0")
                #expect(session.error(of: "SELECT * FROM only_here")?.code == 1146)
                #expect(try session.value("SELECT COUNT(*) FROM kept FOR UPDATE") == "0", "it was rolled back")
                #expect(try session.value("SELECT CONNECTION_ID()") == "\(id)")
                try session.changeUser(stage.cluster.appUser, stage.cluster.appPassword, "other")
                #expect(try session.rows("SELECT CURRENT_USER(), DATABASE()") == [["app@%", "other"]])
                try session.changeUser(stage.cluster.appUser, stage.cluster.appPassword, nil)
                #expect(try session.value("SELECT DATABASE()") == nil)
            }
        }

        @Test func `what was written before is read after`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE seen (id INT)")
            for id in 1...20 {
                try session.run("INSERT INTO seen VALUES (\(id))")
                try session.changeUser(stage.cluster.appUser, stage.cluster.appPassword, "app")
                #expect(try session.value("SELECT COUNT(*) FROM seen") == "\(id)")
            }
        }

        @Test func `a wrong password or schema is an error, and the connection ends`() throws {
            let stage = try Scene.stage
            for (password, schema, code) in [("wrong", "app", 1045), (stage.cluster.appPassword, "nope", 1044)] {
                let session = try stage.connect()
                let failure = #expect(throws: MySQLFailure.self) {
                    try session.changeUser(stage.cluster.appUser, password, schema)
                }
                #expect(failure?.code == code)
                #expect([2006, 2013].contains(session.error(of: "SELECT 1")?.code))
            }
        }

        @Test func `nonsense ends the connection`() throws {
            let stage = try Scene.stage
            for argument: [UInt8] in [[], [0x61], [0x61, 0, 200, 1], [0x61, 0, 0, 0x62]] {
                let connection = try RawConnection(port: stage.proxy.ports.split)
                #expect(try connection.logIn(user: "open", schema: "app")?.isOK == true)
                connection.send(RawPacket([0x11] + argument))
                #expect(try connection.lastPacketBeforeClose()?.errorCode == 1047)
            }
        }
    }
}
