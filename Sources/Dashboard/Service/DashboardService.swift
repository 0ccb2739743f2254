// Which request is answered by what.
package import Admin
internal import Synchronization
internal import Topology

/// An asset that is served as it is, such as the dashboard's page.
package struct DashboardAsset: Sendable {
    let contentType: String
    let body: [UInt8]
    let headers: [(name: String, value: String)]

    /// An asset by its parts.
    package init(contentType: String, body: [UInt8], headers: [(name: String, value: String)] = []) {
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }
}

/// How a request is answered.
enum DashboardAnswer {
    /// At once.
    case now(HTTPResponse)
    /// When the console's queue has come to it; false when it takes nothing more.
    case later((@escaping @Sendable (HTTPResponse) -> Void) -> Bool)
    /// With events, until one side ends it.
    case events
}

/// Answers requests. Any thread; quick, but for what it leaves to the console's queue.
package final class DashboardService: Sendable {
    /// Where the JSON API begins.
    static let apiPath = "/api/v1/"

    private let executor: ConsoleExecutor
    private let admission: Mutex<HTTPAccess>
    private let readiness: Readiness
    private let assets: [String: DashboardAsset]
    private let tables: [String: ConsoleTable]

    /// - Parameters:
    ///   - clusters: those whose state decides whether the proxy is ready.
    ///   - isDraining: whether the proxy lets its clients go.
    ///   - assets: what is served beside the API, by path.
    package init(
        executor: ConsoleExecutor, access: HTTPAccess, clusters: [ConsoleCluster],
        isDraining: @escaping @Sendable () -> Bool, assets: [String: DashboardAsset] = [:]
    ) {
        self.executor = executor
        admission = Mutex(access)
        self.assets = assets
        readiness = Readiness(clusters: clusters, isDraining: isDraining)
        tables = Dictionary(executor.tables.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Who may ask, from now on.
    package func adopt(_ access: HTTPAccess) { admission.withLock { $0 = access } }

    func answer(_ request: HTTPRequest, peerHost: String, nowMilliseconds: UInt64) -> DashboardAnswer {
        // Those who probe have no password, and learn nothing that they should not.
        switch request.path {
        case "/healthz": return .now(ifRead(request) { .text(200, "alive") })
        case "/readyz": return .now(ifRead(request) { readiness.response })
        default: break
        }
        let access = admission.withLock { $0 }
        if let asset = assets[request.path] {
            return .now(ifRead(request) { access.refusalOfPage(request) ?? Self.response(asset) })
        }
        switch access.check(request, peerHost: peerHost, nowMilliseconds: nowMilliseconds) {
        case .refused(let response): return .now(response)
        case .allowed(let user, let isReadOnly):
            let session = ConsoleSession(user: "\(user)@\(peerHost)", privilege: isReadOnly ? .readOnly : .all)
            return answer(request, session, isProved: access.isRequired)
        }
    }

    private func ifRead(_ request: HTTPRequest, _ response: () -> HTTPResponse) -> HTTPResponse {
        ["GET", "HEAD"].contains(request.method) ? response() : Self.notAllowed("GET, HEAD")
    }

    private static func notAllowed(_ methods: String) -> HTTPResponse {
        var response = HTTPResponse.failure(405, "this can be asked for with \(methods)")
        response.headers = [HTTPRequest.Parameter(name: "Allow", value: methods)]
        return response
    }

    /// - Parameter isProved: whether who asks has shown who he is.
    private func answer(_ request: HTTPRequest, _ session: ConsoleSession, isProved: Bool) -> DashboardAnswer {
        if request.path == Self.apiPath + "statements" {
            guard request.method == "POST" else { return .now(Self.notAllowed("POST")) }
            guard isProved else {
                let text = "statements are taken from those who show who they are: http.users, http.token"
                return .now(.failure(403, text))
            }
            return run(request, session)
        }
        guard ["GET", "HEAD"].contains(request.method) else { return .now(Self.notAllowed("GET, HEAD")) }
        if request.path == "/metrics" { return metrics }
        guard request.path.hasPrefix(Self.apiPath) else { return .now(notFound) }
        switch String(request.path.dropFirst(Self.apiPath.count)) {
        case "openapi.json":
            return .now(HTTPResponse(contentType: "application/json", body: DashboardFiles["openapi.json"]))
        case "events":
            // Who asks for the head only would wait for the end of what has none.
            return request.method == "HEAD" ? .now(HTTPResponse(contentType: "text/event-stream", body: [])) : .events
        case let name: return tables[name].map { rows(of: $0, request) } ?? .now(notFound)
        }
    }

    private var notFound: HTTPResponse {
        let names = tables.keys.sorted().joined(separator: ", ")
        return .failure(
            404,
            "there are / for people, /metrics, /healthz, /readyz, and under \(Self.apiPath): openapi.json, events, statements, "
                + names)
    }

    private static func response(_ asset: DashboardAsset) -> HTTPResponse {
        HTTPResponse(
            contentType: asset.contentType,
            headers: asset.headers.map { HTTPRequest.Parameter(name: $0.name, value: $0.value) }, body: asset.body)
    }

    // MARK: On the console's queue

    private var metrics: DashboardAnswer {
        .later { [executor] answer in
            executor.read { reader in
                let text = PrometheusText.write(reader.figures())
                answer(HTTPResponse(contentType: PrometheusText.contentType, body: text))
            }
        }
    }

    private func rows(of table: ConsoleTable, _ request: HTTPRequest) -> DashboardAnswer {
        let selection: TableSelection
        do throws(HTTPFailure) {
            selection = try TableSelection(request.query, of: table)
        } catch {
            return .now(.failure(error.status, error.text))
        }
        return .later { [executor] answer in
            executor.read { _ in answer(TableText.answer(table, selection)) }
        }
    }

    private func run(_ request: HTTPRequest, _ session: ConsoleSession) -> DashboardAnswer {
        // A type that no form of another site can send without asking first.
        guard request.header("content-type")?.hasPrefix("application/sql") == true else {
            return .now(.failure(415, "a statement is sent as application/sql"))
        }
        guard !RequestOrigin.isForeign(request) else {
            return .now(.failure(403, "statements are not taken from pages of another origin"))
        }
        guard let text = String(validating: request.body, as: UTF8.self) else {
            return .now(.failure(400, "a statement is a text in UTF-8"))
        }
        return .later { [executor] answer in
            executor.read { reader in answer(ResultText.answer(reader.run(text, session: session))) }
        }
    }

    /// What is new for those who follow the events; false when the console's queue takes nothing more.
    func readEvents(
        after told: [String: RoutingEvent]?, _ answer: @escaping @Sendable (EventLook) -> Void
    ) -> Bool {
        executor.read { [tables] reader in answer(EventLook(reader, tables, after: told)) }
    }
}
