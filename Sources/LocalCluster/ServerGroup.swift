// What makes servers a group that certifies each other's writes: Galera, or Group Replication.

import Glibc

/// The addresses at which the members of one group find each other, and the options that they are started with.
///
/// Nothing is copied between members when they join: all begin with the same data and say that they have.
struct ServerGroup: Sendable {
    /// MariaDB's servers are members of Galera, MySQL's of Group Replication.
    private let flavor: LocalClusterOptions.Flavor
    /// One `127.0.0.1:port` for each member, where the others reach it.
    private let addresses: [String]
    /// The library that makes a MariaDB server a member of Galera; empty for MySQL.
    private let library: String

    /// Where distributions put Galera's library.
    private static let libraries = [
        "/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so", "/usr/lib/libgalera_smm.so",
    ]
    /// A random name that all members have from the start.
    private static let name = "5b8a7c1e-3f0d-4c55-9d0a-6f1f2a9e7c31"

    init(_ options: LocalClusterOptions) throws(LocalClusterError) {
        guard options.hosts.isEmpty else { throw LocalClusterError(.misuse, "the members of a group have one host") }
        flavor = options.flavor
        library = Self.libraries.first { access($0, R_OK) == 0 } ?? ""
        guard !flavor.isMariaDB || !library.isEmpty else {
            throw LocalClusterError(.missingProgram, "there is no Galera in \(Self.libraries.joined(separator: ", "))")
        }
        addresses = (0...options.replicas).map { _ in "127.0.0.1:\(LocalCluster.freePort())" }
    }

    /// The options of one member's server, which listens to clients at `port`.
    func options(_ index: Int, port: UInt16) -> [String] {
        flavor.isMariaDB ? galera(index, port: port) : groupReplication(index)
    }

    /// The first member makes the group whenever it starts: it must not be started again while others run.
    private func galera(_ index: Int, port: UInt16) -> [String] {
        let provider = [
            "gmcast.listen_addr=tcp://\(addresses[index])", "ist.recv_addr=127.0.0.1:\(LocalCluster.freePort())",
            "gcache.size=16M", "evs.keepalive_period=PT0.3S", "evs.suspect_timeout=PT2S", "evs.inactive_timeout=PT5S",
            "evs.install_timeout=PT5S",
        ]
        return [
            "--wsrep-on=ON", "--wsrep-provider=\(library)", "--wsrep-cluster-name=local",
            "--wsrep-cluster-address=gcomm://\(index == 0 ? "" : addresses.joined(separator: ","))",
            "--wsrep-provider-options=\(provider.joined(separator: ";"))", "--wsrep-node-name=node-\(index)",
            "--wsrep-node-address=\(addresses[index])", "--wsrep-node-incoming-address=127.0.0.1:\(port)",
            // The one method with which a server starts before it has joined. Only its last step is ever done: the donor
            // logs in as root without a password, as a new server allows.
            "--wsrep-sst-method=mysqldump",
            // The first member has all that was agreed on since, so that what another lacks can be sent to it.
            "--wsrep-sst-donor=node-0",
            // Members number for themselves, and close themselves by the group's state.
            "--gtid-strict-mode=OFF", "--read-only=0", "--innodb-autoinc-lock-mode=2",
        ]
    }

    private func groupReplication(_ index: Int) -> [String] {
        [
            "--performance-schema=ON", "--plugin-load-add=group_replication.so",
            "--group-replication-group-name=\(Self.name)", "--group-replication-start-on-boot=OFF",
            "--group-replication-local-address=\(addresses[index])",
            "--group-replication-group-seeds=\(addresses.joined(separator: ","))",
            "--group-replication-recovery-get-public-key=ON", "--group-replication-member-expel-timeout=0",
        ]
    }

    /// Puts what a member needs before its first start into a new data folder: Galera's position, the same on all.
    func prepare(dataDirectory: String) throws(LocalClusterError) {
        guard flavor.isMariaDB else { return }
        let text = "# GALERA saved state\nversion: 2.1\nuuid:    \(Self.name)\nseqno:   0\nsafe_to_bootstrap: 1\n"
        let path = "\(dataDirectory)/grastate.dat"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw systemError("cannot create \(path)") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard bytes.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) }) == bytes.count else {
            throw systemError("cannot write \(path)")
        }
    }

    /// Goes before statements that only one member is to have.
    var aside: String { flavor.isMariaDB ? "SET SESSION wsrep_on = OFF; " : "" }

    /// Lets a member in; the first one makes the group. Galera's members do both when their servers start.
    func joining(_ index: Int) -> String {
        if flavor.isMariaDB { return "" }
        let recovery =
            "CHANGE REPLICATION SOURCE TO SOURCE_USER = '\(Accounts.replication.user)', "
            + "SOURCE_PASSWORD = '\(Accounts.replication.password)' FOR CHANNEL 'group_replication_recovery'; "
        guard index == 0 else { return recovery + "START GROUP_REPLICATION;" }
        return recovery + "SET GLOBAL group_replication_bootstrap_group = ON; START GROUP_REPLICATION; "
            + "SET GLOBAL group_replication_bootstrap_group = OFF;"
    }

    /// One row with the column `joined`: how many members a member sees in the group, 0 before it is in sync itself.
    var members: String {
        flavor.isMariaDB
            ? """
            SELECT IF(MAX(IF(variable_name = 'WSREP_LOCAL_STATE_COMMENT', variable_value, '')) = 'Synced',
                MAX(IF(variable_name = 'WSREP_CLUSTER_SIZE', variable_value, '0')), '0') AS joined
            FROM information_schema.global_status WHERE variable_name LIKE 'WSREP_%'
            """
            : """
            SELECT COUNT(*) AS joined FROM performance_schema.replication_group_members WHERE member_state = 'ONLINE'
            """
    }
}
