// What an HTTP client sends: a request is whole or not, whatever is behind it and wherever it is cut off.
@testable import Dashboard

enum HTTPRequestTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        guard case .request(let request, let length) = HTTPReader.read(bytes) else { return }
        precondition(length <= bytes.count && length > 0, "longer than its bytes")
        let own = UnsafeRawBufferPointer(rebasing: bytes[..<length])
        precondition(HTTPReader.read(own) == .request(request, length: length), "what is behind it changes it")
        let cut = UnsafeRawBufferPointer(rebasing: bytes[..<(length - 1)])
        precondition(HTTPReader.read(cut) == .incomplete, "it was whole before its end")
        precondition(request.path.hasPrefix("/"), "a path without a slash")
        _ = request.header("authorization").map { Base64.decode($0.utf8) }
    }

    static let seeds: [[UInt8]] = [
        "GET /metrics HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpi\r\n\r\n",
        "GET /api/v1/sessions?user=a%20b+c&limit=1 HTTP/1.1\r\nHost: [::1]:6308\r\nConnection: close, x\r\n\r\n",
        "POST /api/v1/statements HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nKILL 1",
        "\r\nGET http://h/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ].map { Array($0.utf8) }
}
