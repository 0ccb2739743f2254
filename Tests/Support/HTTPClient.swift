// A small HTTP client: one request after the other on one connection.

/// An answer.
package struct HTTPReply {
    package var status: Int
    /// Names in small letters.
    package var headers: [String: String]
    package var body: String
}

/// A connection to the HTTP endpoint of a proxy under test.
package final class HTTPClient {
    package let connection: RawConnection

    package init(port: UInt16) throws { connection = try RawConnection(port: port) }

    /// Sends a request and reads the whole answer.
    package func send(
        _ method: String, _ target: String, _ headers: [String] = [], body: String = ""
    ) throws -> HTTPReply {
        let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
        let lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1"] + headers + length
        connection.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
        return try reply(hasBody: method != "HEAD")
    }

    package func get(_ target: String, _ headers: [String] = []) throws -> HTTPReply {
        try send("GET", target, headers)
    }

    /// The next answer. One without a length ends with its head: what follows is read by `line`.
    package func reply(hasBody: Bool = true) throws -> HTTPReply {
        let parts = try line().split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
            throw NeverHappened(description: "not an answer: \(parts)")
        }
        var headers: [String: String] = [:]
        while case let header = try line(), !header.isEmpty {
            let pair = header.split(separator: ":", maxSplits: 1).map { $0.trimmingPrefix(" ") }
            headers[pair[0].lowercased()] = pair.count > 1 ? String(pair[1]) : ""
        }
        let length = hasBody ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
        guard let body = length == 0 ? [] : try connection.receive(length) else {
            throw NeverHappened(description: "the body ended before its end")
        }
        return HTTPReply(status: status, headers: headers, body: String(decoding: body, as: UTF8.self))
    }

    /// One line without its end.
    package func line() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try connection.receive(1)?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            if byte != UInt8(ascii: "\r") { bytes.append(byte) }
        }
        throw NeverHappened(description: "the connection ended within a line")
    }

    /// The data of the next event with this name.
    package func event(_ name: String) throws -> String {
        while true {
            guard try line() == "event: \(name)" else { continue }
            return String(try line().trimmingPrefix("data: "))
        }
    }
}
