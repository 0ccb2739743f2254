// Log lines, byte by byte.

import Logging
import Testing

@testable import Telemetry

private let moment = WallClockTime(millisecondsSince1970: 1_767_323_045_678)

@Suite struct LogLineTests {
    private func line(
        _ message: String, level: Logger.Level = .info, metadata: Logger.Metadata = [:]
    ) -> LogLine {
        LogLine(time: moment, level: level, label: "topology", message: message, metadata: metadata)
    }

    @Test(arguments: [
        (Int64(1_767_323_045_678), "2026-01-02T03:04:05.678Z"), (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_001, "2000-02-29T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func `a time is written in UTC with milliseconds`(milliseconds: Int64, text: String) {
        #expect(WallClockTime(millisecondsSince1970: milliseconds).description == text)
    }

    @Test func `now is after this was written`() {
        #expect(WallClockTime.now().description > "2025-01-01")
    }

    @Test func `a line for people has a fixed head and sorted facts`() {
        #expect(
            line(
                "node is down", metadata: ["node": "db1", "after": "3 s", "count": .stringConvertible(2), "empty": ""]
            )
            .text(.human)
                == "2026-01-02T03:04:05.678Z info   topology: node is down after=\"3 s\" count=2 empty=\"\" node=db1\n")
    }

    @Test(arguments: Logger.Level.allCases)
    func `the columns of a line for people do not depend on the level`(level: Logger.Level) {
        let text = line("m", level: level).text(.human)
        #expect(text.firstRange(of: "topology")?.lowerBound.utf16Offset(in: text) == 32)
    }

    @Test func `a line in JSON keeps numbers and truth values as they are`() {
        #expect(
            line(
                "said \"no\"\\", level: .critical,
                metadata: ["n": .stringConvertible(-2), "b": .stringConvertible(true), "s": "1"]
            )
            .text(.json)
                == #"{"time":"2026-01-02T03:04:05.678Z","level":"critical","label":"topology","#
                + #""message":"said \"no\"\\","metadata":{"b":true,"n":-2,"s":"1"}}"# + "\n")
        #expect(
            line("m").text(.json)
                == #"{"time":"2026-01-02T03:04:05.678Z","level":"info","label":"topology","message":"m"}"# + "\n")
    }

    @Test func `nested facts are followed, but not without end`() {
        let nested: Logger.MetadataValue = ["k": ["a", "b c"]]
        #expect(line("m", metadata: ["x": nested]).text(.human).hasSuffix("m x={k=[a,\"b c\"]}\n"))
        #expect(
            line("m", metadata: ["x": nested]).text(.json).hasSuffix(#""metadata":{"x":{"k":["a","b c"]}}}"# + "\n"))
        var deep: Logger.MetadataValue = "end"
        for _ in 0..<100 { deep = .array([deep]) }
        #expect(line("m", metadata: ["x": deep]).text(.human).contains("[…]"))
        #expect(line("m", metadata: ["x": deep]).text(.json).contains("[[]]"))
    }

    @Test func `a text from outside can neither end its line nor fake another`() {
        let evil = "a\nb\r\u{1B}[2J\u{0}\u{85}\u{2028}é"
        let human = line(evil, metadata: ["k\n": .string(evil)]).text(.human)
        #expect(human.unicodeScalars.count { $0.value < 0x20 } == 1)
        #expect(human.hasSuffix("\n"))
        #expect(human.contains(#"topology: a\nb\r\u001b[2J\u0000\u0085\u2028é k\n="a\nb"#))
        let json = line(evil, metadata: ["k\n": .string(evil)]).text(.json)
        #expect(json.unicodeScalars.count { $0.value < 0x20 } == 1)
        #expect(json.contains(#""message":"a\nb\r\u001b[2J\u0000\u0085\u2028é""#))
    }

    @Test func `long texts and many facts are cut`() {
        let long = String(repeating: "x", count: 100_000)
        #expect(line(long).text(.human).utf8.count < 9_000)
        #expect(line("m", metadata: ["k": .string(long)]).text(.json).utf8.count < 9_000)
        let many = Logger.Metadata(uniqueKeysWithValues: (100..<300).map { ("k\($0)", "v") })
        let text = line("m", metadata: many).text(.human)
        #expect(text.count { $0 == "=" } == LogLine.maximumEntries)
    }
}
