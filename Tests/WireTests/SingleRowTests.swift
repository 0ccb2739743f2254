// One row with its columns, as the proxy reads it in answers to its own questions.

import Testing

@testable import Wire

@Suite struct SingleRowTests {
    private let columns = [ColumnDefinition(name: "a", type: .longlong), ColumnDefinition(name: "b", type: .varString)]

    private func reply(_ rows: [[[UInt8]?]], _ capabilities: Capabilities) -> [UInt8] {
        var writer = ByteWriter()
        TextResultSet.encode(
            columns: columns, rows: rows, capabilities: capabilities, status: [], firstSequence: 1, into: &writer)
        return Array(writer.bytes.dropLast(capabilities.contains(.deprecateEOF) ? 11 : 9))
    }

    private func row(_ bytes: [UInt8], _ capabilities: Capabilities) -> TextRow? {
        bytes.withUnsafeBytes { TextResultSet.singleRow(in: $0, capabilities: capabilities) }
    }

    @Test(arguments: [[], .deprecateEOF, .mariadbExtendedMetadata] as [Capabilities])
    func `values and columns are read, and every truncation is refused`(capabilities: Capabilities) {
        let values: [[UInt8]?] = [nil, Array("text".utf8)]
        let bytes = reply([values], capabilities)
        #expect(row(bytes, capabilities) == TextRow(columns: columns, values: values))
        for length in 0..<bytes.count { #expect(row(Array(bytes[..<length]), capabilities) == nil) }
    }

    @Test func `no row, two rows and no definitions are not one row`() {
        #expect(row(reply([], .deprecateEOF), .deprecateEOF) == nil)
        #expect(row(reply([[nil, nil], [nil, nil]], .deprecateEOF), .deprecateEOF) == nil)
        let capabilities: Capabilities = [.deprecateEOF, .optionalResultsetMetadata]
        #expect(row([2, 0, 0, 1, 1, 0, 2, 0, 0, 2, 1, 0x37], capabilities) == nil)
    }
}
