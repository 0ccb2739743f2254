// Asks a person for a password, without showing it.
internal import Foundation
internal import Glibc

/// The terminal of the process as a place to ask.
package enum PasswordPrompt {
    /// The line that a person types; nil without a terminal, after Ctrl-C, and when the input ends before the line does.
    package static func ask(_ question: String) -> String? {
        guard let terminal = FileHandle(forUpdatingAtPath: "/dev/tty") else { return nil }
        defer { try? terminal.close() }
        let descriptor = terminal.fileDescriptor
        var usual = termios()
        guard tcgetattr(descriptor, &usual) == 0 else { return nil }
        var silent = usual
        // Ctrl-C comes as a character, so that nothing ends the process while the terminal is silent.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        terminal.write(Data(question.utf8))
        defer {
            tcsetattr(descriptor, TCSAFLUSH, &usual)
            terminal.write(Data("\n".utf8))
        }
        guard tcsetattr(descriptor, TCSAFLUSH, &silent) == 0 else { return nil }
        return line(descriptor)
    }

    /// Ctrl-C.
    private static let interrupt: UInt8 = 3

    private static func line(_ descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < CommandLineLimits.passwordFileBytes {
            let count = read(descriptor, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1, byte != interrupt else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}
