// Files are read whole, and pipes for a bounded time.

import Dispatch
import Glibc
import Testing

@testable import Configuration

@Suite struct FileReadingTests {
    private func withPipe(_ body: (String) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/pipe"
            guard mkfifo(path, 0o600) == 0 else { throw TestFailure() }
            defer { remove(path) }
            try body(path)
        }
    }

    private func problem(_ path: String, maximumBytes: Int = 10, patience: Duration) -> String? {
        do throws(FileProblem) {
            _ = try readFile(path, maximumBytes: maximumBytes, patience: patience)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `a pipe that nobody writes to is given up`() throws {
        try withPipe { #expect(problem($0, patience: .milliseconds(5))?.hasPrefix("it is a pipe") == true) }
    }

    @Test func `a pipe whose writer does not end is given up`() throws {
        try withPipe { path in
            let writer = open(path, O_RDWR | O_CLOEXEC)
            defer { close(writer) }
            #expect(write(writer, "abc", 3) == 3)
            #expect(problem(path, patience: .milliseconds(5))?.hasPrefix("it is a pipe") == true)
        }
    }

    @Test func `a pipe is read to its end, also when its writer comes late`() throws {
        try withPipe { path in
            DispatchQueue.global().async {
                let writer = open(path, O_WRONLY | O_CLOEXEC)
                for _ in 0..<3 { _ = write(writer, "abc", 3) }
                close(writer)
            }
            let bytes = try readFile(path, maximumBytes: 10)
            #expect(bytes == Array("abcabcabc".utf8))
        }
    }

    @Test func `more than the maximum, and what is not there, are refused`() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/file"
            defer { remove(path) }
            try write("0123456789", to: path)
            #expect(problem(path, patience: .zero) == nil)
            #expect(problem(path, maximumBytes: 9, patience: .zero)?.hasPrefix("larger than") == true)
            #expect(problem("\(folder)/nothing", patience: .zero) == "No such file or directory")
        }
    }
}
