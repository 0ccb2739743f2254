// Numbers as people read them, without Foundation.

extension BinaryInteger {
    /// With a comma between groups of three digits.
    var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }
}

extension Double {
    /// As a duration: whole milliseconds below a second, else seconds with two decimals.
    var duration: String {
        let milliseconds = Int((self * 1_000).rounded())
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        let hundredths = milliseconds / 10 % 100
        return "\(milliseconds / 1_000).\(hundredths < 10 ? "0" : "")\(hundredths) s"
    }
}

extension String {
    /// With spaces in front, `width` characters at least.
    func right(_ width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) + self }

    /// With spaces behind, `width` characters at least.
    func left(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
