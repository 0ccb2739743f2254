// The packets that execute a prepared statement.
import Testing
import Wire

private func types(
    _ payload: [UInt8], _ count: Int, attributes: Bool = false
) throws(WireError) -> StatementExecute.Types {
    var result = Result<StatementExecute.Types, WireError>.success(.none)
    payload.withUnsafeBytes { bytes in
        do throws(WireError) {
            result = .success(
                try StatementExecute.types(bytes, parameterCount: count, hasAttributes: attributes))
        } catch {
            result = .failure(error)
        }
    }
    return try result.get()
}

@Suite struct StatementExecuteTests {
    /// Command, id 7, no flags, iteration count 1.
    private static let head: [UInt8] = [0x17, 7, 0, 0, 0, 0, 1, 0, 0, 0]
    private static let given = head + [0b10, 1, 3, 0, 0xFD, 0, 9, 0, 0, 0]

    @Test func `the id stands behind the command byte`() {
        Self.head.withUnsafeBytes { #expect(StatementExecute.statementID($0) == 7) }
        [UInt8]([0x19, 1, 0, 0]).withUnsafeBytes { #expect(StatementExecute.statementID($0) == nil) }
        [UInt8]([0x19, 255, 255, 255, 255]).withUnsafeBytes {
            #expect(StatementExecute.statementID($0) == StatementExecute.lastStatementID)
        }
    }

    @Test func `types are found behind the NULL bitmap`() throws {
        #expect(try types(Self.given, 2) == .given(12..<16))
        #expect(try types(Self.head, 0) == .none)
        let remembered = Self.head + [0, 0, 9, 0, 0, 0]
        #expect(try types(remembered, 1) == .remembered(flag: 11, mask: 1, insertion: 12))
        let many = Self.head + [UInt8](repeating: 0, count: 3) + [0]
        #expect(try types(many, 17) == .remembered(flag: 13, mask: 1, insertion: 14))
    }

    @Test func `what is cut off is an error, wherever it is cut`() {
        for count in 0..<16 { #expect(throws: WireError.self) { try types(Array(Self.given[..<count]), 2) } }
    }

    @Test func `with query attributes the count stands in front, and types have names`() throws {
        var payload = Self.head + [2, 0, 1]
        payload += [3, 0, 0]
        payload += [0xFD, 0, 1, 0x61]
        #expect(try types(payload + [1, 0, 0, 0, 1, 0x62], 1, attributes: true) == .given(13..<20))
        for count in 10..<20 {
            #expect(throws: WireError.self) { try types(Array(payload[..<count]), 1, attributes: true) }
        }
        // None of the statement's own, and the flag that says that others come.
        var none = Self.head
        #expect(try types(none, 0, attributes: true) == .none)
        none[5] = 8
        #expect(try types(none + [0], 0, attributes: true) == .none)
        #expect(try types(none + [1, 0, 1, 3, 0, 1, 0x61], 0, attributes: true) == .given(13..<17))
    }

    @Test func `bulk executions have a flag instead`() throws {
        let bulk: [UInt8] = [0xFA, 7, 0, 0, 0]
        #expect(try types(bulk + [0x80, 0, 3, 0, 0xFD, 0, 0], 2) == .given(7..<11))
        #expect(try types(bulk + [0x40, 0, 0], 2) == .remembered(flag: 5, mask: 0x80, insertion: 7))
        #expect(throws: WireError.self) { try types(bulk + [0x80, 0, 3], 2) }
    }
}
