// The dashboard's page in a real browser, in front of a real cluster.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct DashboardTests {
        private static let token = "integration-test-token"

        /// A page that is signed in.
        private func withPage(replicas: Int, _ body: (Stage, Browser) throws -> Void) throws {
            let port = LocalCluster.freePort()
            var options = Stage.Options {
                $0.lines.append("http: {bind: \"127.0.0.1:\(port)\", token: \(Self.token)}")
            }
            options.cluster.replicas = replicas
            try withStage(options) { stage in
                let browser = try Browser()
                defer { browser.end() }
                try browser.open("http://127.0.0.1:\(port)/")
                try eventually("it asks who it is") { try browser.isTrue("document.getElementById('sign-in').open") }
                try browser.run(
                    """
                    const form = document.querySelector('#sign-in form');
                    form.elements.secret.value = arguments[0];
                    form.querySelector('menu button').click();
                    """, Self.token)
                try eventually("it shows the primary") {
                    try browser.text(Self.primary) == stage.cluster.nodes[0].address
                }
                try body(stage, browser)
            }
        }

        private static let primary = "document.querySelector('.node[data-role=primary]')?.dataset.node"

        @Test func `a promotion is seen on an open page, without a reload`() throws {
            try withPage(replicas: 2) { stage, browser in
                try browser.run("window.isTheSamePage = true")
                let (old, new) = (stage.cluster.nodes[0].address, stage.cluster.nodes[1].address)
                let writes = "document.querySelector('#verdict tbody tr').textContent"
                #expect(try browser.text(writes).contains(old))
                try stage.cluster.promote(1)
                try eventually("it shows the new primary") { try browser.text(Self.primary) == new }
                try eventually("it says that writes go there") { try browser.text(writes).contains(new) }
                let event =
                    "[...document.querySelectorAll('#timeline li[data-kind=primary_changed]')].at(0)?.textContent"
                try eventually("the event is told") { try browser.text(event).contains(new) }
                try eventually("the old primary is a replica") {
                    try browser.isTrue(
                        "document.querySelector('.node[data-node=\"\(old)\"]').dataset.role === 'replica'")
                }
                #expect(try browser.isTrue("window.isTheSamePage === true"))
            }
        }

        @Test func `texts of clients are shown as texts, and a session is killed after a question`() throws {
            try withPage(replicas: 0) { stage, browser in
                let session = try stage.connect()
                try session.run("DO '<img src=x onerror=\"window.isHurt = true\">'")
                let panel = "document.getElementById('panel').textContent"
                try eventually("the statement is shown") { try browser.text(panel).contains("<img src=x") }
                #expect(try browser.isTrue("document.querySelector('#panel img') === null && !window.isHurt"))
                let button = "document.querySelector('[aria-label=\"Kill session \(session.connectionID)\"]')"
                try browser.run("\(button).click()")
                let dialog = "document.getElementById('confirm')"
                #expect(try browser.isTrue("\(dialog).open && \(dialog).contains(document.activeElement)"))
                #expect(
                    try browser.text("document.getElementById('confirm-statement').textContent")
                        == "KILL \(session.connectionID)")
                #expect(session.error(of: "DO 1") == nil)
                try browser.run("document.getElementById('confirm-yes').click()")
                try eventually("the question is answered") { try browser.isTrue("!\(dialog).open") }
                #expect(session.error(of: "DO 1") != nil)
                try eventually("it is no longer shown") { try browser.isTrue("\(button) === null") }
            }
        }

        @Test func `a page says when the proxy is silent, and goes on when it is not`() throws {
            try withPage(replicas: 0) { stage, browser in
                try browser.run("window.isTheSamePage = true")
                let isGone = "!document.getElementById('gone').hidden"
                #expect(try browser.isTrue("!(\(isGone))"))
                stage.proxy.signal(SIGSTOP)
                defer { stage.proxy.signal(SIGCONT) }
                try eventually("it says so", seconds: 60) { try browser.isTrue(isGone) }
                stage.proxy.signal(SIGCONT)
                try eventually("it goes on", seconds: 60) { try browser.isTrue("!(\(isGone))") }
                #expect(try browser.isTrue("window.isTheSamePage === true"))
            }
        }
    }
}
