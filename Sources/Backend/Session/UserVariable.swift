// Questions about user variables, and expressions that make a variable on another connection what it was on this one.
package import Wire

/// A user variable by name and value, as servers take it: `SET @name=expression`.
package struct UserVariable: Sendable, Equatable {
    /// In lower case, of letters, digits, `_`, `.` and `$`.
    package let name: [UInt8]
    /// An expression of the value's type, character set and collation, that means the same under every setting.
    package let expression: [UInt8]

    /// A variable by its parts.
    package init(name: [UInt8], expression: [UInt8]) {
        self.name = name
        self.expression = expression
    }

    /// The value, if it is a string of ASCII in a character set that has that as it is.
    package var plainText: [UInt8]? {
        let quote = UInt8(ascii: "'")
        guard let opening = expression.firstIndex(of: quote), let closing = expression.lastIndex(of: quote),
            Self.plainCharacterSets.contains(where: { expression[..<opening].elementsEqual("_\($0) X".utf8) })
        else { return nil }
        // A NULL goes on behind the expression of its type.
        let rest = expression[(closing + 1)...]
        guard rest.isEmpty || rest.starts(with: " COLLATE ".utf8), !rest.contains(UInt8(ascii: ",")) else { return nil }
        var text: [UInt8] = []
        var index = opening + 1
        while index + 1 < closing {
            guard let high = Self.digit(expression[index]), let low = Self.digit(expression[index + 1]), high < 8 else {
                return nil
            }
            text.append(high << 4 | low)
            index += 2
        }
        return index == closing ? text : nil
    }

    private static let plainCharacterSets = ["utf8mb4", "utf8mb3", "utf8", "latin1", "ascii", "binary"]

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// What it takes of the image's room.
    var bytes: Int { name.count + expression.count }

    /// `@name=expression`.
    func append(to text: inout [UInt8]) {
        if !text.isEmpty { text.append(UInt8(ascii: ",")) }
        text.append(UInt8(ascii: "@"))
        text += Self.quoted(name)
        text.append(UInt8(ascii: "="))
        text += expression
    }

    /// The name as an identifier: a `.` in it needs no quotes, and a digit in front of it none either.
    static func quoted(_ name: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "`")] + name + [UInt8(ascii: "`")]
    }
}

/// Asks a server for the values of user variables.
package enum UserVariableQuestion {
    /// Columns of the answer for each variable.
    static let columns = 4

    /// The question. The limit is its own because the session may have set another, of 0.
    ///
    /// - Parameter withLastInsertID: whether its first column says what LAST_INSERT_ID() is.
    package static func text(_ names: [[UInt8]], withLastInsertID: Bool) -> [UInt8] {
        var text = Array("SELECT ".utf8)
        if withLastInsertID { text += "LAST_INSERT_ID(),".utf8 }
        for (index, name) in names.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            let variable = [UInt8(ascii: "@")] + UserVariable.quoted(name)
            text += variable
            // The bytes as they are, whatever the character set of results.
            for function in ["HEX", "CHARSET", "COLLATION"] {
                text += ",\(function)(".utf8
                text += variable
                text.append(UInt8(ascii: ")"))
            }
        }
        return text + " LIMIT 1".utf8
    }

    /// The variables, from a row of the answer that begins with the first one's columns; nil when one of them is of a type
    /// that cannot be made again.
    package static func variables(_ names: [[UInt8]], _ row: TextRow, from first: Int) -> [UserVariable]? {
        guard row.values.count == first + names.count * columns else { return nil }
        var variables: [UserVariable] = []
        for (index, name) in names.enumerated() {
            let place = first + index * columns
            guard
                let expression = expression(
                    row.columns[place], row.values[place], hexadecimal: row.values[place + 1],
                    characterSet: row.values[place + 2], collation: row.values[place + 3])
            else { return nil }
            // A variable that is NULL keeps the type of its last value (seen on 10.11, 11.8 and 9.7).
            let isNull = row.values[place] == nil
            var whole = expression
            if isNull {
                whole += ",@".utf8
                whole += UserVariable.quoted(name)
                whole += "=NULL".utf8
            }
            variables.append(UserVariable(name: name, expression: whole))
        }
        return variables
    }

    /// Of a NULL, some other value of its type.
    private static func expression(
        _ column: ColumnDefinition, _ value: [UInt8]?, hexadecimal: [UInt8]?, characterSet: [UInt8]?,
        collation: [UInt8]?
    ) -> [UInt8]? {
        var number = value ?? [UInt8(ascii: "0")]
        switch column.type {
        case .tiny, .short, .long, .int24, .longlong:
            guard number.allSatisfy(isSignOrDigit) else { return nil }
            guard column.flags & 0x20 != 0 else { return number }
            var text = Array("CAST(".utf8)
            text += number
            text += " AS UNSIGNED)".utf8
            return text
        case .newDecimal, .decimal:
            guard number.allSatisfy({ isSignOrDigit($0) || $0 == UInt8(ascii: ".") }) else { return nil }
            if !number.contains(UInt8(ascii: ".")) { number.append(UInt8(ascii: ".")) }
            return number
        case .double, .float:
            let isExponential = number.contains(UInt8(ascii: "e"))
            let allowed = number.allSatisfy {
                isSignOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "+")
            }
            if !isExponential { number += "e0".utf8 }
            return allowed ? number : nil
        case .varchar, .varString, .string, .tinyBlob, .blob, .mediumBlob, .longBlob:
            return string(hexadecimal ?? [], characterSet, collation)
        default: return nil
        }
    }

    private static func string(_ hexadecimal: [UInt8], _ characterSet: [UInt8]?, _ collation: [UInt8]?) -> [UInt8]? {
        guard let characterSet, let collation, !characterSet.isEmpty, !collation.isEmpty,
            (characterSet + collation).allSatisfy(isNamePart), hexadecimal.allSatisfy(isHexadecimal)
        else { return nil }
        var text = [UInt8(ascii: "_")]
        text += characterSet
        text += " X'".utf8
        text += hexadecimal
        text.append(UInt8(ascii: "'"))
        guard !characterSet.elementsEqual("binary".utf8) else { return text }
        text += " COLLATE ".utf8
        text += collation
        return text
    }

    private static func isSignOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
    }
}
