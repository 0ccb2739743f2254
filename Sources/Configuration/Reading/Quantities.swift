// Numbers with units: times in milliseconds, sizes in bytes; read from text and written back as people write them.

/// Times in milliseconds.
enum DurationText {
    static let units: [(name: String, factor: Int)] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)]

    /// The time in its largest whole unit, for example `8h` or `1500ms`.
    static func describe(_ milliseconds: Int) -> String { describeQuantity(milliseconds, units: units) }
}

/// Sizes in bytes.
enum SizeText {
    static let units: [(name: String, factor: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    /// The size in its largest whole unit, for example `64KiB`.
    static func describe(_ bytes: Int) -> String { describeQuantity(bytes, units: units) }
}

/// A decimal number, in which `_` may separate digits; `nil` for anything else, also for what does not fit.
func wholeNumber(_ text: some StringProtocol) -> Int? {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? text.dropFirst() : text[...]
    guard let first = digits.utf8.first, first != UInt8(ascii: "_"), !digits.hasSuffix("_"),
        digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_") })
    else { return nil }
    return Int((isNegative ? "-" : "") + digits.filter { $0 != "_" })
}

/// A whole number with or without one of the units; without one it counts in the smallest.
func quantityValue(_ text: String, units: [(name: String, factor: Int)]) -> Int? {
    let number = text.prefix { $0 == "_" || $0 == "-" || ("0"..."9").contains($0) }
    var unit = text.dropFirst(number.count)
    if unit.hasPrefix(" ") { unit = unit.dropFirst() }
    guard let amount = wholeNumber(number) else { return nil }
    if unit.isEmpty { return number.count == text.count ? amount : nil }
    guard let factor = units.first(where: { $0.name == unit })?.factor else { return nil }
    let (product, overflow) = amount.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
}

private func describeQuantity(_ amount: Int, units: [(name: String, factor: Int)]) -> String {
    let unit = units.first { amount != 0 && amount % $0.factor == 0 } ?? units[units.count - 1]
    return "\(amount / unit.factor)\(unit.name)"
}
