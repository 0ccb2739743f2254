// Statements with passwords are known by their words, in whatever case and place.

import Testing

@testable import Frontend

@Suite struct SecretWordsTests {
    @Test(arguments: [
        "SET PASSWORD = 'x'", "set Password for a = password('x')", "CREATE USER a IDENTIFIED BY 'x'",
        "CHANGE MASTER TO MASTER_PASSWORD='x'", "CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD='x'",
        "PREPARE s FROM 'ALTER USER a identified by ''x'''", "SELECT AES_ENCRYPT(a, 'x')", "x passwd", "passwd",
        "UPDATE mysql.user SET authentication_string='x'", "INSERT INTO people(name, PassWord) VALUES ('a', 'x')",
    ])
    func `a statement in which a secret may stand is known`(text: String) {
        #expect(SecretWords.stand(in: Array(text.utf8)))
    }

    @Test(arguments: ["", "p", "passwor", "SELECT 1", "INSERT INTO t VALUES ('pass', 'word')", "SELECT 'ä\u{0}'"])
    func `any other is not`(text: String) { #expect(!SecretWords.stand(in: Array(text.utf8))) }
}
