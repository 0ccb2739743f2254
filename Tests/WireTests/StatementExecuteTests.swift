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

    private func attribute(
        _ name: String, _ payload: [UInt8], _ parameters: Int, remembered: [UInt8] = []
    ) throws -> String? {
        let name = Array(name.utf8)
        return try payload.withUnsafeBytes { payload in
            try name.withUnsafeBytes { name in
                try remembered.withUnsafeBytes { remembered in
                    try StatementExecute.attribute(
                        name, payload, parameterCount: parameters, remembered: remembered
                    ).map { String(decoding: $0, as: UTF8.self) }
                }
            }
        }
    }

    /// PARAMETER_COUNT_AVAILABLE; a parameter of eight bytes without a name, and two attributes.
    private static let attributed: [UInt8] = [0x17, 7, 0, 0, 0, 8, 1, 0, 0, 0, 3]
    private static let names: [UInt8] =
        [8, 0, 0] + [0xFD, 0, 5] + Array("other".utf8) + [0xFD, 0, 5] + Array("Trace".utf8)
    private static let values: [UInt8] = [7, 0, 0, 0, 0, 0, 0, 0, 1, 0x61, 2, 0x62, 0x63]

    @Test func `attributes are found behind the parameters`() throws {
        let payload = Self.attributed + [0, 1] + Self.names + Self.values
        #expect(try attribute("trace", payload, 1) == "bc")
        #expect(try attribute("other", payload, 1) == "a")
        #expect(try attribute("none", payload, 1) == nil)
        // With this many parameters both are some.
        #expect(try attribute("trace", payload, 3) == nil)
        // NULLs have no value: that of the parameter, and that of the attribute.
        #expect(try attribute("trace", Self.attributed + [0b01, 1] + Self.names + Self.values.dropFirst(8), 1) == "bc")
        #expect(try attribute("trace", Self.attributed + [0b100, 1] + Self.names + Self.values.prefix(10), 1) == nil)
    }

    @Test func `attributes of an execution that names no types have those of the one before`() throws {
        let payload = Self.attributed + [0, 0] + Self.values
        #expect(try attribute("trace", payload, 1, remembered: Self.names) == "bc")
        #expect(throws: WireError.self) { try attribute("trace", payload, 1) }
    }

    @Test func `an execution without the flag has no attributes`() throws {
        var payload = Self.attributed + [0, 1] + Self.names + Self.values
        payload[5] = 0
        #expect(try attribute("trace", payload, 1) == nil)
        #expect(try attribute("trace", Self.head, 0) == nil)
    }

    @Test func `attributes cut short are refused wherever they are cut`() throws {
        let payload = Self.attributed + [0, 1] + Self.names + Self.values
        for length in 11..<payload.count {
            #expect(throws: WireError.self, "cut to \(length)") { try attribute("trace", Array(payload[..<length]), 1) }
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
