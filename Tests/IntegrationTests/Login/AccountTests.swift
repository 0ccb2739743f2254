// Accounts of every kind, mirrored and of the settings: what a login meets directly, it meets through the proxy.

import LocalCluster
import TestSupport
import Testing

/// One cluster and one proxy in front of it, without the data that a `Stage` has.
private struct House {
    let cluster: LocalCluster
    let proxy: ProxyProcess

    init(
        _ flavor: LocalCluster.Options.Flavor, accounts: String,
        configure: (inout ProxyConfiguration) -> Void = { _ in }
    ) throws {
        var options = LocalCluster.Options(replicas: 1)
        options.flavor = flavor
        if flavor.isMariaDB { options.extraServerOptions = ["--plugin-load-add=auth_ed25519"] }
        cluster = try LocalCluster.start(options)
        do {
            try cluster.execute(0, accounts)
            try cluster.waitUntilReplicated()
            let configuration = ProxyConfiguration(cluster).with(configure)
            let login = MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword)
            proxy = try ProxyProcess.start(configuration, until: login)
        } catch {
            cluster.stop()
            throw error
        }
    }

    func stop() {
        proxy.kill()
        cluster.stop()
    }

    func login(_ user: String, _ password: String) -> MySQLLogin {
        MySQLLogin(port: proxy.ports.split, user: user, password: password)
    }

    /// The error of a login and a first statement, directly or through the proxy; nil when both succeed.
    func failure(_ user: String, _ password: String, directly: Bool = false) -> MySQLFailure? {
        let login = login(user, password).with { if directly { $0.port = cluster.primaryNode.port } }
        do throws(MySQLFailure) {
            _ = try MySQLSession(login).query("SELECT 1")
            return nil
        } catch {
            return error
        }
    }

    /// Expects the same from both.
    func expectSame(
        _ user: String, _ password: String, code: UInt32?, _ location: SourceLocation = #_sourceLocation
    ) {
        let direct = failure(user, password, directly: true)
        #expect(
            direct.map { UInt32($0.code) } == code, "\(user) directly: \(direct?.text ?? "")", sourceLocation: location)
        let proxied = failure(user, password)
        #expect(proxied == direct, "\(user) through the proxy: \(proxied?.text ?? "")", sourceLocation: location)
    }
}

extension Integration {
    @Suite struct AccountTests {
        private static let mySQL = """
            CREATE USER twin@'%' IDENTIFIED BY 'first';
            ALTER USER twin@'%' IDENTIFIED BY 'second' RETAIN CURRENT PASSWORD;
            CREATE USER bolted@'%' IDENTIFIED BY 'pw' ACCOUNT LOCK;
            CREATE USER stale@'%' IDENTIFIED BY 'pw' PASSWORD EXPIRE;
            CREATE USER tls@'%' IDENTIFIED BY 'pw' REQUIRE SSL;
            CREATE USER nopassword@'%';
            CREATE USER lengthy@'%' IDENTIFIED BY '\(String(repeating: "p", count: 150))';
            CREATE ROLE reader; CREATE TABLE app.secret (a INT PRIMARY KEY); GRANT SELECT ON app.secret TO reader;
            CREATE USER actor@'%' IDENTIFIED BY 'pw' DEFAULT ROLE reader;
            """

        @Test func `MySQL's accounts log in as they do directly`() throws {
            let house = try House(.mySQL, accounts: Self.mySQL)
            defer { house.stop() }
            for (user, password, code) in [
                ("twin", "first", nil), ("twin", "second", nil), ("twin", "third", 1045), ("bolted", "pw", 3118),
                ("bolted", "no", 1045), ("stale", "pw", 1862), ("tls", "pw", 1045), ("nopassword", "", nil),
                ("nopassword", "pw", 1045), ("lengthy", String(repeating: "p", count: 150), nil), ("actor", "pw", nil),
                ("nobody", "pw", 1045), ("app", "", 1045),
            ] as [(String, String, UInt32?)] {
                house.expectSame(user, password, code: code)
                // Once the password is known, it is the fast path's turn.
                house.expectSame(user, password, code: code)
            }
        }

        @Test func `a default role is in force, also on a connection that was used before`() throws {
            let house = try House(.mySQL, accounts: Self.mySQL)
            defer { house.stop() }
            for _ in 0..<3 {
                let session = try MySQLSession(house.login("actor", "pw"))
                #expect(try session.value("SELECT CURRENT_ROLE()") == "`reader`@`%`")
                #expect(try session.rows("SELECT * FROM app.secret").isEmpty)
                #expect(try session.rows("SELECT * FROM app.secret FOR SHARE").isEmpty)
            }
        }

        @Test func `an account made, changed and unlocked on MySQL is followed at its next login`() throws {
            let house = try House(.mySQL, accounts: Self.mySQL)
            defer { house.stop() }
            try house.cluster.execute(0, "CREATE USER late@'%' IDENTIFIED BY 'first'")
            #expect(house.failure("late", "first") == nil)
            try house.cluster.execute(0, "ALTER USER late@'%' IDENTIFIED BY 'second'")
            #expect(house.failure("late", "second") == nil)
            #expect(house.failure("late", "first")?.code == 1045)
            try house.cluster.execute(0, "ALTER USER bolted@'%' ACCOUNT UNLOCK")
            #expect(house.failure("bolted", "pw") == nil)
        }

