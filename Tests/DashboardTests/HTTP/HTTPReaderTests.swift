// From bytes to requests: what is one, what is none yet, and what never will be.

import Testing

@testable import Dashboard

@Suite struct HTTPReaderTests {
    private func read(_ bytes: [UInt8]) -> HTTPReader.Reading { bytes.withUnsafeBytes { HTTPReader.read($0) } }
    private func read(_ text: String) -> HTTPReader.Reading { read(Array(text.utf8)) }

    private func request(_ text: String) -> HTTPRequest? {
        if case .request(let request, let length) = read(text), length == text.utf8.count { request } else { nil }
    }

    private func status(_ text: String) -> Int? {
        if case .invalid(let failure) = read(text) { failure.status } else { nil }
    }

    private static let scrape = "GET /metrics?a=1&b=x%20y+z&c HTTP/1.1\r\nHost: h:1\r\nX-Some: \t text \r\n\r\n"

    @Test func `a request has its method, path, query and headers`() throws {
        let found = try #require(request(Self.scrape))
        #expect(found.method == "GET" && found.path == "/metrics" && found.keepsConnection)
        #expect(found.query.map { "\($0.name)=\($0.value)" } == ["a=1", "b=x y z", "c="])
        #expect(found.header("host") == "h:1" && found.header("x-some") == "text")
    }

    @Test func `a request that is cut off anywhere is incomplete`() {
        let bytes = Array(Self.scrape.utf8)
        for count in 0..<bytes.count { #expect(read(Array(bytes[..<count])) == .incomplete, "\(count)") }
        let posted = Array("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello".utf8)
        for count in 0..<posted.count { #expect(read(Array(posted[..<count])) == .incomplete, "\(count)") }
    }

    @Test func `what comes behind a request is left to the next`() {
        let second = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        guard case .request(let first, let length) = read(Self.scrape + second) else {
            Issue.record("not a request")
            return
        }
        #expect(first.path == "/metrics" && length == Self.scrape.utf8.count)
        #expect(request("\r\n" + second)?.path == "/")
    }

    @Test func `a body has the length that was told`() {
        let found = request("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
        #expect(found?.body == Array("hello".utf8))
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true), ("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: h\r\nConnection: TE, Close\r\n\r\n", false), ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
    ])
    func `the connection is kept as version and header say`(text: String, isKept: Bool) {
        #expect(request(text)?.keepsConnection == isKept)
    }

    @Test(arguments: [
        ("http://h/path?a=b", "/path"), ("https://h", "/"), ("/%C3%A4/%2e", "/ä/."), ("//x", "//x"), ("/?", "/"),
    ])
    func `a target is decoded`(target: String, path: String) {
        #expect(request("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")?.path == path)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\nHost: h\n\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET /\r\nHost: h\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505), ("GET / SPDY\r\n\r\n", 400),
        ("G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET /%4 HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET /%FF HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: \u{1}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n", 413),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 411), ("\r\n\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\n", 400),
    ])
    func `what is no request is refused with its status`(text: String, expected: Int) {
        #expect(status(text) == expected)
    }

    @Test func `a head without an end, and one with too many headers, are refused`() {
        let long = "GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "x", count: HTTPLimits.headBytes)
        #expect(status(long) == 431)
        let many = String(repeating: "X: y\r\n", count: HTTPLimits.headers)
        #expect(status("GET / HTTP/1.1\r\nHost: h\r\n\(many)\r\n") == 431)
    }

    @Test func `a date is written as HTTP wants it`() {
        #expect(HTTPResponse.date(unixSeconds: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test func `an answer without a length ends with the connection`() {
        let response = HTTPResponse(contentType: "text/plain", body: [])
        let open = String(decoding: response.head(length: nil, keepsConnection: false, unixSeconds: 0), as: UTF8.self)
        #expect(
            !open.contains("Content-Length") && open.contains("Connection: close\r\n") && open.hasSuffix("\r\n\r\n"))
        let whole = String(decoding: response.head(length: 3, keepsConnection: true, unixSeconds: 0), as: UTF8.self)
        #expect(whole.hasPrefix("HTTP/1.1 200 OK\r\n") && whole.contains("Content-Length: 3\r\n"))
    }
}
