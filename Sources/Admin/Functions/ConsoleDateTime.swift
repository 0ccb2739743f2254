// Times as the console writes them: UTC, `YYYY-MM-DD HH:MM:SS[.ffffff]`, which sorts as text.

import Glibc

/// Conversions between microseconds since 1970-01-01 00:00:00 UTC and the console's text.
package enum ConsoleDateTime {
    private static let secondsPerDay = 86_400
    /// Years 0001 to 9999: what MySQL's DATETIME can show.
    private static let secondsRange = -62_135_596_800...253_402_300_799

    /// A point in time as text with `fractionDigits` (0 to 6) digits below the second; nil outside years 1 to 9999.
    package static func text(microseconds: Int64, fractionDigits: Int = 6) -> String? {
        let million: Int64 = 1_000_000
        var seconds = Int(microseconds / million)
        var fraction = Int(microseconds % million)
        if fraction < 0 {
            fraction += Int(million)
            seconds -= 1
        }
        guard secondsRange.contains(seconds) else { return nil }
        let dayNumber = Int((Double(seconds) / Double(secondsPerDay)).rounded(.down))
        let secondOfDay = seconds - dayNumber * secondsPerDay
        let date = civil(fromDays: dayNumber)
        var text = padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2)
        text += " " + padded(secondOfDay / 3_600, 2) + ":" + padded(secondOfDay / 60 % 60, 2)
        text += ":" + padded(secondOfDay % 60, 2)
        if fractionDigits > 0 { text += "." + padded(fraction, 6).prefix(min(fractionDigits, 6)) }
        return text
    }

    /// Microseconds of `YYYY-MM-DD[ HH:MM:SS[.ffffff]]` (a `T` may stand for the blank); nil if it is not that.
    package static func microseconds(_ text: String) -> Int64? {
        let halves = text.split(maxSplits: 1) { $0 == " " || $0 == "T" }
        guard let first = halves.first else { return nil }
        let date = first.split(separator: "-", omittingEmptySubsequences: false).map { number($0) }
        guard date.count == 3, let year = date[0], let month = date[1], let day = date[2],
            (1...9_999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = days(year: year, month: month, day: day)
        // A day that the month does not have comes back as another one.
        guard civil(fromDays: days) == (year, month, day) else { return nil }
        guard halves.count == 2 else { return Int64(days * secondsPerDay) * 1_000_000 }
        guard let time = timeOfDay(halves[1]) else { return nil }
        return Int64(days * secondsPerDay) * 1_000_000 + time
    }

    /// Now, in microseconds.
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.count <= 6, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(text)
    }

    private static func timeOfDay(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let clock = parts[0].split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction = 0
        if parts.count == 2 {
            guard let digits = number(parts[1]) else { return nil }
            fraction = (parts[1].count..<6).reduce(digits) { value, _ in value * 10 }
        }
        return Int64(hour * 3_600 + minute * 60 + second) * 1_000_000 + Int64(fraction)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, by 400-year eras that begin on 1 March.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `days(year:month:day:)` for years from 1 on.
    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
