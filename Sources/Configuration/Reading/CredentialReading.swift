// Accounts and their secrets: clear, hashed, or in a file beside the settings.

/// Secret files are small; more than this is a mistake in the path.
private let maximumSecretFileBytes = 4_096

/// A shorter token could be guessed, and a longer one does not fit in the head of a request.
private let tokenCharacters = 16...1_024

extension YAMLMapping {
    /// The clear password from `password` or `password_file`.
    func password(prefix: String = "") -> String? {
        let text = "\(prefix)password"
        guard let key = oneKey(of: [text, "\(text)_file"]) else { return nil }
        return key == text ? self[key]?.text() : self[key]?.secretFile()
    }

    /// The credential from `password`, `password_hash` or `password_file`.
    func credential() -> UserCredential? {
        guard let key = oneKey(of: ["password", "password_hash", "password_file"]), let value = self[key] else {
            return nil
        }
        switch key {
        case "password": return value.text().map { .password($0) }
        case "password_hash": return value.passwordHash()
        default: return value.secretFile().map { .password($0) }
        }
    }

    /// What stands for a name and a password, from `token` or `token_file`; nil for none, or one with a problem.
    func token() -> String? {
        guard self["token"] != nil || self["token_file"] != nil,
            let key = oneKey(of: ["token", "token_file"]), let value = self[key],
            let text = key == "token" ? value.text() : value.secretFile()
        else { return nil }
        guard tokenCharacters.contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            value.report(
                "a token has \(tokenCharacters.lowerBound) to \(tokenCharacters.upperBound) letters, digits and signs "
                    + "of ASCII without space")
            return nil
        }
        return text
    }

    /// The one key of several that exclude each other.
    private func oneKey(of keys: [String]) -> String? {
        let present = keys.filter { self[$0] != nil }
        if let only = present.first, present.count == 1 { return only }
        if present.isEmpty {
            value.report("missing key \(keys.map { "'\($0)'" }.joined(separator: " or "))")
        } else {
            value.report("only one of \(quotedList(present)) can be given")
        }
        return nil
    }
}

extension YAMLValue {
    /// The content of the file named here, without its last line end.
    fileprivate func secretFile() -> String? {
        guard let name = text(expected: "the name of a file") else { return nil }
        let path = name.hasPrefix("/") ? name : "\(context.directory)/\(name)"
        do throws(FileProblem) {
            var bytes = try readFile(path, maximumBytes: maximumSecretFileBytes)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                report("the file \(shown) is not a text in UTF-8")
                return nil
            }
            guard !text.isEmpty else {
                report("the file \(shown) is empty")
                return nil
            }
            return text
        } catch {
            report("cannot read the file \(shown): \(error.message)")
            return nil
        }
    }

    /// A hash as `mysql.user` shows it: of `mysql_native_password`, or of `caching_sha2_password`, whose salt may have any
    /// bytes, so that the server shows it in hexadecimal digits.
    fileprivate func passwordHash() -> UserCredential? {
        guard let text = text() else { return nil }
        let digits = text.dropFirst()
        if text.hasPrefix("*"), digits.utf8.count == 40, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
            return .nativeHash(text.uppercased())
        }
        let bytes = text.hasPrefix("0x") ? Self.bytes(hexadecimal: text.dropFirst(2)) : Array(text.utf8)
        let isHash = bytes.count == 70 && bytes.starts(with: "$A$".utf8) && bytes[6] == UInt8(ascii: "$")
        guard isHash, bytes[3..<6].allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
            report(
                "a password hash is '*' followed by 40 hexadecimal digits, or the 70 bytes of caching_sha2_password "
                    + "(\"$A$005$...\", or 0x and their hexadecimal digits), in quotes")
            return nil
        }
        return .cachingSHA2Hash(bytes)
    }

    private static func bytes(hexadecimal text: Substring) -> [UInt8] {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return [] }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
    }
}

extension UserSettings {
    /// The accounts in a list; names may not repeat.
    ///
    /// - Parameter hasServers: whether the accounts are of clients, and may stand for other ones of servers; those of the
    ///   console and of HTTP have roles instead.
    static func readList(_ value: YAMLValue, emptyAdvice: String, hasServers: Bool) -> [UserSettings] {
        guard let elements = value.list(of: "accounts") else { return [] }
        if elements.isEmpty { value.report("at least one account is needed", suggestion: emptyAdvice) }
        var names = UniqueNames(what: "account")
        return elements.compactMap { element in
            let keys =
                ["name", "password", "password_hash", "password_file", "plugin"]
                + (hasServers ? ["server_user", "server_password", "server_password_file"] : ["role"])
            guard let mapping = element.mapping(keys: keys) else { return nil }
            let name = mapping.required("name")
            let text = name?.accountName()
            if let name, let text { names.insert(text, at: name) }
            let plugin = mapping["plugin"]?.choice(LoginPlugin.self)
            let server = hasServers ? mapping.serverUser() : nil
            guard let credential = mapping.credential(), let text else { return nil }
            mapping.check(plugin, credential)
            var user = UserSettings(name: text, credential: credential, plugin: plugin, server: server)
            user.role = mapping.optional("role", ConsoleRole.admin) { $0.choice(ConsoleRole.self) }
            return user
        }
    }
}

extension YAMLMapping {
    /// The account of servers behind one of clients.
    fileprivate func serverUser() -> ServerUserSettings? {
        let hasPassword = self["server_password"] != nil || self["server_password_file"] != nil
        guard let user = self["server_user"] else {
            if hasPassword { value.report("'server_password' is of use with 'server_user' only") }
            return nil
        }
        guard let name = user.accountName() else { return nil }
        return ServerUserSettings(user: name, password: hasPassword ? password(prefix: "server_") : nil)
    }

    /// A hash serves its own plugin only.
    fileprivate func check(_ plugin: LoginPlugin?, _ credential: UserCredential) {
        guard let plugin, let key = self["plugin"] else { return }
        switch (credential, plugin) {
        case (.password, _), (.nativeHash, .native), (.cachingSHA2Hash, .cachingSHA2): break
        case (.nativeHash, _), (.cachingSHA2Hash, _):
            key.report("'password_hash' is of another plugin than \(plugin.rawValue): give 'password' instead")
        }
    }
}

extension MonitorSettings {
    static func read(_ value: YAMLValue) -> MonitorSettings? {
        guard let mapping = value.mapping(keys: ["user", "password", "password_file"]) else { return nil }
        let user = mapping.required("user")?.accountName()
        guard let password = mapping.password(), let user else { return nil }
        return MonitorSettings(user: user, password: password)
    }
}

/// Refuses the second of two equal names.
struct UniqueNames {
    let what: String
    private var lines: [String: Int] = [:]

    init(what: String) {
        self.what = what
    }

    mutating func insert(_ name: String, at value: YAMLValue) {
        if let first = lines[name] {
            value.report("the \(what) '\(printable(name))' is already named on line \(first)")
        } else {
            lines[name] = value.line
        }
    }
}
