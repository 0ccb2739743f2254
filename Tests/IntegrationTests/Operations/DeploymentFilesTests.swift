// The unit for systemd, the container and the manifests for Kubernetes, as far as a machine without them can tell.

import Foundation
import TestSupport
import Testing

extension Integration {
    @Suite struct DeploymentFilesTests {
        // MARK: systemd

        @Test func `systemd takes the unit, and has little to fear of it`() throws {
            let analyze = try #require(ChildProgram.find("systemd-analyze"))
            let folder = try ScratchFolder()
            defer { folder.remove() }
            let unit = try OperationsFiles.text("config/systemd/switchyard.service")
                .replacing("/usr/local/bin/switchyard", with: ProxyProcess.binary())
            let file = try folder.write("switchyard.service", unit)
            let verified = try ChildProgram.run(analyze, ["verify", file])
            #expect(verified.end == .exit(0) && !verified.output.contains("switchyard.service:"), "\(verified.output)")
            // Tenths of an exposure level, of which 100 is the worst.
            let security = try ChildProgram.run(
                analyze, ["security", "--offline=true", "--threshold=20", "--no-pager", file])
            #expect(security.end == .exit(0), "\(security.output)")
        }

        @Test func `the unit's settings are right with the unit's credentials`() throws {
            let unit = try OperationsFiles.text("config/systemd/switchyard.service")
            let credentials = unit.matches(of: #/(?m)^LoadCredential=([\w.]+):/#).map { String($0.output.1) }
            #expect(credentials.count == 3)
            let settings = try OperationsFiles.text("config/systemd/switchyard.yaml")
            let run = try OperationsFiles.check(
                settings, secretsFolder: "", secrets: credentials, environment: ["CREDENTIALS_DIRECTORY": ""])
            #expect(run.end == .exit(0), "\(run.output)")
            for credential in credentials { #expect(settings.contains("}/\(credential)")) }
        }

        // MARK: The container

        private static let containerfile = "config/container/Containerfile"

        /// The file's instructions, each on one line.
        private func instructions() throws -> [String] {
            try OperationsFiles.text(Self.containerfile).replacing("\\\n", with: " ").split(separator: "\n")
                .map(String.init).filter { !$0.hasPrefix("#") }
        }

        /// What the stages install, in order.
        private func packages() throws -> [[String]] {
            try instructions().compactMap { line in
                guard let match = line.firstMatch(of: #/apt-get install ([^&]*)/#) else { return nil }
                return match.output.1.split(separator: " ").map(String.init).filter { !$0.hasPrefix("-") }
            }
        }

        @Test func `the container's sources are there and not left out`() throws {
            let kept = try OperationsFiles.text(".dockerignore").split(separator: "\n").filter { $0.hasPrefix("!") }
                .map { String($0.dropFirst()) }
            let copies = try instructions().filter { $0.hasPrefix("COPY ") && !$0.contains("--from=") }
            #expect(copies.count >= 4)
            for copy in copies {
                for source in copy.split(separator: " ").dropFirst().dropLast() {
                    #expect(FileManager.default.fileExists(atPath: "\(OperationsFiles.top)/\(source)"), "\(source)")
                    #expect(kept.contains { source == $0 || source.hasPrefix("\($0)/") }, "\(source)")
                }
            }
            let text = try instructions()
            #expect(text.last { $0.hasPrefix("USER ") } == "USER 10001:10001")
        }

        @Test(.enabled(if: OperationsFiles.isContainersDebian, "the container is made of another release of Debian"))
        func `the container's packages exist and hold every library of the program`() throws {
            let packages = try packages()
            #expect(packages.count == 2)
            let cache = try #require(ChildProgram.find("apt-cache"))
            for name in packages.joined() {
                let shown = try ChildProgram.run(cache, ["policy", name])
                #expect(shown.output.contains("Candidate: ") && !shown.output.contains("Candidate: (none)"), "\(name)")
            }
            let libraries = try ChildProgram.run("/usr/bin/ldd", [ProxyProcess.binary()]).output
                .matches(of: #/=> (/\S+)/#).map { String($0.output.1) }.filter { !$0.contains("/swift/") }
            #expect(libraries.count > 5)
            // What every image of Debian has.
            let held = packages[1] + ["libc6", "libgcc-s1"]
            for library in libraries {
                let path = try FileManager.default.destination(of: library)
                let owners = try [path, String(path.trimmingPrefix("/usr"))].map {
                    try ChildProgram.run("/usr/bin/dpkg", ["-S", $0]).output
                }
                #expect(held.contains { name in owners.contains { $0.hasPrefix("\(name):") } }, "\(path): \(owners)")
            }
        }

        @Test func `the container's settings are right`() throws {
            let run = try OperationsFiles.check(
                try OperationsFiles.text("config/container/switchyard.yaml"), secretsFolder: "", secrets: [],
                environment: [
                    "SWITCHYARD_NODE": "db1:3306", "MONITOR_USER": "monitor", "MONITOR_PASSWORD": "one",
                    "CONSOLE_PASSWORD": "two", "HTTP_TOKEN": "a-token-of-more-than-sixteen",
                ])
            #expect(run.end == .exit(0), "\(run.output)")
        }

        // MARK: Kubernetes

        private func manifest(_ kind: String) throws -> [String: Any] {
            let documents = try OperationsFiles.documents("config/kubernetes/switchyard.yaml")
            return try #require(documents.first { $0["kind"] as? String == kind }, "\(kind)")
        }

        private func pod() throws -> (spec: [String: Any], container: [String: Any]) {
            let spec = try #require(part(try manifest("Deployment"), "spec", "template", "spec") as? [String: Any])
            return (spec, try #require((spec["containers"] as? [[String: Any]])?.first))
        }

        @Test func `the settings in the ConfigMap are right, with the secrets that the pod has`() throws {
            let settings = try #require(part(try manifest("ConfigMap"), "data", "switchyard.yaml") as? String)
            let (_, container) = try pod()
            let mounts = try #require(container["volumeMounts"] as? [[String: Any]])
            let paths = Dictionary(
                mounts.map { ($0["name"] as? String ?? "", $0["mountPath"] as? String ?? "") }
            ) { one, _ in one }
            let folder = try #require(paths["secrets"])
            let secrets = settings.matches(of: #/_file: (\S+)\/([\w.]+)/#)
            #expect(secrets.count == 3 && secrets.allSatisfy { $0.output.1 == folder })
            let run = try OperationsFiles.check(
                settings, secretsFolder: folder, secrets: secrets.map { String($0.output.2) })
            #expect(run.end == .exit(0), "\(run.output)")
            #expect((container["args"] as? [String])?.last == "\(paths["settings"] ?? "")/switchyard.yaml")
        }

        @Test func `a pod has time to drain`() throws {
            let (spec, container) = try pod()
            let settings = try #require(part(try manifest("ConfigMap"), "data", "switchyard.yaml") as? String)
            let drain = try #require(settings.firstMatch(of: #/drain_timeout: (\d+)s/#).flatMap { Int($0.output.1) })
            let before = part(container, "lifecycle", "preStop", "exec", "command") as? [String] ?? []
            let sleep = try #require(before.last.flatMap { Int($0) })
            let grace = try #require(spec["terminationGracePeriodSeconds"] as? Int)
            #expect(grace >= sleep + drain + 10)
        }

        @Test func `the manifests name each other as they are named`() throws {
            let (spec, container) = try pod()
            let ports = (container["ports"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            for (probe, path) in [
                ("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz"),
            ] {
                #expect(part(container, probe, "httpGet", "path") as? String == path)
                #expect(ports.contains(part(container, probe, "httpGet", "port") as? String ?? ""))
            }
            let labels = part(try manifest("Deployment"), "spec", "template", "metadata", "labels") as? [String: String]
            for kind in ["Deployment", "PodDisruptionBudget"] {
                #expect(part(try manifest(kind), "spec", "selector", "matchLabels") as? [String: String] == labels)
            }
            #expect(
                part(try manifest("NetworkPolicy"), "spec", "podSelector", "matchLabels") as? [String: String] == labels
            )
            let zones = spec["topologySpreadConstraints"] as? [[String: Any]] ?? []
            #expect(zones.contains { $0["topologyKey"] as? String == "topology.kubernetes.io/zone" })
            let target = part(try manifest("HorizontalPodAutoscaler"), "spec", "scaleTargetRef", "name") as? String
            #expect(target == part(try manifest("Deployment"), "metadata", "name") as? String)
            #expect(part(container, "securityContext", "readOnlyRootFilesystem") as? Bool == true)
            #expect(part(spec, "securityContext", "runAsNonRoot") as? Bool == true)
        }

        @Test func `the operator gives the monitor account what the script does, but for finding replicas`() throws {
            let documents = try OperationsFiles.documents("config/kubernetes/mariadb-cluster.yaml")
            let specs = documents.filter { $0["kind"] as? String == "Grant" }.compactMap {
                $0["spec"] as? [String: Any]
            }
            let granted = specs.flatMap { spec -> [String] in
                let place = "\(spec["database"] as? String ?? "").\(spec["table"] as? String ?? "")"
                return (spec["privileges"] as? [String] ?? []).map { "\($0) ON \(place)" }
            }
            let script = try OperationsFiles.text("config/sql/monitor-mariadb.sql")
                .matches(of: #/(?m)^GRANT (.*) TO /#).map { String($0.output.1) }
            #expect(Set(granted) == Set(script).subtracting(["REPLICATION MASTER ADMIN ON *.*"]))
        }
    }
}

extension FileManager {
    /// The file that a path leads to.
    fileprivate func destination(of path: String) throws -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}
