// An answer, and how it is written.
internal import Glibc

/// One answer.
struct HTTPResponse: Sendable {
    var status = 200
    var contentType: String
    /// Beside those that every answer has.
    var headers: [HTTPRequest.Parameter] = []
    var body: [UInt8]

    /// A short text for people.
    static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array("\(text)\n".utf8))
    }

    /// JSON.
    static func json(_ text: JSONText, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", body: text.bytes)
    }

    /// Why a request is not served, as the JSON API says it.
    static func failure(_ status: Int, _ text: String) -> HTTPResponse {
        var json = JSONText()
        json.object { $0.member("error", text) }
        return .json(json, status: status)
    }

    /// The status line and the headers.
    ///
    /// - Parameter length: nil for a body that goes on until the connection ends.
    func head(length: Int?, keepsConnection: Bool, unixSeconds: Int) -> [UInt8] {
        var lines = [
            "HTTP/1.1 \(status) \(Self.phrase(status))", "Date: \(Self.date(unixSeconds: unixSeconds))",
            "Content-Type: \(contentType)", "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
        ]
        lines += headers.map { "\($0.name): \($0.value)" }
        if let length { lines.append("Content-Length: \(length)") }
        lines.append("Connection: \(keepsConnection ? "keep-alive" : "close")")
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 421: "Misdirected Request"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Internal Server Error"
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`. https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
    static func date(unixSeconds: Int) -> String {
        var seconds = time_t(unixSeconds)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "Thu, 01 Jan 1970 00:00:00 GMT" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(1_900 + Int(parts.tm_year)) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
