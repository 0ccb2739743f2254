// The attribute block in front of a statement's text.

import Testing

@testable import Wire

@Suite struct QueryAttributesTests {
    /// As the mysql client of 9.7 sends `query_attributes n1 v1 n2 v2`, and values of each type.
    private static let fixtures: [(name: String, bytes: [UInt8])] = [
        ("none", [0, 1]),
        (
            "two strings",
            [2, 1, 0, 1, 0xFE, 0, 2] + Array("n1".utf8) + [0xFE, 0, 2] + Array("n2".utf8)
                + [2] + Array("v1".utf8) + [2] + Array("v2".utf8)
        ),
        ("one NULL", [1, 1, 1, 1, 6, 0, 1] + Array("n".utf8)),
        ("a string that is NULL", [1, 1, 1, 1, 0xFE, 0, 1] + Array("n".utf8)),
        (
            "numbers",
            [6, 1, 0, 1, 1, 0, 0, 2, 0, 0, 3, 0, 0, 8, 0, 0, 4, 0, 0, 5, 0, 0]
                + [1] + [1, 2] + [1, 2, 3, 4] + [1, 2, 3, 4, 5, 6, 7, 8] + [1, 2, 3, 4] + [1, 2, 3, 4, 5, 6, 7, 8]
        ),
        ("times", [3, 1, 0, 1, 10, 0, 0, 12, 0, 0, 11, 0, 0] + [4, 1, 2, 3, 4] + [0] + [8, 1, 2, 3, 4, 5, 6, 7, 8]),
    ]

    @Test func `the text begins behind the block`() throws {
        for (name, block) in Self.fixtures {
            let bytes = block + Array("SELECT 1".utf8)
            let offset = try bytes.withUnsafeBytes { try QueryAttributes.textOffset($0) }
            #expect(offset == block.count, "\(name)")
        }
    }

    @Test func `a block cut short is refused wherever it is cut`() {
        for (name, block) in Self.fixtures {
            for length in 0..<block.count {
                #expect(throws: WireError.self, "\(name) cut to \(length)") {
                    try Array(block[..<length]).withUnsafeBytes { try QueryAttributes.textOffset($0) }
                }
            }
        }
    }

    @Test func `counts that lie, and values without types, are refused`() {
        for bytes: [UInt8] in [
            [0xFE, 255, 255, 255, 255, 255, 255, 255, 255, 1], [0xFD, 0, 0, 255, 1, 0], [1, 1, 0, 0, 5], [0xFB, 1],
            [1, 1, 0, 1, 0xFE, 0, 0xFE, 255, 255, 255, 255, 255, 255, 255, 127],
        ] {
            #expect(throws: WireError.self) { try bytes.withUnsafeBytes { try QueryAttributes.textOffset($0) } }
        }
    }

    private func text(of name: String, _ bytes: [UInt8]) throws -> String? {
        let name = Array(name.utf8)
        return try bytes.withUnsafeBytes { block in
            try name.withUnsafeBytes { name in
                try QueryAttributes.text(of: name, block).map { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    @Test func `an attribute is found by its name`() throws {
        let strings = Self.fixtures[1].bytes
        #expect(try text(of: "n1", strings) == "v1")
        #expect(try text(of: "N2", strings) == "v2")
        #expect(try text(of: "n3", strings) == nil)
        #expect(try text(of: "n1", Self.fixtures[0].bytes) == nil)
        // NULL, and a number.
        #expect(try text(of: "n", Self.fixtures[3].bytes) == nil)
        #expect(try text(of: "n", [1, 1, 0, 1, 1, 0, 1] + Array("n".utf8) + [5]) == nil)
        for length in 1..<strings.count {
            #expect(throws: WireError.self, "cut to \(length)") { try text(of: "n2", Array(strings[..<length])) }
        }
    }
}
