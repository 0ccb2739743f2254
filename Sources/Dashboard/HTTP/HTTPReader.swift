// From bytes to a request: a pure function. https://www.rfc-editor.org/rfc/rfc9112
//
// What two readers could understand in two ways is refused: a line end without CR, a folded header, a second
// Content-Length or Host, a space in front of the colon.

/// Reads requests.
enum HTTPReader {
    /// What the bytes at the front of a connection are.
    enum Reading: Sendable, Equatable {
        /// A request so far, and not whole.
        case incomplete
        /// No request; the connection cannot go on.
        case invalid(HTTPFailure)
        /// A request of `length` bytes.
        case request(HTTPRequest, length: Int)
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    /// The request at the front of `bytes`.
    static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
        do throws(HTTPFailure) {
            // Some clients end a body with an empty line that does not count.
            let start = bytes.starts(with: [carriageReturn, lineFeed]) ? 2 : 0
            guard let end = try headEnd(bytes, from: start) else { return .incomplete }
            var request = try head(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            let bodyBytes = try bodyLength(request)
            guard bytes.count >= end + bodyBytes else { return .incomplete }
            request.body = Array(bytes[end..<(end + bodyBytes)])
            return .request(request, length: end + bodyBytes)
        } catch {
            return .invalid(error)
        }
    }

    /// Where the head ends, with its empty line; nil when it is not there yet.
    private static func headEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(HTTPFailure) -> Int? {
        let limit = min(bytes.count, start + HTTPLimits.headBytes)
        var index = start
        while index < limit {
            guard bytes[index] == lineFeed else {
                index += 1
                continue
            }
            guard index > start, bytes[index - 1] == carriageReturn else {
                throw HTTPFailure(400, "a line ends with LF and without CR")
            }
            if index >= start + 3, bytes[index - 2] == lineFeed { return index + 1 }
            index += 1
        }
        guard bytes.count - start <= HTTPLimits.headBytes else {
            throw HTTPFailure(431, "the head of a request has at most \(HTTPLimits.headBytes) bytes")
        }
        return nil
    }

    private static func head(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) -> HTTPRequest {
        // Each line ends with CR LF, the last one is empty.
        let lines = bytes.split(separator: lineFeed, omittingEmptySubsequences: false).map { $0.dropLast() }
        guard lines.count >= 3 else { throw HTTPFailure(400, "there is no request line") }
        let (beginning, isVersion11) = try requestLine(Array(lines[0]))
        var request = beginning
        for line in lines[1..<(lines.count - 2)] {
            guard request.headers.count < HTTPLimits.headers else {
                throw HTTPFailure(431, "a request has at most \(HTTPLimits.headers) headers")
            }
            request.headers.append(try header(Array(line)))
        }
        for name in ["host", "content-length", "authorization"]
        where request.headers.count(where: { $0.name == name }) > 1 {
            throw HTTPFailure(400, "the header \(name) comes twice")
        }
        guard !isVersion11 || request.header("host") != nil else {
            throw HTTPFailure(400, "the header host is missing")
        }
        let wishes = request.headers.filter { $0.name == "connection" }
            .flatMap { $0.value.lowercased().split(separator: ",") }.map { trimmed($0.utf8) }
        request.keepsConnection =
            isVersion11 ? !wishes.contains(Array("close".utf8)) : wishes.contains(Array("keep-alive".utf8))
        return request
    }

    private static func requestLine(_ line: [UInt8]) throws(HTTPFailure) -> (HTTPRequest, isVersion11: Bool) {
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(isToken) else {
            throw HTTPFailure(400, "a request line has a method, a target and a version")
        }
        let isVersion11: Bool
        switch String(decoding: parts[2], as: UTF8.self) {
        case "HTTP/1.1": isVersion11 = true
        case "HTTP/1.0": isVersion11 = false
        case let other where other.hasPrefix("HTTP/"): throw HTTPFailure(505, "HTTP/1.1 and HTTP/1.0 are served")
        default: throw HTTPFailure(400, "a request line ends with HTTP/1.1")
        }
        let method = String(decoding: parts[0], as: UTF8.self)
        let (path, query) = try HTTPTarget.read(Array(parts[1]))
        return (HTTPRequest(method: method, path: path, query: query), isVersion11)
    }

    private static func header(_ line: [UInt8]) throws(HTTPFailure) -> HTTPRequest.Parameter {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(isToken) else {
            throw HTTPFailure(400, "a header has a name and a colon")
        }
        let value = trimmed(line[(colon + 1)...])
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
            throw HTTPFailure(400, "a header has a control character")
        }
        return HTTPRequest.Parameter(
            name: String(decoding: line[..<colon], as: UTF8.self).lowercased(),
            value: String(decoding: value, as: UTF8.self))
    }

    private static func bodyLength(_ request: HTTPRequest) throws(HTTPFailure) -> Int {
        guard request.header("transfer-encoding") == nil else {
            throw HTTPFailure(411, "a body is taken with Content-Length only")
        }
        guard let text = request.header("content-length") else { return 0 }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw HTTPFailure(400, "Content-Length is a number")
        }
        guard let length = Int(text), length <= HTTPLimits.bodyBytes else {
            throw HTTPFailure(413, "a body has at most \(HTTPLimits.bodyBytes) bytes")
        }
        return length
    }

    private static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> [UInt8] {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = Array(bytes.drop(while: isBlank))
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    /// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
