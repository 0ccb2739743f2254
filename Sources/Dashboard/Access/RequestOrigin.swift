// Whether a page of another site made a browser send a request: such a page must not act in the name of a browser's user.

/// What browsers say of the page that a request comes from.
enum RequestOrigin {
    /// False for what no browser sent, since only browsers do what foreign pages want.
    ///
    /// `Sec-Fetch-Site` is the browser's own judgement, sent to servers with TLS and to this machine; `Origin` comes with
    /// every POST, and must name the host that was asked. https://www.w3.org/TR/fetch-metadata/
    static func isForeign(_ request: HTTPRequest) -> Bool {
        if let site = request.header("sec-fetch-site") { return !["same-origin", "none"].contains(site) }
        guard let origin = request.header("origin") else { return false }
        guard let host = request.header("host"), let scheme = origin.firstRange(of: "://") else { return true }
        return origin[scheme.upperBound...].lowercased() != host.lowercased()
    }
}
