// Bounded reads of the settings file and of the secret files it names.

internal import Glibc

/// Why a file could not be read, as a clause.
struct FileProblem: Error {
    let message: String
}

/// How long is waited for the whole of a pipe: one that nobody writes to must not hold up every later change of settings.
private let pipePatience: Duration = .seconds(60)

/// The whole of a file; refuses more than `maximumBytes`. Pipes are fine, so `--config <(…)` works.
func readFile(_ path: String, maximumBytes: Int, patience: Duration = pipePatience) throws(FileProblem) -> [UInt8] {
    // Otherwise the opening itself would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileProblem(message: systemMessage(errno)) }
    defer { close(descriptor) }
    let deadline = ContinuousClock.now + patience
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        var readiness = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&readiness, 1, Int32(left / .milliseconds(1))) != 0 else {
            throw FileProblem(message: "it is a pipe, and its end did not come in time")
        }
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 {
            if errno == EINTR || errno == EAGAIN { continue }
            throw FileProblem(message: systemMessage(errno))
        }
        if count == 0 { return bytes }
        guard bytes.count + count <= maximumBytes else {
            throw FileProblem(message: "larger than \(SizeText.describe(maximumBytes))")
        }
        bytes.append(contentsOf: chunk[..<count])
    }
}

/// The folder part of a path; `.` when there is none.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

private func systemMessage(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
