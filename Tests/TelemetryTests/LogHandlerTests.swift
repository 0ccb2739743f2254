// From swift-log's `Logger` to bytes on a descriptor.

import Dispatch
import Glibc
import Logging
import Testing

@testable import Telemetry

/// A pipe that stands for stderr.
private final class Pipe {
    let reader: Int32
    let writer: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PipeFailure() }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// From now on it takes no more than one page at once.
    func shrink() {
        // F_SETPIPE_SZ, which Glibc's module does not show.
        #expect(fcntl(writer, 1_031, 4_096) == 4_096)
    }

    /// What has been written so far.
    func contents() -> String {
        let flags = fcntl(reader, F_GETFL)
        _ = fcntl(reader, F_SETFL, flags | O_NONBLOCK)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(reader, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    struct PipeFailure: Error {}
}

@Suite struct LogHandlerTests {
    private func logger(_ configuration: LogConfiguration) -> Logger {
        Logger(label: "test") { SwitchyardLogHandler(label: $0, configuration: configuration) }
    }

    @Test func `a logger writes one line per event`() throws {
        let pipe = try Pipe()
        var logger = logger(LogConfiguration(descriptor: pipe.writer))
        logger[metadataKey: "node"] = "db1"
        logger[metadataKey: "other"] = "kept"
        logger.info("hello", metadata: ["node": "db2"])
        logger.debug("not written")
        let text = pipe.contents()
        #expect(text.hasSuffix(" info   test: hello node=db2 other=kept\n"))
        #expect(text.count { $0 == "\n" } == 1)
    }

    @Test func `level and shape change under a living logger`() throws {
        let pipe = try Pipe()
        let configuration = LogConfiguration(descriptor: pipe.writer)
        let logger = logger(configuration)
        logger.debug("one")
        #expect(pipe.contents() == "")
        configuration.level = .debug
        configuration.format = .json
        logger.debug("two")
        #expect(pipe.contents().hasSuffix(#""level":"debug","label":"test","message":"two"}"# + "\n"))
        configuration.level = .error
        #expect(configuration.level == .error)
        logger.warning("three")
        #expect(pipe.contents() == "")
    }

    @Test func `one logger may have a level of its own`() throws {
        let pipe = try Pipe()
        let configuration = LogConfiguration(level: .error, descriptor: pipe.writer)
        var one = logger(configuration)
        let other = one
        one.logLevel = .trace
        one.trace("mine")
        other.trace("theirs")
        #expect(pipe.contents().hasSuffix("trace  test: mine\n"))
        #expect(configuration.level == .error)
    }

    @Test func `an error and the provider's facts are part of the line`() throws {
        struct Broken: Error, CustomStringConvertible { var description: String { "broken pipe" } }
        let pipe = try Pipe()
        var handler = SwitchyardLogHandler(label: "test", configuration: LogConfiguration(descriptor: pipe.writer))
        handler.metadata = ["a": "logger", "b": "logger"]
        handler.metadataProvider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
        handler.log(
            event: LogEvent(
                level: .error, message: "m", error: Broken(), metadata: ["c": "event"], source: nil, file: "",
                function: "",
                line: 0))
        #expect(pipe.contents().hasSuffix("error  test: m a=logger b=provider c=event error=\"broken pipe\"\n"))
    }

    @Test func `a reader that does not read loses lines and stops nobody`() throws {
        let pipe = try Pipe()
        let configuration = LogConfiguration(descriptor: pipe.writer)
        let logger = logger(configuration)
        let text = String(repeating: "x", count: 4_000)
        for _ in 0..<100 { logger.info("\(text)") }
        #expect(configuration.droppedLines > 0)
        let lines = pipe.contents().split(separator: "\n")
        #expect(lines.count + configuration.droppedLines == 100)
        #expect(lines.allSatisfy { $0.hasSuffix("test: \(text)") })
    }

    @Test func `a line that lost its end is not continued by the next`() throws {
        let pipe = try Pipe()
        pipe.shrink()
        let configuration = LogConfiguration(format: .json, descriptor: pipe.writer)
        let logger = logger(configuration)
        logger.info("\(String(repeating: "x", count: 5_000))")
        #expect(configuration.droppedLines == 1)
        #expect(pipe.contents().hasSuffix("xxx"))
        // One write fills a pipe of one page.
        logger.info("next")
        let next = pipe.contents()
        logger.info("last")
        let last = pipe.contents()
        #expect(next.hasPrefix("\n{") && next.hasSuffix(#""message":"next"}"# + "\n"), "\(next)")
        #expect(last.hasPrefix("{") && last.hasSuffix(#""message":"last"}"# + "\n"), "\(last)")
        #expect(configuration.droppedLines == 1)
    }

    @Test func `of two threads that see the last room neither waits for the reader`() throws {
        let pipe = try Pipe()
        pipe.shrink()
        let configuration = LogConfiguration(descriptor: pipe.writer)
        let logger = logger(configuration)
        let text = String(repeating: "x", count: 4_000)
        var lines = 0
        for _ in 0..<500 {
            let ended = DispatchGroup()
            for _ in 0..<2 { DispatchQueue.global().async(group: ended) { logger.info("\(text)") } }
            let isHeld = ended.wait(timeout: .now() + .seconds(60)) == .timedOut
            #expect(!isHeld)
            lines += pipe.contents().count { $0 == "\n" }
            guard !isHeld else { return }
        }
        #expect(lines + configuration.droppedLines == 1_000)
    }

    @Test func `a closed destination is counted, not fatal`() {
        let configuration = LogConfiguration(descriptor: -1)
        logger(configuration).info("lost")
        #expect(configuration.droppedLines == 1)
    }
}
