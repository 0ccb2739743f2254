// Starts a real primary and its replicas, says in one line of JSON where they are, and stays until its input ends.
//
// usage: local-cluster [--server=mariadb|mariadb-current|mysql] [REPLICAS] [SERVER_OPTION …]

import Glibc
import LocalCluster

func fail(_ text: String) -> Never {
    let line = "local-cluster: \(text)\n"
    write(STDERR_FILENO, line, line.utf8.count)
    exit(1)
}

var arguments = CommandLine.arguments.dropFirst()
var options = LocalClusterOptions()
if let server = arguments.first, server.hasPrefix("--server=") {
    guard let flavor = LocalCluster.Options.Flavor(rawValue: String(server.dropFirst("--server=".count))) else {
        fail("the servers are \(LocalCluster.Options.Flavor.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    options.flavor = flavor
    arguments = arguments.dropFirst()
}
if let replicas = arguments.first.flatMap({ Int($0) }) { options.replicas = replicas }
options.extraServerOptions = arguments.filter { $0.hasPrefix("--") }
options.maximumConnections = 12_000

/// Kept until the end: the servers end with this object.
let cluster: LocalCluster
do {
    cluster = try LocalCluster.start(options)
} catch {
    fail("\(error)")
}

let nodes = cluster.nodes.map { node in
    #"{"name": "\#(node.name)", "port": \#(node.port), "pid": \#(node.pid ?? 0), "socket": "\#(node.socketPath)"}"#
}
/// An account as JSON. The accounts of a local cluster have no character that JSON would escape.
func account(_ user: String, _ password: String) -> String {
    #"{"user": "\#(user)", "password": "\#(password)"}"#
}
print(
    #"{"nodes": [\#(nodes.joined(separator: ", "))], "#
        + #""app": \#(account(cluster.appUser, cluster.appPassword)), "#
        + #""monitor": \#(account(cluster.monitorUser, cluster.monitorPassword)), "#
        + #""root": \#(account(cluster.rootUser, cluster.rootPassword))}"#)
fflush(nil)

while getchar() != EOF {}
cluster.stop()
