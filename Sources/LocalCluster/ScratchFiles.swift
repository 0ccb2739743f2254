// The few things this target does with files: nameless scratch files, pipes with a name, folders, log tails.

import Glibc
import Synchronization

/// A file without a name, which collects the output (or holds the input) of a child process.
///
/// A file instead of a pipe: several children can be awaited one after the other without any of them blocking.
final class ScratchFile: Sendable {
    let descriptor: Int32

    init(in folder: String) throws(LocalClusterError) {
        let path = "\(folder)/scratch-\(getpid())-\(uniqueNumber())"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0o600)
        if descriptor < 0 { throw systemError("cannot create \(path)") }
        unlink(path)
    }

    /// A scratch file that holds `text`, to be read from its beginning.
    convenience init(in folder: String, holding text: String) throws(LocalClusterError) {
        try self.init(in: folder)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written <= 0 { throw systemError("cannot write a scratch file") }
            rest = rest.dropFirst(written)
        }
        rewind()
    }

    deinit { close(descriptor) }

    /// Sets the position that the descriptor and its duplicates share back to the beginning.
    func rewind() { lseek(descriptor, 0, SEEK_SET) }

    /// Everything written so far, `LocalClusterLimits.outputBytes` at most. Does not move the shared position.
    func bytes(from start: Int = 0) -> [UInt8] {
        var facts = stat()
        let size = fstat(descriptor, &facts) == 0 ? min(Int(facts.st_size), LocalClusterLimits.outputBytes) : 0
        guard size > start else { return [] }
        var bytes = [UInt8](repeating: 0, count: size - start)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
        bytes.removeLast(bytes.count - max(0, count))
        return bytes
    }

    func text() -> String { String(decoding: bytes(), as: UTF8.self) }

    func tail() -> String { lastLines(of: text()) }
}

/// A pipe with a name. Both ends are opened close-on-exec in one step, which `pipe` cannot do: an end that leaked into
/// somebody else's child would keep the end of file from being seen.
final class NamedPipe: Sendable {
    let path: String
    let readEnd: Int32
    let writeEnd: Int32

    init(path: String) throws(LocalClusterError) {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else { throw systemError("cannot create \(path)") }
        // Opening one end waits for the other; a descriptor that is both stands in meanwhile.
        let both = open(path, O_RDWR | O_CLOEXEC)
        readEnd = open(path, O_RDONLY | O_CLOEXEC)
        writeEnd = open(path, O_WRONLY | O_CLOEXEC)
        close(both)
        if readEnd < 0 || writeEnd < 0 { throw systemError("cannot open \(path)") }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Writes all of `text`; false when nobody can read it any more.
    @discardableResult
    func send(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(writeEnd, $0.baseAddress, $0.count) }
            if written <= 0 { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}

/// Numbers that never repeat within this process.
func uniqueNumber() -> Int { uniqueCounter.wrappingAdd(1, ordering: .relaxed).newValue }
private let uniqueCounter = Atomic<Int>(0)

/// An error that carries the text of `errno`.
func systemError(_ what: String) -> LocalClusterError {
    LocalClusterError(.system, "\(what): \(String(cString: strerror(errno)))")
}

/// `TMPDIR`, or `/tmp`.
func temporaryFolder() -> String {
    guard let value = getenv("TMPDIR"), value.pointee != 0 else { return "/tmp" }
    let path = String(cString: value)
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
}

/// Makes a folder with a name of its own, `prefix` and six characters, which only this user may enter.
func makeUniqueFolder(_ prefix: String) throws(LocalClusterError) -> String {
    var template = Array((prefix + "XXXXXX").utf8CString)
    let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
    if !made { throw systemError("cannot create a folder \(prefix)…") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func makeFolder(_ path: String) throws(LocalClusterError) {
    if mkdir(path, 0o700) != 0 { throw systemError("cannot create \(path)") }
}

/// Removes a folder and everything in it. The folders are ours; what resists has been removed by the watchdog.
func removeFolder(_ path: String) {
    let child = try? Subprocess.spawn(["/bin/rm", "-rf", "--", path])
    _ = child?.wait(until: monotonicSeconds() + LocalClusterLimits.copySeconds)
}

/// The last `LocalClusterLimits.logTailLines` lines of a file, empty when it cannot be read.
func lastLines(ofFile path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: min(max(0, size), LocalClusterLimits.logTailBytes))
    let start = off_t(size - bytes.count)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, start) }
    return lastLines(of: String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
}

func lastLines(of text: String) -> String {
    text.split(separator: "\n").suffix(LocalClusterLimits.logTailLines).joined(separator: "\n")
}
