// User variables as they are asked for and made again.

import Testing
import Wire

@testable import Backend

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func row(
    _ type: ColumnType, _ value: String?, _ hexadecimal: String? = nil, _ characterSet: String = "binary",
    _ collation: String = "binary", flags: UInt16 = 0
) -> TextRow {
    TextRow(
        columns: [ColumnDefinition(name: "@a", type: type, flags: flags)]
            + ["h", "c", "o"].map { ColumnDefinition(name: $0) },
        values: [value.map(bytes), hexadecimal.map(bytes), bytes(characterSet), bytes(collation)])
}

private func expression(_ row: TextRow) -> String? {
    UserVariableQuestion.variables([bytes("a")], row, from: 0).map { String(decoding: $0[0].expression, as: UTF8.self) }
}

@Suite struct UserVariableTests {
    @Test func `a question asks for value, bytes and collation of each`() {
        let text = UserVariableQuestion.text([bytes("a"), bytes("b.c")], withLastInsertID: true)
        #expect(
            String(decoding: text, as: UTF8.self)
                == "SELECT LAST_INSERT_ID(),@`a`,HEX(@`a`),CHARSET(@`a`),COLLATION(@`a`),"
                + "@`b.c`,HEX(@`b.c`),CHARSET(@`b.c`),COLLATION(@`b.c`) LIMIT 1")
    }

    @Test func `an expression has the type of the value`() {
        #expect(expression(row(.longlong, "-5")) == "-5")
        #expect(expression(row(.longlong, "5", flags: 0x20)) == "CAST(5 AS UNSIGNED)")
        #expect(expression(row(.newDecimal, "1.50")) == "1.50")
        #expect(expression(row(.newDecimal, "5")) == "5.")
        #expect(expression(row(.double, "1.5")) == "1.5e0")
        #expect(expression(row(.double, "5e-301")) == "5e-301")
        #expect(
            expression(row(.mediumBlob, "é", "C3A9", "utf8mb4", "utf8mb4_bin"))
                == "_utf8mb4 X'C3A9' COLLATE utf8mb4_bin")
        #expect(expression(row(.varString, "x", "78")) == "_binary X'78'")
    }

    @Test(
        arguments: [
            ("_utf8mb4 X'53454C'", "SEL"), ("_latin1 X'2761' COLLATE latin1_bin", "'a"), ("_binary X''", ""),
            ("_utf8mb4 X'C3A9' COLLATE utf8mb4_bin", nil), ("_utf16 X'4142' COLLATE utf16_bin", nil),
            ("_swe7 X'5B' COLLATE swe7_bin", nil), ("5", nil), ("1.5e0", nil),
            ("_latin1 X'4' COLLATE latin1_bin", nil), ("_latin1 X'' COLLATE latin1_bin,@`a`=NULL", nil),
            ("_binary X'',@`a`=NULL", nil), ("CAST(5 AS UNSIGNED)", nil),
        ] as [(String, String?)])
    func `a string of ASCII is a text`(expression: String, text: String?) {
        let variable = UserVariable(name: bytes("a"), expression: bytes(expression))
        #expect(variable.plainText == text.map(bytes))
    }

    @Test func `a NULL keeps its type`() {
        #expect(expression(row(.longlong, nil)) == "0,@`a`=NULL")
        #expect(
            expression(row(.mediumBlob, nil, nil, "latin1", "latin1_bin")) == "_latin1 X'' COLLATE latin1_bin,@`a`=NULL"
        )
    }

    @Test func `what cannot be made again, or is no value, is not told`() {
        #expect(expression(row(.geometry, "x", "78")) == nil)
        #expect(expression(row(.longlong, "1 OR 1")) == nil)
        #expect(expression(row(.double, "inf")) == nil)
        #expect(expression(row(.varString, "x", "7G")) == nil)
        #expect(expression(row(.varString, "x", "78", "utf8mb4", "x' OR")) == nil)
        #expect(UserVariableQuestion.variables([bytes("a"), bytes("b")], row(.longlong, "1"), from: 0) == nil)
    }

    @Test func `an image has the last value of each, and a connection gets the difference`() {
        var image = SessionImage()
        #expect(SessionSynchronizer.assignments(from: SessionImage(), to: image, isMain: false) == nil)
        func set(_ name: String, _ value: String) -> Bool {
            image.setUserVariable(UserVariable(name: bytes(name), expression: bytes(value)))
        }
        #expect(set("a", "1") && set("b", "2") && set("a", "3"))
        let all = SessionSynchronizer.assignments(from: SessionImage(), to: image, isMain: false)
        #expect(all == bytes("SET @`a`=3,@`b`=2"))
        let known = image
        let revision = image.revision
        #expect(set("a", "3") && image.revision == revision)
        #expect(set("b", "4"))
        #expect(SessionSynchronizer.assignments(from: known, to: image, isMain: true) == bytes("SET @`b`=4"))
        image.removeUserVariable(bytes("a"))
        #expect(SessionSynchronizer.assignments(from: known, to: image, isMain: true) == bytes("SET @`b`=4,@`a`=NULL"))
    }

    @Test func `an image has bounds in number and bytes, and forgets what it cannot hold`() {
        var image = SessionImage()
        for number in 0..<BackendLimits.imageUserVariables {
            let isKept = image.setUserVariable(UserVariable(name: bytes("v\(number)"), expression: bytes("1")))
            #expect(isKept)
        }
        let isOneMoreKept = image.setUserVariable(UserVariable(name: bytes("w"), expression: bytes("1")))
        #expect(!isOneMoreKept)
        let long = [UInt8](repeating: 0x31, count: BackendLimits.imageUserVariableBytes)
        let isLongKept = image.setUserVariable(UserVariable(name: bytes("v0"), expression: long))
        #expect(!isLongKept && !image.userVariables.contains { $0.name == bytes("v0") })
    }
}
