// The settings file: every text is either settings or a list of problems, and no secret is in the problems.
import Configuration

enum SettingsTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(ConfigurationErrors) {
            let settings = try Settings.parse(
                yaml: text, file: "fuzz.yaml", directory: "/nonexistent", environment: ["NAME": "value"])
            precondition(!settings.clusters.isEmpty && !settings.listeners.isEmpty, "settings of nothing")
        } catch {
            precondition(!error.errors.isEmpty, "refused without a reason")
        }
    }

    static let seeds: [[UInt8]] = [
        """
        clusters:
          - name: main
            nodes: [10.0.0.1:3306, {address: "[::1]:3307", name: r1, zone: z, weight: 5}]
            monitor: {user: monitor, password: "${NAME}"}
            hold_timeout: 5s
            probe: {primary_interval: 250ms}
        listeners:
          - {name: main, bind: 127.0.0.1:6306, cluster: main, mode: split}
        users: [{name: app, password_hash: "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"}]
        console: {bind: unix:/tmp/c, users: [{name: admin, password: admin}]}
        limits: {clients: 10, packet_size: 1MiB}
        log: {level: debug, format: json}
        """, "clusters: [\n", "a: &x [*x]\n", "clusters: {}\nlisteners: 5\nunknown: 1\n",
    ].map { Array($0.utf8) }
}
