// Digests: what falls together, what stays apart, and the limits.

import SQL
import Testing

@Suite struct DigestTests {
    private func digest(_ text: String, mode: SQLMode = SQLMode(), maximum: Int = 2048) -> String {
        String(
            decoding: Array(text.utf8).withUnsafeBytes { Digest.text(of: $0, mode: mode, maximumLength: maximum) },
            as: UTF8.self)
    }

    private func hash(_ text: String, mode: SQLMode = SQLMode()) -> UInt64 {
        Array(text.utf8).withUnsafeBytes { Digest.hash(of: $0, mode: mode) }
    }

    @Test(arguments: [
        ("select 1", "SELECT ?"),
        ("select  *\nfrom t where a='x'", "SELECT * FROM t WHERE a = ?"),
        ("SELECT c FROM sbtest1 WHERE id=501885", "SELECT c FROM sbtest1 WHERE id = ?"),
        ("select a from t where b in (1, 2, 3)", "SELECT a FROM t WHERE b IN (...)"),
        ("select a from t where b in ('x')", "SELECT a FROM t WHERE b IN (...)"),
        ("select a from t where b in (?, ?, -1, null)", "SELECT a FROM t WHERE b IN (...)"),
        ("select a from t where b in (1, c)", "SELECT a FROM t WHERE b IN (?, c)"),
        ("select a from t where b in (select 1)", "SELECT a FROM t WHERE b IN (SELECT ?)"),
        ("insert into t (a,b) values (1,2),(3,4),(5,6)", "INSERT INTO t(a, b) VALUES (...)"),
        ("insert into t values (1,now()),(3,now())", "INSERT INTO t VALUES (?, NOW()), (?, NOW())"),
        (
            "insert into t values (1) on duplicate key update a=2",
            "INSERT INTO t VALUES (...) ON DUPLICATE KEY UPDATE a = ?"
        ),
        ("values row(1,2), row(3,4)", "VALUES ROW(...)"),
        ("select count(*), max( a ) from t", "SELECT COUNT(*), MAX(a) FROM t"),
        ("select count from t", "SELECT count FROM t"),
        ("select `a`, `b c`, `select` from `t`", "SELECT a, `b c`, `select` FROM t"),
        ("select t.a, t.SELECT from db.t", "SELECT t.a, t.SELECT FROM db.t"),
        ("select -1, a-1, a - -1, (-2)", "SELECT ?, a - ?, a - ?, (?)"),
        ("select /* c */ 1 -- d\n, 0xff, x'ff', 1.5e3, N'a'", "SELECT ?, ?, ?, ?, ?"),
        ("select @a, @@session.sql_mode", "SELECT @a, @@session.sql_mode"),
        ("select 1;", "SELECT ?"),
        ("select 1; select 2;", "SELECT ?; SELECT ?"),
        ("select 'open", "SELECT ..."),
        ("", ""),
        ("begin", "BEGIN"),
        ("select f(1, 2)", "SELECT f(?, ?)"),
        ("Select My_Column From My_Table", "SELECT My_Column FROM My_Table"),
        (
            "select a<=1, a>=1, a<>1, a!=1, a<=>-1, a<<1, a>>1, a||b, a&&b, a->'$.x', a->>'$.x', @a:=-1, a|~b, a<-1",
            "SELECT a <= ?, a >= ?, a <> ?, a != ?, a <=> ?, a << ?, a >> ?, a || b, a && b, a -> ?, a ->> ?, @a := ?, "
                + "a | ~ b, a < ?"
        ),
        ("select a from t limit 10, 20", "SELECT a FROM t LIMIT ?, ?"),
    ])
    func `a statement has this digest`(_ text: String, _ expected: String) {
        #expect(digest(text) == expected)
    }

    @Test func `texts with the same digest have the same hash, others another`() {
        var digestOfHash: [UInt64: String] = [:]
        for row in ClassifierTable.rows {
            let text = digest(row.statement, mode: row.mode)
            let key = hash(row.statement, mode: row.mode)
            if let other = digestOfHash[key] { #expect(other == text) }
            digestOfHash[key] = text
        }
        #expect(hash("SELECT a FROM t WHERE b = 1") == hash("select a\tfrom t where b='two' # x"))
        #expect(hash("SELECT a FROM t WHERE b IN (1)") == hash("SELECT a FROM t WHERE b IN (1, 2, 3)"))
        #expect(hash("SELECT a FROM t") != hash("SELECT b FROM t"))
    }

    @Test func `a digest is a fixed point`() {
        for row in ClassifierTable.rows where row.kind != .unknown {
            let once = digest(row.statement, mode: row.mode)
            guard !once.contains("(...)") else { continue }
            #expect(digest(once, mode: row.mode) == once)
        }
    }

    @Test func `the text is bounded and not cut inside a character`() {
        #expect(digest("SELECT abcdef", maximum: 10) == "SELECT abc")
        #expect(digest("SELECT äöü", maximum: 8) == "SELECT ")
        #expect(digest("SELECT äöü", maximum: 9) == "SELECT ä")
        #expect(digest("SELECT äöü", maximum: 0) == "")
        #expect(digest("SELECT a" + String(repeating: ", a", count: 5000)).utf8.count == 2048)
    }

    @Test func `a list that passes the limit of the source has the digest of a short one`() {
        let rows = Array(repeating: "(1, 'abcdefgh')", count: 20_000).joined(separator: ", ")
        #expect(digest("INSERT INTO t VALUES " + rows) == "INSERT INTO t VALUES (...)")
        #expect(hash("INSERT INTO t VALUES " + rows) == hash("INSERT INTO t VALUES (1, 'a')"))
        let blob = "INSERT INTO t VALUES ('" + String(repeating: "x", count: 100_000) + "')"
        #expect(hash(blob) == hash("INSERT INTO t VALUES (1)"))
    }

    @Test func `of a long statement its beginning tells it from others`() {
        let rows = (1...2_000).map { "(\($0), 'value \($0)')" }.joined(separator: ", ")
        func cut(_ text: String, at maximum: Int = 100) -> UInt64 {
            Array(text.utf8).withUnsafeBytes { Digest.hash(of: $0, mode: SQLMode(), maximumSource: maximum) }
        }
        // Wherever in a row the cut is.
        for maximum in 84...116 {
            #expect(cut("INSERT INTO t VALUES " + rows, at: maximum) == hash("INSERT INTO t VALUES (1, 'x')"))
        }
        #expect(cut("INSERT INTO u VALUES " + rows) != cut("INSERT INTO t VALUES " + rows))
    }

    @Test func `what is only the beginning of a statement shows no piece of a literal`() {
        let statement = Array("INSERT INTO t VALUES (1, 'a secret".utf8)
        let text = statement.withUnsafeBytes { Digest.text(of: $0, mode: SQLMode(), isBeginning: true) }
        #expect(String(decoding: text, as: UTF8.self) == "INSERT INTO t VALUES (...)")
    }
}
