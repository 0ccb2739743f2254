// What an operator sees of a wrong settings file, a port in use, and the commands that need no servers.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct CommandLineTests {
        private func run(_ arguments: String..., yaml: String? = nil) throws -> (status: Int32?, output: String) {
            let folder = try ScratchFolder()
            var arguments = arguments
            if let yaml { arguments += ["--config", try folder.write("switchyard.yaml", yaml)] }
            let run = try ChildProgram.run(try ProxyProcess.binary(), arguments)
            return (run.end.status, run.output)
        }

        private var valid: String { ProxyConfiguration(nodes: ["127.0.0.1:1"]).yaml(ProxyPorts()) }

        @Test func `a right file passes the check, which says what would run`() throws {
            let result = try run("check", yaml: valid)
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output.contains("127.0.0.1:1") && !result.output.contains("monitorpw"))
        }

        @Test(arguments: ["check", "run"])
        func `a misspelt key is named with its line and a suggestion, and nothing is started`(command: String) throws {
            let wrong = valid.replacing("  - {name: primary, bind:", with: "  - {name: primary, bnid:")
            let line =
                try #require(
                    wrong.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("bnid") })
                + 1
            let result = try run(command, yaml: wrong)
            #expect(result.status == 1)
            #expect(result.output.contains("bnid") && result.output.contains("bind"), "\(result.output)")
            #expect(result.output.contains(":\(line)") || result.output.contains("line \(line)"), "\(result.output)")
        }

        @Test func `every mistake of a file is told at once`() throws {
            let wrong = valid.replacing("cluster: main", with: "cluster: mian") + "limits: {clients: many}\nlanes: -1\n"
            let result = try run("check", yaml: wrong)
            #expect(result.status == 1)
            for word in ["mian", "clients", "lanes"] { #expect(result.output.contains(word), "\(result.output)") }
        }

        @Test func `a file that is not there, or is no YAML`() throws {
            let missing = try run("check", "--config", "/nonexistent/switchyard.yaml")
            #expect(missing.status == 1)
            #expect(missing.output.contains("/nonexistent/switchyard.yaml"))
            let broken = try run("check", yaml: "clusters: [\n")
            #expect(broken.status == 1)
            #expect(!broken.output.isEmpty)
        }

        @Test func `the check reads the certificates, and names what is wrong with each`() throws {
            let certificates = try TestCertificates()
            try certificates.sign("old", subject: "/CN=old", days: 0)
            let (own, key) = (certificates.certificate("server"), certificates.key("server"))
            func check(_ listener: String, _ cluster: String = "{mode: preferred}") throws -> (Int32?, String) {
                let configuration = ProxyConfiguration(nodes: ["127.0.0.1:1"]).with {
                    $0.tls = listener
                    $0.cluster["tls"] = cluster
                }
                let result = try run("check", yaml: configuration.yaml(ProxyPorts()))
                return (result.status, result.output)
            }
            let good = try check("{mode: required, certificate: \(own), key: \(key), ca: \(certificates.authority)}")
            #expect(good.0 == 0, "\(good.1)")
            let folder = try ScratchFolder()
            let junk = try folder.write("junk.pem", "no certificate")
            for (listener, words) in [
                ("certificate: /nowhere/a.pem, key: \(key)", ["/nowhere/a.pem", "No such file"]),
                ("certificate: \(own), key: /nowhere/k.pem", ["/nowhere/k.pem", "No such file"]),
                ("certificate: \(folder.path), key: \(key)", [folder.path, "no certificate"]),
                ("certificate: \(junk), key: \(key)", [junk, "no certificate"]),
                ("certificate: \(own), key: \(junk)", [junk, "no private key"]),
                ("certificate: \(own), key: \(certificates.key("client"))", [own, "does not belong"]),
                ("certificate: \(own), key: \(key), ca: \(junk)", [junk, "no certificates"]),
                (
                    "certificate: \(certificates.certificate("old")), key: \(certificates.key("old"))",
                    [certificates.certificate("old"), "expired", "listener 'split'"]
                ),
            ] {
                let wrong = try check("{mode: preferred, \(listener)}")
                #expect(wrong.0 == 1, "\(wrong.1)")
                for word in words { #expect(wrong.1.contains(word), "\(wrong.1)") }
            }
            let both = try check(
                "{mode: preferred, certificate: /nowhere/a.pem, key: \(key)}", "{mode: verify-ca, ca: /nowhere/ca.pem}")
            for word in ["listeners[0].tls", "listeners[2].tls", "clusters[0].tls.ca", "/nowhere/ca.pem"] {
                #expect(both.0 == 1 && both.1.contains(word), "\(both.1)")
            }
        }

        @Test func `a port in use is an error that names it`() throws {
            let (ports, other) = (ProxyPorts(), ProxyPorts())
            let first = try ProxyProcess(ProxyConfiguration(nodes: ["127.0.0.1:1"]), ports: ports)
            defer { first.kill() }
            try eventually("the first one listens") { (try? RawConnection(port: ports.split)) != nil }
            for (theirs, ours) in [
                (ports.split, other.split), (ports.replica, other.replica), (ports.console, other.console),
            ] {
                let yaml = ProxyConfiguration(nodes: ["127.0.0.1:1"]).yaml(other)
                    .replacing("127.0.0.1:\(ours)", with: "127.0.0.1:\(theirs)")
                let result = try run("run", yaml: yaml)
                #expect(result.status == 1, "\(result.output)")
                #expect(result.output.contains("\(theirs)") && result.output.contains("in use"), "\(result.output)")
            }
            #expect(first.isRunning)
        }

        @Test func `version and help`() throws {
            let version = try run("version")
            #expect(version.status == 0 && version.output.contains("."))
            let help = try run("--help")
            #expect(help.status == 0)
            for command in ["run", "check", "quickstart", "version"] { #expect(help.output.contains(command)) }
            #expect(try run("nonsense").status != 0)
        }
    }
}
