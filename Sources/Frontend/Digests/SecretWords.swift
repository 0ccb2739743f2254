// Which statements must not be written down as they came, whatever the settings say.

/// Words beside which secrets stand.
enum SecretWords {
    /// `SET PASSWORD`, `IDENTIFIED BY`, `MASTER_PASSWORD`, `PASSWORD()`, `AES_ENCRYPT()` with its key, and the columns of
    /// accounts, a server's or an application's.
    private static let words = ["password", "passwd", "identified", "authentication_string", "encrypt", "decrypt"]
        .map { Array($0.utf8) }

    /// Whether a secret may stand in a text. Words in literals count too: a literal may be a statement to prepare.
    static func stand(in text: [UInt8]) -> Bool {
        let small = text.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        return words.contains { word in
            small.indices.dropLast(word.count - 1).contains { small[$0...].starts(with: word) }
        }
    }
}
