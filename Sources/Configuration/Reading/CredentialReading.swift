// Accounts and their secrets: clear, hashed, or in a file beside the settings.

/// Secret files are small; more than this is a mistake in the path.
private let maximumSecretFileBytes = 4_096

extension YAMLMapping {
    /// The clear password from `password` or `password_file`.
    func password() -> String? {
        guard let key = oneKey(of: ["password", "password_file"]) else { return nil }
        return key == "password" ? self[key]?.text() : self[key]?.secretFile()
    }

    /// The credential from `password`, `password_hash` or `password_file`.
    func credential() -> UserCredential? {
        guard let key = oneKey(of: ["password", "password_hash", "password_file"]), let value = self[key] else {
            return nil
        }
        switch key {
        case "password": return value.text().map { .password($0) }
        case "password_hash": return value.nativeHash().map { .nativeHash($0) }
        default: return value.secretFile().map { .password($0) }
        }
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

    /// A `mysql_native_password` hash as `mysql.user` shows it.
    fileprivate func nativeHash() -> String? {
        guard let text = text() else { return nil }
        let digits = text.dropFirst()
        guard text.hasPrefix("*"), digits.utf8.count == 40, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            report("a password hash is '*' followed by 40 hexadecimal digits, in quotes")
            return nil
        }
        return text.uppercased()
    }
}

extension UserSettings {
    /// The accounts in a list; names may not repeat.
    static func readList(_ value: YAMLValue, emptyAdvice: String) -> [UserSettings] {
        guard let elements = value.list(of: "accounts") else { return [] }
        if elements.isEmpty { value.report("at least one account is needed", suggestion: emptyAdvice) }
        var names = UniqueNames(what: "account")
        return elements.compactMap { element in
            let keys = ["name", "password", "password_hash", "password_file"]
            guard let mapping = element.mapping(keys: keys) else { return nil }
            let name = mapping.required("name")
            let text = name?.accountName()
            if let name, let text { names.insert(text, at: name) }
            guard let credential = mapping.credential(), let text else { return nil }
            return UserSettings(name: text, credential: credential)
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
