// The process that is to take this one's place.
internal import CLinux
internal import Glibc
internal import Synchronization

/// How a process that was started ended, in words.
package struct SpawnError: Error, CustomStringConvertible, Sendable {
    package let description: String
}

/// A program as it is started: its file, and its words.
package struct ProgramStart: Sendable, Equatable {
    /// The file's path, absolute.
    package let path: String
    /// All words of the command line; the first is the path.
    package let arguments: [String]

    /// The program as this process was started. Its file is looked up by name, so that another file that was put in its place
    /// is what starts; `/proc/self/exe` would be the old one.
    ///
    /// - Parameters:
    ///   - arguments: this process's, the first of which may be relative to `folder`, or a name to be found in `search`.
    ///   - folder: where the process was started.
    ///   - search: folders, separated by colons.
    package init?(arguments: [String], folder: String, search: String) {
        guard let first = arguments.first, !first.isEmpty else { return nil }
        let found: String?
        if first.contains("/") {
            found = Self.absolute(first, folder)
        } else {
            found = search.split(separator: ":", omittingEmptySubsequences: false)
                .map { Self.absolute($0.isEmpty ? first : "\($0)/\(first)", folder) }
                .first { access($0, X_OK) == 0 }
        }
        guard let found else { return nil }
        path = found
        self.arguments = [found] + arguments.dropFirst()
    }

    private static func absolute(_ path: String, _ folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    /// The program as this process was started, if that can be known. To be asked before the process goes elsewhere.
    package static func current() -> ProgramStart? {
        guard let folder = getcwd(nil, 0) else { return nil }
        defer { free(folder) }
        return ProgramStart(
            arguments: CommandLine.arguments, folder: String(cString: folder),
            search: getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin")
    }
}

/// A started process, with which this one talks. It is reaped by `end` or `waitForEnd`, one of which must be called unless it
/// outlives this process.
package final class Successor: Sendable {
    /// Its number.
    package let pid: Int32
    /// Where the two talk.
    package let channel: ControlChannel
    /// How it ended; nil while nobody has seen its end.
    private let status = Mutex<Int32?>(nil)

    private init(pid: Int32, channel: ControlChannel) {
        self.pid = pid
        self.channel = channel
    }

    /// The descriptors of the new process begin here.
    private static let firstDescriptor: Int32 = 3

    /// Starts a program that gets the sockets of these listeners, and no other descriptor but the first three. Each socket is
    /// the same one, with its queue, not another at its address.
    ///
    /// - Parameters:
    ///   - program: what to start.
    ///   - listeners: the sockets with their names.
    ///   - omitting: names of environment variables that are this process's own business.
    package static func start(
        _ program: ProgramStart, listeners: [(name: String, listener: Listener)], omitting: Set<String> = []
    ) throws(SpawnError) -> Successor {
        guard listeners.count <= NetworkLimits.handedListenersMaximum else {
            throw SpawnError(description: "there are more than \(NetworkLimits.handedListenersMaximum) listeners")
        }
        guard let (channel, other) = ControlChannel.pair() else {
            throw SpawnError(description: "no socket to talk to the new process: \(errorText(errno))")
        }
        defer { close(other) }
        // Out of the way of the numbers that the new process gets them as.
        let base = firstDescriptor + Int32(listeners.count) + 1
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        for descriptor in [other] + listeners.map(\.listener.descriptor) {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, base)
            guard copy >= 0 else { throw SpawnError(description: "a socket cannot be copied: \(errorText(errno))") }
            copies.append(copy)
        }
        let items = listeners.enumerated().map { index, item in
            InheritedListeners.Item(
                name: item.name, descriptor: firstDescriptor + 1 + Int32(index), address: "\(item.listener.address)")
        }
        let inherited = InheritedListeners(control: firstDescriptor, items: items)
        let pid = try spawn(program, environment(inherited, omitting), copies)
        return Successor(pid: pid, channel: channel)
    }

    private static func environment(_ inherited: InheritedListeners, _ omitting: Set<String>) -> [String] {
        var all: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            let name = String(text.prefix { $0 != "=" })
            if name != InheritedListeners.variable && !omitting.contains(name) { all.append(text) }
            next += 1
        }
        return all + ["\(InheritedListeners.variable)=\(inherited.text)"]
    }

    private static func spawn(
        _ program: ProgramStart, _ environment: [String], _ descriptors: [Int32]
    ) throws(SpawnError) -> Int32 {
        var arguments = program.arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: Int32 = 0
        let failure = switchyard_spawn(
            program.path, &arguments, &variables, descriptors, Int32(descriptors.count), firstDescriptor, &pid)
        guard failure == 0 else {
            throw SpawnError(description: "\(program.path) cannot be started: \(errorText(failure))")
        }
        return pid
    }

    /// Ends it at once, and waits until it is gone. Returns how it ended; also when it had ended before.
    @discardableResult
    package func end() -> String {
        status.withLock { status in
            if status == nil { kill(pid, SIGKILL) }
            return reap(&status)
        }
    }

    /// Waits until it is gone by itself: only to be called when it has closed its end.
    package func waitForEnd(milliseconds: Int) -> String? {
        for _ in 0...max(0, milliseconds / Self.lookMilliseconds) {
            let seen = status.withLock { status -> Int32? in
                if status == nil {
                    var word: Int32 = 0
                    if waitpid(pid, &word, WNOHANG) == pid { status = word }
                }
                return status
            }
            if let seen { return Self.words(seen) }
            usleep(UInt32(Self.lookMilliseconds) * 1_000)
        }
        return nil
    }

    private static let lookMilliseconds = 10

    private func reap(_ status: inout Int32?) -> String {
        if let status { return Self.words(status) }
        var word: Int32 = 0
        while waitpid(pid, &word, 0) < 0 && errno == EINTR {}
        status = word
        return Self.words(word)
    }

    private static func words(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "it ended with exit code \(status >> 8 & 0xFF)" : "signal \(signal) ended it"
    }
}
