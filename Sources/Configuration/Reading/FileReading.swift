// Bounded reads of the settings file and of the secret files it names.

internal import Glibc

/// Why a file could not be read, as a clause.
struct FileProblem: Error {
    let message: String
}

/// The whole of a file; refuses more than `maximumBytes`. Pipes are fine, so `--config <(…)` works.
func readFile(_ path: String, maximumBytes: Int) throws(FileProblem) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem(message: systemMessage(errno)) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 {
            if errno == EINTR { continue }
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