        @Test func `a server that forgot a password is told again`() throws {
            let house = try House(.mySQL, accounts: Self.mySQL)
            defer { house.stop() }
            #expect(house.failure("twin", "second") == nil)
            // The servers' caches go, the proxy's stays: the next login is fast here and full there.
            try house.cluster.execute(0, "FLUSH PRIVILEGES")
            for _ in 0..<3 { #expect(house.failure("twin", "second") == nil) }
            let session = try MySQLSession(house.login("twin", "second"))
            #expect(try session.value("SELECT CURRENT_USER()") == "twin@%")
        }

        private static let mariaDB = """
            CREATE USER pair@'%' IDENTIFIED VIA ed25519 USING PASSWORD('new') OR mysql_native_password USING PASSWORD('old');
            CREATE USER edith@'%' IDENTIFIED VIA ed25519 USING PASSWORD('pw');
            CREATE USER bolted@'%' IDENTIFIED BY 'pw' ACCOUNT LOCK;
            CREATE USER stale@'%' IDENTIFIED BY 'pw' PASSWORD EXPIRE;
            CREATE USER tls@'%' IDENTIFIED BY 'pw' REQUIRE SSL;
            CREATE USER certified@'%' IDENTIFIED BY 'pw' REQUIRE SUBJECT '/CN=x';
            CREATE USER either@'%' IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('pw');
            """

        @Test func `MariaDB's accounts log in as they do directly`() throws {
            let house = try House(.mariaDB, accounts: Self.mariaDB)
            defer { house.stop() }
            for (user, password, code) in [
                ("pair", "old", nil), ("pair", "older", 1045), ("bolted", "pw", 4151), ("bolted", "no", 1045),
                ("stale", "pw", 1820), ("tls", "pw", 1045), ("certified", "pw", 1045), ("either", "pw", nil),
            ] as [(String, String, UInt32?)] {
                house.expectSame(user, password, code: code)
            }
            // Nobody could log in to a server with a signature: what to do is said.
            let refusal = house.failure("edith", "pw")
            #expect(refusal?.code == 1251 && refusal?.text.contains("client_ed25519") == true)
        }

        @Test func `accounts of the settings have plugins, hashes and other accounts behind them`() throws {
            let house = try House(.mariaDB, accounts: Self.mariaDB) { configuration in
                configuration.lines = [
                    "users:", "- {name: app, password: apppw}", "- {name: edith, password: pw}",
                    "- {name: web, password: webpw, plugin: ed25519, server_user: edith, server_password: pw}",
                    "- {name: sha, password: shapw, plugin: caching_sha2_password, server_user: app, server_password: apppw}",
                    "- {name: hashed, password_hash: \"*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19\", server_user: app, "
                        + "server_password: apppw}",
                ]
            }
            defer { house.stop() }
            for (user, password, server) in [
                ("edith", "pw", "edith@%"), ("web", "webpw", "edith@%"), ("sha", "shapw", "app@%"),
                ("hashed", "password", "app@%"),
            ] {
                let session = try MySQLSession(house.login(user, password))
                #expect(try session.value("SELECT CURRENT_USER()") == server, "\(user)")
                #expect(house.failure(user, "wrong")?.code == 1045)
            }
            #expect(house.failure("pair", "old")?.code == 1045)
        }

        @Test func `an address with too many failed logins is refused, and let in again later`() throws {
            let house = try House(.mariaDB, accounts: "DO 0") { configuration in
                configuration.limits = ["login_failures": "3", "login_refusal": "2s"]
            }
            defer { house.stop() }
            let (user, password) = (house.cluster.appUser, house.cluster.appPassword)
            let open = try MySQLSession(house.login(user, password))
            for _ in 0..<3 { #expect(house.failure(user, "wrong")?.code == 1045) }
            let refusal = house.failure(user, password)
            #expect(refusal?.code == 1129 && refusal?.text.contains("login_failures") == true)
            #expect(try open.value("SELECT 1") == "1")
            try eventually("the refusal ends") { house.failure(user, password) == nil }
            #expect(house.proxy.log.contains("logins refused"))
        }

        @Test func `who has an account does not go on guessing another's password by it`() throws {
            let house = try House(.mariaDB, accounts: "CREATE USER mine@'%' IDENTIFIED BY 'mine'") { configuration in
                configuration.limits = ["login_failures": "3", "login_refusal": "1h"]
            }
            defer { house.stop() }
            let user = house.cluster.appUser
            for _ in 0..<3 {
                #expect(house.failure("mine", "mine") == nil)
                #expect(house.failure(user, "wrong")?.code == 1045)
            }
            #expect(house.failure("mine", "mine")?.code == 1129)
        }

        @Test func `connections that were greeted before the refusal are no more guesses`() throws {
            let house = try House(.mariaDB, accounts: "CREATE USER open@'%'") { configuration in
                configuration.limits = ["login_failures": "3", "login_refusal": "1h"]
            }
            defer { house.stop() }
            let greeted = try (0..<5).map { _ in try RawConnection(port: house.proxy.ports.split) }
            for connection in greeted { #expect(try connection.receivePacket()?.isError == false) }
            for _ in 0..<3 { #expect(house.failure(house.cluster.appUser, "wrong")?.code == 1045) }
            for connection in greeted {
                connection.send(RawConnection.loginPacket(user: "open"))
                #expect(try connection.receivePacket()?.errorCode == 1129)
                try connection.waitForClose()
            }
            let late = try RawConnection(port: house.proxy.ports.split)
            #expect(try late.receivePacket()?.errorCode == 1129)
        }
    }
}
