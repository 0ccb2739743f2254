// The files under config/ that people run a proxy with, as the tests reach them.

import Foundation
import TestSupport
import Testing

enum OperationsFiles {
    /// The top of the repository: this file is in Tests/IntegrationTests/Operations.
    static let top = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(top)/\(path)", encoding: .utf8)
    }

    /// The documents of a YAML file.
    static func documents(_ path: String) throws -> [[String: Any]] {
        let run = try ChildProgram.run(
            "/usr/bin/python3",
            ["-c", "import json,sys,yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"]
                + ["\(top)/\(path)"])
        try #require(run.end == .exit(0), "\(run.output)")
        return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
    }

    /// What `switchyard check` says of settings that find their secrets in a folder of ours.
    ///
    /// - Parameter secretsFolder: what the text calls that folder; empty when the environment names it.
    static func check(
        _ settings: String, secretsFolder: String, secrets: [String], environment: [String: String] = [:]
    ) throws -> (end: ChildProgram.End, output: String) {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        for secret in secrets {
            try folder.write(secret, "a secret of more than sixteen characters".replacing(" ", with: "-"))
        }
        let text = secretsFolder.isEmpty ? settings : settings.replacing(secretsFolder, with: folder.path)
        let file = try folder.write("switchyard.yaml", text)
        let variables = environment.mapValues { $0.isEmpty ? folder.path : $0 }
        return try ChildProgram.run(ProxyProcess.binary(), ["check", "--config", file], environment: variables)
    }

    /// Whether this machine has the release of Debian that the container is made of.
    static let isContainersDebian = ((try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? "")
        .contains("VERSION_CODENAME=bookworm")
}

/// A part of a document, by the names on the way.
func part(_ document: Any?, _ path: String...) -> Any? {
    path.reduce(document) { ($0 as? [String: Any])?[$1] }
}
