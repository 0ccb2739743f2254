// Hosts of accounts: whom they match, and which is looked at first. The rows are what servers did.
import Testing

@testable import Frontend

private let mySQL = HostRules()
private let mariaDB = HostRules(knowsPrefixes: false)

@Suite struct HostPatternTests {
    @Test(arguments: [
        ("%", "10.0.0.1", true), ("10.0.0.%", "10.0.0.1", true), ("10.0.0.%", "10.0.1.1", false),
        ("10.0.0._", "10.0.0.1", true), ("10.0.0._", "10.0.0.12", false), ("localhost", "localhost", true),
        ("LOCALHOST", "localhost", true), ("127.0.0.1", "localhost", false), ("10.0.0.1", "10.0.0.1", true),
        ("10.0.0.1", "10.0.0.11", false), ("", "10.0.0.1", true), ("%%", "x", true), ("%.example", "a.EXAMPLE", true),
        ("a%b%c", "a1b2b3c", true), ("a%b%c", "a1b2b3", false), ("%a", "", false), ("_", "", false), ("%", "", true),
        ("192.168.1.0/255.255.255.0", "192.168.1.77", true), ("192.168.1.0/255.255.255.0", "192.168.2.77", false),
        ("10.0.0.0/255.0.0.0", "10.255.1.2", true), ("0.0.0.0/0.0.0.0", "9.9.9.9", false),
        ("127.0.0.1/255.0.0.0", "127.0.0.1", false), ("127.0.0.1/255.255.255.255", "127.0.0.1", true),
        ("10.0.0.0/255.0.0.0", "::1", false), ("10.0.0.0/x", "10.0.0.0", false), ("/", "10.0.0.1", false),
        ("256.0.0.0/255.0.0.0", "10.0.0.1", false), ("2001:db8::%", "2001:DB8::7", true),
    ])
    func `a pattern matches what every server's would`(pattern: String, host: String, matches: Bool) {
        for rules in [mySQL, mariaDB] { #expect(HostPattern(pattern, rules).matches(host) == matches) }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.9.8.7", true), ("10.0.0.0/8", "11.9.8.7", false), ("192.168.0.0/16", "192.168.3.4", true),
        ("192.168.4.0/22", "192.168.7.255", true), ("192.168.4.0/22", "192.168.8.0", false),
        ("127.0.0.1/32", "127.0.0.1", true), ("127.0.0.1/8", "127.0.0.1", false), ("0.0.0.0/0", "9.9.9.9", false),
        ("127.0.0.0/33", "127.0.0.1", false), ("127.0.0.0/+8", "127.0.0.1", false), ("127.0.0.0/", "127.0.0.1", false),
        ("10.0.0.0/8", "::1", false), ("10.0.0.0/8", "localhost", false), ("127.0.0.001", "127.0.0.1", true),
    ])
    func `MySQL has lengths of prefixes, and MariaDB no such clients`(pattern: String, host: String, matches: Bool) {
        #expect(HostPattern(pattern, mySQL).matches(host) == matches)
        #expect(!HostPattern(pattern, mariaDB).matches(host))
    }

    @Test(arguments: [
        ("a\\_b", "a_b", true), ("a\\_b", "axb", false), ("a\\%", "a%", true), ("a\\%", "abc", false),
        ("%\\_%", "a_b", true), ("%\\_%", "ab", false), ("10\\.0.0.1", "10.0.0.1", true), ("a\\", "a\\", true),
    ])
    func `a wildcard behind a backslash stands for itself`(pattern: String, host: String, matches: Bool) {
        #expect(HostPattern(pattern).matches(host) == matches)
    }

    @Test(arguments: ["localhost", "l%", "local_ost", "LOCALHOST"])
    func `a client of TCP from this machine is localhost where the server resolves names`(pattern: String) {
        for address in ["127.0.0.1", "::1"] {
            #expect(HostPattern(pattern).matches(address))
            #expect(!HostPattern(pattern, HostRules(resolvesNames: false)).matches(address))
        }
        for other in ["10.0.0.1", "127.0.0.2"] { #expect(!HostPattern(pattern).matches(other)) }
        #expect(HostPattern(pattern, HostRules(resolvesNames: false)).matches("localhost"))
    }

    /// As servers chose one after the other for a client at 127.0.0.1.
    private static let orders: [(HostRules, [String])] = [
        (
            mySQL,
            [
                "127.0.0.1", "127.0.0.0/16", "127.0.0.0/8", "127.0.0.0/255.255.0.0", "127.0.0.0/255.0.0.0", "localhost",
                "localhos_", "127.0.%", "127.%", "l%", "%", "",
            ]
        ),
        (
            mariaDB,
            [
                "localhost", "127.0.0.1", "127.0.0.0/255.255.0.0", "127.0.0.0/255.0.0.0", "localhos_", "127.0.%",
                "127.%", "l%", "%",
            ]
        ),
    ]

    private func account(_ user: String, _ host: String, _ rules: HostRules) -> Account {
        var account = Account(user: user, host: host, methods: [])
        account.hostRules = rules
        return account
    }

    private func chosen(_ accounts: [Account]) -> Account? {
        guard case .account(let account) = AccountDirectory(accounts: accounts).find(user: "u", host: "127.0.0.1")
        else { return nil }
        return account
    }

    @Test func `the account is chosen that the server would choose`() {
        for (rules, order) in Self.orders {
            for first in order.indices {
                let left = order[first...].map { account("u", $0, rules) }
                #expect(chosen(left)?.host == order[first])
                #expect(chosen(left.reversed())?.host == order[first])
            }
        }
    }

    @Test func `an anonymous account of a nearer host goes before a named one`() {
        for (rules, named, anonymous, chosenUser) in [
            (mySQL, "%", "127.%", ""), (mySQL, "127.0.0.%", "127.0.0.0/255.0.0.0", ""),
            (mySQL, "127.0.0.0/255.0.0.0", "127.0.0.1", ""), (mariaDB, "127.0.0.0/255.0.0.0", "127.0.0.1", "u"),
            (mariaDB, "127.0.0.%", "127.0.0.0/255.0.0.0", ""), (mariaDB, "%", "127.%", ""), (mySQL, "%", "%", "u"),
        ] {
            #expect(chosen([account("u", named, rules), account("", anonymous, rules)])?.user == chosenUser)
        }
    }
}
