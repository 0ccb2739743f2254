// The listening sockets that a process was given by the one whose place it takes.
internal import Glibc

/// Why what was inherited cannot be used, in words for the operator.
package struct InheritanceError: Error, Equatable, CustomStringConvertible, Sendable {
    package let description: String
    init(_ description: String) { self.description = "\(InheritedListeners.variable): \(description)" }
}

/// What the environment variable `SWITCHYARD_HANDOVER` says: `1 control=3 listener/main=4@127.0.0.1:6306 …`, that is the
/// version of these words, the descriptor on which the two processes talk, and for each listening socket its name, its
/// descriptor and its address. In names everything but letters, digits, `-`, `_`, `.` and `/` is written as `%xx`.
package struct InheritedListeners: Sendable, Equatable {
    /// The environment variable.
    package static let variable = "SWITCHYARD_HANDOVER"
    private static let version = "1"

    /// One socket.
    package struct Item: Sendable, Equatable {
        /// The listener's name, as the former process had it.
        package let name: String
        /// It listens.
        package let descriptor: Int32
        /// As words, for people and for the comparison.
        package let address: String

        /// An item by its parts.
        package init(name: String, descriptor: Int32, address: String) {
            self.name = name
            self.descriptor = descriptor
            self.address = address
        }
    }

    /// The descriptor on which the processes talk.
    package let control: Int32
    /// Those that nobody has taken yet.
    package private(set) var items: [Item]

    /// By its parts.
    package init(control: Int32, items: [Item]) {
        self.control = control
        self.items = items
    }

    // MARK: Words

    /// The variable's value.
    package var text: String {
        let sockets = items.map { "\(Self.escaped($0.name))=\($0.descriptor)@\(Self.escaped($0.address))" }
        return ([Self.version, "control=\(control)"] + sockets).joined(separator: " ")
    }

    /// Reads the variable's value. Whether the descriptors are what they should be is asked by `checked`.
    package init(parsing text: String) throws(InheritanceError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.first.map(String.init) == Self.version else {
            throw InheritanceError("another version of Switchyard wrote it")
        }
        guard words.count >= 2, words[1].hasPrefix("control="),
            let control = Self.descriptor(words[1].dropFirst("control=".count))
        else { throw InheritanceError("it names no control=<descriptor>") }
        guard words.count - 2 <= NetworkLimits.handedListenersMaximum else {
            throw InheritanceError("it has more than \(NetworkLimits.handedListenersMaximum) sockets")
        }
        var items: [Item] = []
        for word in words.dropFirst(2) {
            guard let item = Self.item(word) else {
                throw InheritanceError("'\(Self.printable(word))' is not <name>=<descriptor>@<address>")
            }
            items.append(item)
        }
        let all = items.map(\.descriptor) + [control]
        guard Set(all).count == all.count else { throw InheritanceError("it names a descriptor twice") }
        self.init(control: control, items: items)
    }

    private static func item(_ word: Substring) -> Item? {
        guard let equals = word.lastIndex(of: "=") else { return nil }
        let rest = word[word.index(after: equals)...]
        guard let at = rest.firstIndex(of: "@"), let number = descriptor(rest[..<at]),
            let name = unescaped(word[..<equals]), let address = unescaped(rest[rest.index(after: at)...]),
            !name.isEmpty, !address.isEmpty
        else { return nil }
        return Item(name: name, descriptor: number, address: address)
    }

    /// Standard input, output and error are nobody's listeners.
    private static func descriptor(_ text: Substring) -> Int32? {
        guard let number = Int32(text), number > 2 else { return nil }
        return number
    }

    private static func printable(_ text: Substring) -> String { escaped(String(text.prefix(80))) }

    /// A word without spaces and equals signs; also for what the two processes say to each other.
    package static func escaped(_ text: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:[]".utf8)
        let digits = Array("0123456789abcdef")
        return text.utf8.reduce(into: "") { word, byte in
            if plain.contains(byte) {
                word.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                word += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }

    /// What `escaped` made a word of; nil when it did not make it.
    package static func unescaped(_ word: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    // MARK: Sockets

    /// The same with the addresses that the kernel tells, and with descriptors that no further program gets. An error says
    /// what is no listening socket; nothing is closed then, since it may be somebody else's.
    package func checked() throws(InheritanceError) -> InheritedListeners {
        var kind: Int32 = 0
        guard Self.option(control, SO_TYPE, &kind), kind == Int32(SOCK_STREAM.rawValue) else {
            throw InheritanceError("descriptor \(control) is not a socket")
        }
        var found: [Item] = []
        for item in items {
            var listens: Int32 = 0
            guard Self.option(item.descriptor, SO_ACCEPTCONN, &listens), listens == 1,
                let address = Listener.boundAddress(item.descriptor)
            else { throw InheritanceError("descriptor \(item.descriptor) is not a listening socket") }
            found.append(Item(name: item.name, descriptor: item.descriptor, address: "\(address)"))
        }
        for descriptor in [control] + items.map(\.descriptor) {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            if descriptor != control { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
        }
        return InheritedListeners(control: control, items: found)
    }

    private static func option(_ descriptor: Int32, _ name: Int32, _ value: inout Int32) -> Bool {
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0
    }

    /// Takes out the socket that listens where `wanted` says, whatever its listener was called. Where the kernel was to
    /// choose the port, it is the socket of the same name.
    package mutating func take(_ wanted: SocketAddress, name: String) -> Int32? {
        let found = items.firstIndex { item in
            guard wanted.isInternet && wanted.port == 0 else { return item.address == "\(wanted)" }
            return item.name == name && Self.withoutPort(item.address) == Self.withoutPort("\(wanted)")
        }
        return found.map { items.remove(at: $0).descriptor }
    }

    private static func withoutPort(_ address: String) -> Substring {
        address.lastIndex(of: ":").map { address[..<$0] } ?? address[...]
    }

    /// Closes those that nobody took. Unix paths are removed: nobody answers there any more.
    package mutating func closeRest() {
        for item in items {
            if item.address.hasPrefix("unix:") { unlink(String(item.address.dropFirst("unix:".count))) }
            close(item.descriptor)
        }
        items = []
    }
}
