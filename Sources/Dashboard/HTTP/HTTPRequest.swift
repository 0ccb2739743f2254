// A request as its handler sees it.

/// One whole request.
struct HTTPRequest: Sendable, Equatable {
    /// As it was sent: methods have capital letters.
    var method: String
    /// Decoded, without the query; begins with a slash.
    var path: String
    /// Decoded, in the order of the target.
    var query: [Parameter] = []
    /// Names in small letters.
    var headers: [Parameter] = []
    var body: [UInt8] = []
    /// Whether the client wants to send more on the same connection.
    var keepsConnection = true

    struct Parameter: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// The value of a header that may come once; nil when it is absent.
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Why a request is not served: the status, and a sentence for its body.
struct HTTPFailure: Error, Sendable, Equatable {
    let status: Int
    let text: String

    init(_ status: Int, _ text: String) {
        self.status = status
        self.text = text
    }
}
