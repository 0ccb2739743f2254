// Who is let in, who is not, and in which words.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    /// The accounts are mirrored from the primary: the settings name none.
    @Suite(.stage()) struct LoginTests {
        /// The errors of the same login, directly and through the proxy; nil when it succeeds.
        private func failures(_ change: (inout MySQLLogin) -> Void) throws -> (
            direct: MySQLFailure?, proxied: MySQLFailure?
        ) {
            let stage = try Scene.stage
            return (failure(stage.direct().with(change)), failure(stage.login.with(change)))
        }

        private func failure(_ login: MySQLLogin) -> MySQLFailure? {
            do throws(MySQLFailure) {
                _ = try MySQLSession(login).query("SELECT 1")
                return nil
            } catch {
                return error
            }
        }

        @Test func `the right password lets a client in as the account it names`() throws {
            let stage = try Scene.stage
            #expect(try stage.connect().value("SELECT CURRENT_USER()") == "app@%")
        }

        @Test func `a wrong password is refused in the server's words`() throws {
            let (direct, proxied) = try failures { $0.password = "wrong" }
            #expect(direct?.code == 1045)
            #expect(proxied == direct)
        }

        @Test func `no password where one is needed is refused in the server's words`() throws {
            let (direct, proxied) = try failures { $0.password = "" }
            #expect(direct?.text.contains("using password: NO") == true)
            #expect(proxied == direct)
        }

        @Test(arguments: ["", "something"])
        func `an unknown user is refused like a wrong password`(password: String) throws {
            let (direct, proxied) = try failures { ($0.user, $0.password) = ("nobody", password) }
            // For an account that is not there, the server plays another one's plugin, and may answer in its words.
            #expect(direct?.code == 1045 || direct?.code == 1698)
            let known = try failures { $0.password = password.isEmpty ? "" : "wrong" }
            let expected = try #require(known.direct).text.replacing("'app'", with: "'nobody'")
            #expect(proxied == MySQLFailure(code: 1045, sqlState: "28000", text: expected))
        }

        @Test func `an account without a password needs none, and takes none`() throws {
            let open = try failures { ($0.user, $0.password) = ("open", "") }
            #expect(open.direct == nil && open.proxied == nil)
            let closed = try failures { ($0.user, $0.password) = ("open", "something") }
            #expect(closed.direct?.code == 1045)
            #expect(closed.proxied == closed.direct)
        }

        @Test func `an unknown schema fails the login with 1049, as it does directly`() throws {
            let account = ("open", "")
            for schema in ["nowhere", "app_", "APP"] {
                let (direct, proxied) = try failures {
                    ($0.user, $0.password) = account
                    $0.schema = schema
                }
                #expect(direct != nil)
                #expect(proxied == direct, "\(schema)")
            }
        }

        @Test func `a schema without rights fails the login with 1044, as it does directly`() throws {
            let (direct, proxied) = try failures { $0.schema = "mysql" }
            #expect(direct?.code == 1044)
            #expect(proxied == direct)
        }

        @Test func `the schema of the login is in force on every node`() throws {
            let stage = try Scene.stage
            let session = try stage.connect { $0.schema = "other" }
            #expect(try session.rows("SELECT DATABASE(), marker > 0 FROM app.node_marker") == [["other", "1"]])
            #expect(try session.rows("SELECT DATABASE(), marker FROM app.node_marker FOR UPDATE") == [["other", "0"]])
        }

        @Test func `no schema is no schema`() throws {
            let stage = try Scene.stage
            let session = try stage.connect { $0.schema = nil }
            #expect(try session.rows("SELECT DATABASE()") == [[nil]])
            #expect(session.error(of: "SELECT * FROM node_marker")?.code == 1046)
        }

        @Test func `a client that begins with another plugin is asked for a native password`() throws {
            let stage = try Scene.stage
            for plugin in ["caching_sha2_password", "client_ed25519"] {
                let session = try stage.connect { $0.authenticationPlugin = plugin }
                #expect(try session.value("SELECT 1") == "1")
                let refused = try failures {
                    $0.authenticationPlugin = plugin
                    $0.password = "wrong"
                }
                #expect(refused.direct?.code == 1045)
                #expect(refused.proxied == refused.direct)
            }
        }

        @Test func `an account that another plugin keeps is told so`() throws {
            let stage = try Scene.stage
            let refusal = failure(
                stage.login.with { ($0.user, $0.password, $0.schema) = ("socket", "", nil) })
            #expect(refusal?.code == 1251)
            #expect(refusal?.text.contains(TestServer.socketPlugin) == true)
        }

        @Test func `the greeting is the primary's own`() throws {
            let stage = try Scene.stage
            let (direct, proxied) = (try stage.connectDirectly(), try stage.connect())
            #expect(proxied.serverVersion == direct.serverVersion)
            #expect(proxied.greetingCollation == direct.greetingCollation)
            #expect(proxied.status == direct.status)
        }

        @Test func `two clients never have the same connection id`() throws {
            let stage = try Scene.stage
            let sessions = try (0..<20).map { _ in try stage.connect() }
            #expect(Set(sessions.map(\.connectionID)).count == 20)
        }

        @Test func `an account made, changed and dropped on the primary is followed`() throws {
            let stage = try Scene.stage
            let login = stage.login.with { ($0.user, $0.password, $0.schema) = ("late", "first", nil) }
            #expect(failure(login)?.code == 1045)
            try stage.cluster.execute(0, "CREATE USER late@'%' IDENTIFIED BY 'first'")
            try eventually("the new account is mirrored") { failure(login) == nil }
            try stage.cluster.execute(0, "ALTER USER late@'%' IDENTIFIED BY 'second'")
            let changed = login.with { $0.password = "second" }
            try eventually("the new password is mirrored") { failure(changed) == nil && failure(login)?.code == 1045 }
            try stage.cluster.execute(0, "ALTER USER late@'%' ACCOUNT LOCK")
            let locked = try #require(failure(changed.with { $0.port = stage.cluster.nodes[0].port }))
            try eventually("the lock is mirrored") { failure(changed)?.code == locked.code }
            try stage.cluster.execute(0, "DROP USER late@'%'")
            try eventually("the account is gone") { failure(changed)?.code == 1045 }
        }

        @Test func `an account for another host is not for this one`() throws {
            let stage = try Scene.stage
            try stage.cluster.execute(
                0,
                """
                CREATE USER far@'10.1.2.3' IDENTIFIED BY 'pw'; CREATE USER near@'127.%' IDENTIFIED BY 'pw';
                CREATE USER masked@'127.0.0.0/255.255.255.0' IDENTIFIED BY 'pw';
                """)
            func login(_ user: String) -> MySQLLogin {
                stage.login.with { ($0.user, $0.password, $0.schema) = (user, "pw", nil) }
            }
            try eventually("the accounts are mirrored") {
                failure(login("near")) == nil && failure(login("masked")) == nil
            }
            let far = try failures { ($0.user, $0.password, $0.schema) = ("far", "pw", nil) }
            // For an account that is not there, the server plays another one's plugin, and may answer in its words.
            #expect(far.direct?.code == 1045 || far.direct?.code == 1698)
            #expect(far.proxied?.code == 1045)
        }

        @Test func `a server that refuses the account later says so itself`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let direct = try stage.connectDirectly()
            for statement in ["SELECT * FROM mysql.user", "CREATE DATABASE forbidden", "SELECT * FROM other.nothing"] {
                let refusal = try #require(direct.error(of: statement))
                #expect(session.error(of: statement) == refusal)
            }
        }

        @Test func `accounts of the settings file stand alone`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.users = [(stage.cluster.appUser, stage.cluster.appPassword), ("ghost", "pw")]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            #expect(failure(login) == nil)
            #expect(failure(login.with { $0.password = "wrong" })?.code == 1045)
            // The servers know this account, the settings do not.
            #expect(failure(login.with { ($0.user, $0.password) = ("open", "") })?.code == 1045)
            // The settings know this account, the servers do not: it is theirs to say.
            let ghost = failure(login.with { ($0.user, $0.password) = ("ghost", "pw") })
            #expect([1045, 1698].contains(ghost?.code), "\(String(describing: ghost))")
            #expect(failure(login) == nil)
        }
    }
}
