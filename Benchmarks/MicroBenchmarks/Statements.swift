// Tokenizer, classifier and digest over statements as applications send them.

import Benchmark
import SQL

/// A statement's bytes at a fixed place, so that no measurement includes making them.
///
/// The memory lives as long as the program. Unchecked: nobody writes to it after `init`.
struct Statement: @unchecked Sendable {
    let name: String
    let bytes: UnsafeRawBufferPointer

    init(_ name: String, _ text: String) {
        self.name = name
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 16)
        copy.copyBytes(from: text.utf8)
        bytes = UnsafeRawBufferPointer(copy)
    }

    /// 100 bytes.
    static let pointSelect = Statement(
        "100-byte point select",
        "SELECT id, name, price, created_at FROM products WHERE tenant_id = 4711 AND id = 8150815 LIMIT 10000")

    static let insert = Statement(
        "INSERT",
        "INSERT INTO orders (customer_id, product_id, quantity, note) VALUES (4711, 8150815, 3, 'leave at the door')")

    static let longList = Statement(
        "IN list of 1000",
        "SELECT id, name FROM products WHERE id IN ("
            + (0..<1_000).map { String(100_000 + $0 * 37) }.joined(separator: ", ") + ")")

    static let all = [pointSelect, insert, longList]
}

func registerStatementBenchmarks() {
    let mode = SQLMode()
    for statement in Statement.all {
        let bytes = statement.bytes
        measure("Tokenize \(statement.name)") {
            var tokenizer = Tokenizer(bytes, mode: mode)
            while true {
                let token = tokenizer.next()
                if token.kind == .end || token.kind == .unterminated { break }
                blackHole(token.start)
            }
        }
        measure("Classify \(statement.name)") {
            blackHole(Classifier.classify(bytes, mode: mode).access.rawValue)
        }
        measure("Digest hash of \(statement.name)") {
            blackHole(Digest.hash(of: bytes, mode: mode))
        }
    }
    measure("Digest text of \(Statement.pointSelect.name)") {
        blackHole(Digest.text(of: Statement.pointSelect.bytes, mode: mode).count)
    }
}
