// Shortcuts for tests that state a settings text and what becomes of it.

import Glibc
import Testing

@testable import Configuration

let minimalText = """
    clusters:
      - name: main
        nodes: [127.0.0.1:23306]
        monitor: {user: monitor, password: monpw}
    listeners:
      - {name: main, bind: 127.0.0.1:6306, cluster: main}

    """

func parse(_ yaml: String, directory: String = "/nonexistent", environment: [String: String] = [:]) throws -> Settings {
    try Settings.parse(yaml: yaml, file: "switchyard.yaml", directory: directory, environment: environment)
}

/// The problems of a text, as people see them; empty when it is accepted.
func problems(_ yaml: String, directory: String = "/nonexistent", environment: [String: String] = [:]) -> [String] {
    do throws(ConfigurationErrors) {
        _ = try Settings.parse(yaml: yaml, file: "s.yaml", directory: directory, environment: environment)
        return []
    } catch {
        return error.errors.map(\.description)
    }
}

/// The minimal text with one piece replaced; the piece must be there.
func changed(_ piece: String, to replacement: String) -> String {
    precondition(minimalText.contains(piece))
    return minimalText.replacing(piece, with: replacement)
}

/// A fresh folder that is removed with its files after `body`.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/switchyard-configuration-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFailure() }
    let folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { rmdir(folder) }
    return try body(folder)
}

func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw TestFailure() }
    defer { fclose(file) }
    guard fputs(text, file) >= 0 else { throw TestFailure() }
}

struct TestFailure: Error {}
