// The files of the page: whole, self-contained, and served in a way that lets nobody else's text become a script.

import Foundation
import Security
import Testing

@testable import Dashboard

@Suite struct DashboardPageTests {
    private static let paths = DashboardPage.assets.keys.sorted()

    private static func text(_ path: String) throws -> String {
        String(decoding: try #require(DashboardPage.assets[path]).body, as: UTF8.self)
    }

    /// What is between `start` and `end`, each time.
    private static func parts(_ text: String, from start: String, to end: String) -> [String] {
        text.components(separatedBy: start).dropFirst().map { $0.components(separatedBy: end)[0] }
    }

    @Test(arguments: paths)
    func `every file is served with its type and a strict policy, to those without a token too`(path: String) throws {
        let service = try DashboardScene.service(token: DashboardScene.token)
        let answer = try service.response(path)
        #expect(answer.status == 200 && !answer.body.isEmpty)
        let kinds = [".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"]
        let kind = kinds.first { path.hasSuffix($0.key) }?.value ?? "text/html"
        #expect(answer.contentType.hasPrefix(kind), "\(answer.contentType)")
        let head = String(decoding: answer.head(length: 0, keepsConnection: true, unixSeconds: 0), as: UTF8.self)
        for header in ["X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer"] {
            #expect(head.contains("\r\n\(header)\r\n"))
        }
        let policy = try #require(answer.headers.first { $0.name == "Content-Security-Policy" }?.value)
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            #expect(policy.contains(part))
        }
        #expect(!policy.contains("unsafe") && !policy.contains("*"))
        #expect(try service.response(path, method: "HEAD").status == 200)
        #expect(try service.response(path, method: "POST").status == 405)
    }

    @Test func `what the page names is there, and nothing else is`() throws {
        var named: Set = [DashboardPage.path]
        let page = try Self.text(DashboardPage.path)
        for attribute in ["src=\"", "href=\""] {
            for name in Self.parts(page, from: attribute, to: "\"") where !name.hasPrefix("#") {
                named.insert("/\(name)")
            }
        }
        for path in Self.paths where path.hasSuffix(".js") {
            for name in Self.parts(try Self.text(path), from: " from './", to: "'") {
                named.insert("/dashboard/\(name)")
            }
        }
        #expect(named.sorted() == Self.paths)
    }

    @Test func `what the scripts look for is in the page`() throws {
        let page = try Self.text(DashboardPage.path)
        var looked: Set<String> = []
        for path in Self.paths where path.hasSuffix(".js") {
            looked.formUnion(Self.parts(try Self.text(path), from: "byId('", to: "')"))
        }
        #expect(looked.count > 20)
        for id in looked { #expect(page.contains("id=\"\(id)\""), "\(id)") }
    }

    @Test(arguments: paths)
    func `no file asks another server for anything`(path: String) throws {
        let text = try Self.text(path).replacing("http://www.w3.org/2000/svg", with: "")
        for address in ["http://", "https://", "=\"//", "('//", "url(", "@import"] where !path.hasSuffix("yard.js") {
            #expect(!text.contains(address), "\(address)")
        }
        // In it there are references to parts of the same picture.
        if path.hasSuffix("yard.js") { #expect(!text.contains("://") && !text.contains("url(h")) }
    }

    @Test(arguments: paths)
    func `no text becomes markup or a script`(path: String) throws {
        let text = try Self.text(path)
        for way in [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "<script>",
        ] {
            #expect(!text.contains(way), "\(way)")
        }
        for way in [" style=", " onclick=", "javascript:"] where path == DashboardPage.path {
            #expect(!text.contains(way), "\(way)")
        }
    }

    @Test func `under the name of another site there is no page where nobody shows who he is`() throws {
        let host = ("host", "switchyard.attacker.example:6308")
        let open = try DashboardScene.service()
        for path in Self.paths { #expect(try open.response(path, headers: [host]).status == 421) }
        #expect(try open.response("/", headers: [("host", "localhost:6308")]).status == 200)
        let closed = try DashboardScene.service(token: DashboardScene.token)
        #expect(try closed.response("/", headers: [host]).status == 200)
    }
}
