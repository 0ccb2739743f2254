// The one value of a result set, as the proxy reads it in answers to its own questions.

import Testing

@testable import Wire

struct SingleValueTests {
    private func reply(
        _ columns: Int, _ rows: [[[UInt8]?]], _ capabilities: Capabilities, withoutEnd: Bool = true
    ) -> [UInt8] {
        var writer = ByteWriter()
        TextResultSet.encode(
            columns: (0..<columns).map { ColumnDefinition(name: "c\($0)") },
            rows: rows, capabilities: capabilities, status: [], firstSequence: 1, into: &writer)
        guard withoutEnd else { return writer.bytes }
        let end = capabilities.contains(.deprecateEOF) ? 11 : 9
        return Array(writer.bytes.dropLast(end))
    }

    private func value(_ bytes: [UInt8], _ capabilities: Capabilities) -> [UInt8]? {
        bytes.withUnsafeBytes { TextResultSet.singleValue(in: $0, capabilities: capabilities) }
    }

    @Test(
        arguments: [
            [], .deprecateEOF, [.deprecateEOF, .mariadbCacheMetadata], .mariadbExtendedMetadata,
        ] as [Capabilities])
    func `one row of one column is read, whatever was agreed on`(capabilities: Capabilities) {
        for text in ["", "7", "18446744073709551615"] {
            let bytes = reply(1, [[Array(text.utf8)]], capabilities)
            #expect(value(bytes, capabilities) == Array(text.utf8))
            for length in 0..<bytes.count { #expect(value(Array(bytes[..<length]), capabilities) == nil) }
        }
    }

    @Test func `a client that wants no definitions is served too`() {
        let capabilities: Capabilities = [.deprecateEOF, .optionalResultsetMetadata]
        #expect(value([2, 0, 0, 1, 1, 0, 2, 0, 0, 2, 1, 0x37], capabilities) == [0x37])
        #expect(value([2, 0, 0, 1, 1, 1, 2, 0, 0, 2, 1, 0x37], capabilities) == nil)
    }

    @Test func `anything else has no value`() {
        let capabilities: Capabilities = .deprecateEOF
        #expect(value(reply(1, [], capabilities), capabilities) == nil)
        #expect(value(reply(1, [[nil]], capabilities), capabilities) == nil)
        #expect(value(reply(1, [[[1]], [[2]]], capabilities), capabilities) == nil)
        #expect(value(reply(2, [[[1], [2]]], capabilities), capabilities) == nil)
        #expect(value(reply(1, [[[1]]], capabilities, withoutEnd: false), capabilities) == nil)
    }
}
