// The dashboard's page: compiled in, and served to everybody who may reach the address, since nothing in it is anybody's.

/// The files of the page.
package enum DashboardPage {
    /// Where the page is.
    static let path = "/"

    /// Nothing but these files and the API of the same origin: whatever a client or a server calls itself, no text of
    /// theirs becomes a script, and the page can send nothing elsewhere. Nobody may show it in a frame of his own.
    /// https://www.w3.org/TR/CSP3/
    static let contentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

    private static let headers = [
        (name: "Content-Security-Policy", value: contentPolicy), (name: "X-Frame-Options", value: "DENY"),
        (name: "Referrer-Policy", value: "no-referrer"), (name: "Cross-Origin-Opener-Policy", value: "same-origin"),
        (name: "Cross-Origin-Resource-Policy", value: "same-origin"),
        (name: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=()"),
    ]

    /// What `DashboardService` serves, by path.
    package static let assets: [String: DashboardAsset] = [
        path: html(DashboardFiles["page/index.html"]),
        "/dashboard/dashboard.css": asset("text/css; charset=utf-8", DashboardFiles["page/dashboard.css"]),
        "/dashboard/icon.svg": asset("image/svg+xml", DashboardFiles["page/icon.svg"]),
        "/dashboard/main.js": script(DashboardFiles["page/main.js"]),
        "/dashboard/api.js": script(DashboardFiles["page/api.js"]),
        "/dashboard/charts.js": script(DashboardFiles["page/charts.js"]),
        "/dashboard/dialogs.js": script(DashboardFiles["page/dialogs.js"]),
        "/dashboard/dom.js": script(DashboardFiles["page/dom.js"]),
        "/dashboard/format.js": script(DashboardFiles["page/format.js"]),
        "/dashboard/model.js": script(DashboardFiles["page/model.js"]),
        "/dashboard/tables.js": script(DashboardFiles["page/tables.js"]),
        "/dashboard/timeline.js": script(DashboardFiles["page/timeline.js"]),
        "/dashboard/verdict.js": script(DashboardFiles["page/verdict.js"]),
        "/dashboard/yard.js": script(DashboardFiles["page/yard.js"]),
    ]

    private static func html(_ body: [UInt8]) -> DashboardAsset { asset("text/html; charset=utf-8", body) }

    private static func script(_ body: [UInt8]) -> DashboardAsset { asset("text/javascript; charset=utf-8", body) }

    private static func asset(_ contentType: String, _ body: [UInt8]) -> DashboardAsset {
        DashboardAsset(contentType: contentType, body: body, headers: headers)
    }
}
