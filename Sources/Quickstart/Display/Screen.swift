// Standard output: lines that stay and, on a terminal, one line that is written over.
internal import Glibc
internal import Synchronization

/// Where the quickstart talks to. Each line goes out at once, so that a pipe's reader can follow.
package final class Screen: Sendable {
    /// The width assumed when the terminal does not tell.
    private static let columnsUsual = 80

    /// Whether a line can be written over.
    let isTerminal: Bool
    private let descriptor: Int32
    /// True while the last line written is one to write over.
    private let isLineOpen = Mutex(false)

    /// Writes to `descriptor`, which stays open and belongs to the caller.
    package init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
    }

    /// Writes a line, or several, that stay.
    package func line(_ text: String = "") {
        isLineOpen.withLock { isOpen in
            write((isOpen ? "\r\u{1b}[K" : "") + text + "\n")
            isOpen = false
        }
    }

    /// Shows how things stand: in place of the last such line on a terminal, as a line of its own elsewhere.
    func progress(_ text: String) {
        guard isTerminal else { return line(text) }
        isLineOpen.withLock { isOpen in
            // A line that wraps could not be written over.
            write("\r\u{1b}[K" + text.prefix(columns - 1))
            isOpen = true
        }
    }

    private var columns: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return Self.columnsUsual }
        return Int(size.ws_col)
    }

    /// Output that nobody takes is no reason to end: the servers must be cleaned up all the same.
    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
