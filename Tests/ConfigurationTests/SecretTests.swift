// Passwords: where they may come from, and that they stay hidden.

import Glibc
import Testing

@testable import Configuration

private let hash = "*0123456789ABCDEF0123456789ABCDEF01234567"

@Suite struct SecretTests {
    @Test func `a variable is replaced anywhere in a value`() throws {
        let settings = try parse(
            changed("password: monpw", to: "password: \"a${A}b${B}$c $${A}\"").replacing(
                "127.0.0.1:23306", with: "\"127.0.0.1:${PORT}\""),
            environment: ["A": "1", "B": "x: {y}", "PORT": "4000"])
        #expect(settings.clusters.first?.monitor.password == "a1bx: {y}$c ${A}")
        #expect(settings.clusters.first?.nodes.first?.address == .host("127.0.0.1", port: 4000))
    }

    @Test(arguments: [
        ("${MISSING}", "the environment variable 'MISSING' is not set"),
        ("${", "'${' without '}'; write '$${' for the characters themselves"),
        ("${A-B}", "what stands in '${…}' is not a variable's name; write '$${' for the characters themselves"),
        ("${}", "what stands in '${…}' is not a variable's name; write '$${' for the characters themselves"),
    ])
    func `a variable that cannot be replaced is named`(value: String, message: String) {
        #expect(
            problems(changed("password: monpw", to: "password: \"\(value)\""))
                == ["s.yaml:4: clusters[0].monitor.password: \(message)"])
    }

    @Test func `a variable inside brackets needs quotes, and the error says so`() {
        #expect(
            problems(changed("password: monpw", to: "password: ${A}").replacing("\n", with: "\r\n")) == [
                "s.yaml:4: not YAML: did not find expected ',' or '}'; "
                    + "put a value with '${…}' in quotes where it stands inside '[…]' or '{…}'"
            ])
    }

    @Test func `a variable's content does not appear in errors`() {
        let found = problems(
            minimalText + "lanes: ${SECRET}\nhttp: {bind: \"${SECRET}:x\"}\n", environment: ["SECRET": "hunter2"])
        #expect(found.count == 2)
        #expect(found.allSatisfy { !$0.contains("hunter2") })
    }

    @Test func `a password in the wrong place does not appear in errors`() {
        let text = """
            clusters:
              - name: main
                nodes: ["root:hunter2@db:3306"]
                monitor: {user:monitor, password:hunter2}
            listeners:
              - {name: main, bind: h, cluster: main}
            users: [hunter2, {name: app, password_hash: hunter2}, {name: x, password: [hunter2]}]
            """
        let found = problems(text)
        #expect(found.count == 8, "\(found)")
        #expect(found.allSatisfy { !$0.contains("hunter2") }, "\(found)")
        #expect(
            found.contains("s.yaml:4: clusters[0].monitor: unknown key 'password'; write a space after ':'"), "\(found)"
        )
    }

    @Test func `a secret may come from a file beside the settings`() throws {
        try withTemporaryFolder { folder in
            try write("from file\r\n", to: "\(folder)/one")
            try write("two lines\nkept\n", to: "\(folder)/two")
            try write(
                changed("password: monpw", to: "password_file: one")
                    + "users: [{name: app, password_file: \(folder)/two}]\n", to: "\(folder)/s.yaml")
            defer { for name in ["one", "two", "s.yaml"] { unlink("\(folder)/\(name)") } }
            let settings = try Settings.load(path: "\(folder)/s.yaml", environment: [:])
            #expect(settings.clusters.first?.monitor.password == "from file")
            #expect(settings.users == [UserSettings(name: "app", credential: .password("two lines\nkept"))])
        }
    }

    @Test func `secret files that cannot serve are refused`() throws {
        try withTemporaryFolder { folder in
            try write("\n", to: "\(folder)/empty")
            try write(String(repeating: "x", count: 5_000), to: "\(folder)/large")
            defer { for name in ["empty", "large"] { unlink("\(folder)/\(name)") } }
            let users = ["empty", "large", "none"].map { "{name: \($0), password_file: \($0)}" }
            #expect(
                problems(minimalText + "users: [\(users.joined(separator: ", "))]\n", directory: folder) == [
                    "s.yaml:7: users[0].password_file: the file 'empty' is empty",
                    "s.yaml:7: users[1].password_file: cannot read the file 'large': larger than 4KiB",
                    "s.yaml:7: users[2].password_file: cannot read the file 'none': No such file or directory",
                ])
        }
    }

    @Test func `a hash is read in either case, and only a whole one`() throws {
        let text = minimalText + "users: [{name: app, password_hash: \"\(hash.lowercased())\"}]\n"
        #expect(try parse(text).users == [UserSettings(name: "app", credential: .nativeHash(hash))])
        #expect(
            problems(minimalText + "users: [{name: app, password_hash: \"*012\"}]\n") == [
                "s.yaml:7: users[0].password_hash: a password hash is '*' followed by 40 hexadecimal digits, or the 70 "
                    + "bytes of caching_sha2_password (\"$A$005$...\", or 0x and their hexadecimal digits), in quotes"
            ])
    }

    @Test func `a hash of caching_sha2_password is read as text and as digits, and only a whole one`() throws {
        let bytes = Array("$A$00A$".utf8) + (0..<63).map { UInt8(ascii: "a") + $0 % 26 }
        let digits = bytes.map { String($0 / 16, radix: 16) + String($0 % 16, radix: 16) }.joined()
        for shown in [String(decoding: bytes, as: UTF8.self), "0x\(digits)", "0x\(digits.uppercased())"] {
            let text = minimalText + "users: [{name: app, password_hash: \"\(shown)\"}]\n"
            #expect(try parse(text).users == [UserSettings(name: "app", credential: .cachingSHA2Hash(bytes))])
        }
        for bad in ["0x\(digits.dropLast())", "0x\(digits.dropLast(2))", "0x\(digits)zz", "$A$00A$short"] {
            #expect(problems(minimalText + "users: [{name: app, password_hash: \"\(bad)\"}]\n").count == 1)
        }
    }

    @Test func `an account may name its plugin and the account of servers behind it`() throws {
        let users = "users: [{name: web, password: a, plugin: ed25519, server_user: app, server_password: b}]\n"
        #expect(
            try parse(minimalText + users).users == [
                UserSettings(
                    name: "web", credential: .password("a"), plugin: .ed25519,
                    server: ServerUserSettings(user: "app", password: "b"))
            ])
        #expect(
            try parse(minimalText + "users: [{name: web, password: a, server_user: app}]\n").users?[0].server
                == ServerUserSettings(user: "app", password: nil))
        #expect(
            problems(
                minimalText + """
                    users:
                    - {name: a, password: x, server_password: y}
                    - {name: b, password: x, plugin: gssapi}
                    - {name: c, password_hash: "\(hash)", plugin: ed25519}

                    """) == [
                    "s.yaml:8: users[0]: 'server_password' is of use with 'server_user' only",
                    "s.yaml:9: users[1].plugin: expected one of 'mysql_native_password', 'caching_sha2_password', "
                        + "'ed25519', 'parsec' and 'mysql_clear_password', found 'gssapi'",
                    "s.yaml:10: users[2].plugin: 'password_hash' is of another plugin than ed25519: give 'password' instead",
                ])
    }

    @Test func `an account has exactly one secret and one name`() {
        #expect(
            problems(
                minimalText
                    + "users:\n- {name: a, password: x, password_file: y}\n- {name: b}\n- {name: a, password: x}\n")
                == [
                    "s.yaml:8: users[0]: only one of 'password' and 'password_file' can be given",
                    "s.yaml:9: users[1]: missing key 'password' or 'password_hash' or 'password_file'",
                    "s.yaml:10: users[2].name: the account 'a' is already named on line 8",
                ])
        #expect(
            problems(minimalText + "users: []\n") == [
                "s.yaml:7: users: at least one account is needed; "
                    + "leave 'users' out to mirror the accounts of the primary"
            ])
    }

    @Test func `no text that Swift makes of settings contains a secret`() throws {
        let settings = try parse(
            changed("monpw", to: "hunter2") + """
                users: [{name: app, password: hunter2}, {name: old, password_hash: "\(hash)"}]
                console: {bind: localhost, users: [{name: admin, password: hunter2}]}
                """)
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped, settings.summary.joined(separator: "\n")] {
            #expect(text.contains("monitor"))
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("0123456789ABCDEF"))
        }
        let credentials = settings.users?.map { "\($0.credential)" + String(reflecting: $0.credential) } ?? []
        #expect(credentials.count == 2)
        #expect(credentials.allSatisfy { !$0.contains("hunter2") && !$0.contains("0123") })
    }
}
