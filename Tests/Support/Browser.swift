// A real browser without a window, driven over WebDriver. https://www.w3.org/TR/webdriver2/

import Foundation
import LocalCluster

/// Chromium with one page.
package final class Browser {
    private let driver: ChildProgram
    private let port = LocalCluster.freePort()
    private var session = ""

    /// Starts it. Its profile is in a folder that goes with the driver.
    package init(width: Int = 1_280, height: Int = 1_600) throws {
        guard let chromium = ChildProgram.find("chromium"), let path = ChildProgram.find("chromedriver") else {
            throw NeverHappened(description: "chromium and chromedriver are missing: .ci/install-requirements.sh tests")
        }
        let folder = try ScratchFolder()
        driver = try ChildProgram(path, ["--port=\(port)"], environment: ["TMPDIR": folder.path], folder: folder)
        do {
            try eventually("chromedriver listens") { try HTTPClient(port: port).get("/status").status == 200 }
            session = try start(chromium, width, height)
        } catch {
            driver.kill()
            throw error
        }
    }

    private func start(_ chromium: String, _ width: Int, _ height: Int) throws -> String {
        let arguments = [
            // Over a pipe it ends with its driver, whatever ends that. As root it has no sandbox.
            "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--window-size=\(width),\(height)",
        ]
        let options: [String: Any] = ["binary": chromium, "args": arguments]
        let answer = try command(
            "POST", "/session", ["capabilities": ["alwaysMatch": ["goog:chromeOptions": options]]])
        guard let id = (answer as? [String: Any])?["sessionId"] as? String else {
            throw NeverHappened(description: "no browser was started: \(answer)\n\(driver.output)")
        }
        return "/session/\(id)"
    }

    deinit { end() }

    /// Ends it and removes its files.
    package func end() {
        if driver.isRunning, !session.isEmpty { _ = try? command("DELETE", session) }
        driver.kill()
    }

    /// Loads a page.
    package func open(_ address: String) throws { _ = try command("POST", "\(session)/url", ["url": address]) }

    /// Runs a function's body in the page, and gives what it returns, null as nil.
    @discardableResult
    package func run(_ script: String, _ arguments: Any...) throws -> Any? {
        let answer = try command("POST", "\(session)/execute/sync", ["script": script, "args": arguments])
        return answer is NSNull ? nil : answer
    }

    /// Whether an expression is true in the page.
    package func isTrue(_ expression: String) throws -> Bool {
        try run("return (\(expression)) === true") as? Bool == true
    }

    /// The text that an expression is in the page; empty when it is none.
    package func text(_ expression: String) throws -> String { try run("return \(expression)") as? String ?? "" }

    private func command(_ method: String, _ path: String, _ body: [String: Any]? = nil) throws -> Any {
        let data = try body.map { try JSONSerialization.data(withJSONObject: $0) } ?? Data()
        let reply = try HTTPClient(port: port).send(
            method, path, ["Content-Type: application/json"], body: String(decoding: data, as: UTF8.self))
        let answer = try JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: Any]
        guard reply.status == 200, let value = answer?["value"] else {
            throw NeverHappened(description: "\(method) \(path): \(reply.status) \(reply.body.prefix(600))")
        }
        return value
    }
}
