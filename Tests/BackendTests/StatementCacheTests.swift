// What a server connection has prepared.
import Testing
import Topology

@testable import Backend

@Suite struct StatementCacheTests {
    @Test func `the one not used for longest goes first, and what is held stays`() {
        var cache = StatementCache()
        for id in UInt32(1)...4 { cache.insert(id, serverID: id + 100) }
        #expect(cache.use(1, typesVersion: 0)?.serverID == 101)
        cache.hold(2, true)
        #expect(cache.evict() == 103 && cache.evict() == 104 && cache.evict() == 101 && cache.evict() == nil)
        #expect(cache.count == 1)
        cache.hold(2, false)
        #expect(cache.evict() == 102 && cache.count == 0)
    }

    @Test func `a server knows the types that it was last given`() {
        var cache = StatementCache()
        cache.insert(1, serverID: 9)
        #expect(cache.use(1, typesVersion: 0) == ServerStatement(serverID: 9, knowsTypes: true))
        #expect(cache.knowsTypes(1, typesVersion: 1) == false)
        #expect(cache.use(1, typesVersion: 1) == ServerStatement(serverID: 9, knowsTypes: false))
        #expect(cache.use(1, typesVersion: 1) == ServerStatement(serverID: 9, knowsTypes: true))
        #expect(cache.use(2, typesVersion: 1) == nil)
    }

    @Test func `the one used last is not taken for the one that takes its place`() {
        var cache = StatementCache()
        for id in UInt32(1)...3 { cache.insert(id, serverID: id + 100) }
        #expect(cache.use(1, typesVersion: 0)?.serverID == 101)
        #expect(cache.remove(1) == 101)
        // The third stands where the first did.
        #expect(cache.use(1, typesVersion: 0) == nil && cache.serverID(of: 1) == nil)
        #expect(cache.use(3, typesVersion: 7)?.serverID == 103 && cache.serverID(of: 2) == 102)
        cache.insert(1, serverID: 201)
        #expect(cache.use(1, typesVersion: 0)?.serverID == 201 && cache.knowsTypes(3, typesVersion: 7))
        cache.removeAll()
        #expect(cache.use(1, typesVersion: 0) == nil)
    }

    @Test func `removing keeps the others findable`() {
        var cache = StatementCache()
        for id in UInt32(1)...50 { cache.insert(id, serverID: id + 100) }
        for id in stride(from: UInt32(1), through: 50, by: 3) { #expect(cache.remove(id) == id + 100) }
        for id in UInt32(1)...50 { #expect(cache.serverID(of: id) == (id % 3 == 1 ? nil : id + 100)) }
        #expect(cache.remove(1) == nil)
        cache.removeAll()
        #expect(cache.count == 0 && cache.serverID(of: 2) == nil)
    }
}

@Suite struct StatementContextTests {
    private let loginWords =
        "SET @@session.character_set_client=45,@@session.character_set_results=45,@@session.collation_connection=45"

    private func words(
        _ from: SessionImage, _ to: SessionImage, loginCollation: UInt8 = 45, on flavor: ServerFlavor = .mySQL
    ) -> String? {
        StatementContext(from).assignments(to: StatementContext(to), loginCollation: loginCollation, on: flavor)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `only what a text is read under leads from one context to another`() {
        let login = SessionImage()
        let strict = image([("sql_mode", "ANSI_QUOTES"), ("time_zone", "+01:00")])
        #expect(words(login, image([("time_zone", "+01:00")])) == nil)
        #expect(words(login, strict) == "SET @@session.sql_mode='ANSI_QUOTES'")
        #expect(words(strict, login) == "SET @@session.sql_mode=@@global.sql_mode")
        let latin = image([("character_set_client", "latin1"), ("collation_connection", "latin1_swedish_ci")])
        #expect(
            words(login, latin)
                == "\(loginWords),@@session.character_set_client='latin1',@@session.collation_connection='latin1_swedish_ci'"
        )
        #expect(words(latin, login) == loginWords)
        var named = SessionImage()
        let isNoted = named.setNames(Array("NAMES utf8mb4".utf8))
        #expect(isNoted)
        #expect(words(login, named) == "SET NAMES utf8mb4")
        #expect(words(named, login) == loginWords)
        #expect(words(named, login, loginCollation: 0) == "SET NAMES DEFAULT")
    }

    @Test func `to MariaDB the number of a login is said in names`() {
        let login = SessionImage()
        var named = SessionImage()
        let isNoted = named.setNames(Array("NAMES cp850".utf8))
        #expect(isNoted)
        for (collation, name) in [(0, "DEFAULT"), (8, "latin1"), (33, "utf8mb3"), (45, "utf8mb4")] as [(UInt8, String)]
        {
            #expect(words(named, login, loginCollation: collation, on: .mariaDB) == "SET NAMES \(name)")
        }
        let other = words(named, login, loginCollation: 224, on: .mariaDB)
        #expect(other?.contains("WHERE ID=224") == true && other?.contains("=224,") == false)
    }
}
