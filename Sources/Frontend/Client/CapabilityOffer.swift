// What is offered to clients, and what is asked of servers for them: every capability bit has its place here.
package import Wire

/// The decision on each capability flag. A flag that stands in none of the sets is never offered.
///
/// What MariaDB 10.11 greets with: all of bits 1-23 (11 with TLS), 24 and 31, but not 0; extended 0, 2, 3 and 4.
/// What MySQL 9.7 greets with: all of bits 0-31 but 29.
package enum CapabilityOffer {
    /// What the proxy answers for itself, whatever stands behind it.
    package static let own: Capabilities = [
        .longFlag, .connectWithDB, .protocol41, .ignoreSigpipe, .transactions, .reserved, .secureConnection,
        .pluginAuth, .connectAttrs, .pluginAuthLenencClientData, .sessionTrack, .rememberOptions,
    ]

    /// What changes how a server understands commands or what its answers look like: asked of the servers for each
    /// client that asks for it, so they must all be able to do it.
    package static let passed: Capabilities = [
        .foundRows, .noSchema, .odbc, .localFiles, .ignoreSpace, .interactive, .multiStatements, .multiResults,
        .psMultiResults, .deprecateEOF, .optionalResultsetMetadata, .queryAttributes, .mariadbProgress,
        .mariadbExtendedMetadata, .mariadbStmtBulkOperations,
    ]

    /// What every server of the last ten years can do: the offer when nothing is known of the servers.
    package static let base = own.union([
        .longPassword, .foundRows, .noSchema, .odbc, .localFiles, .ignoreSpace, .interactive, .multiStatements,
        .multiResults, .psMultiResults, .deprecateEOF,
    ])

    /// What is offered in front of servers that greeted with these flags.
    ///
    /// MariaDB leaves `longPassword` out of its greeting to say that extended flags follow; clients then leave it out
    /// of their answer. One server that is none is enough to offer no extended flags.
    package static func inFront(of servers: some Sequence<Capabilities>) -> Capabilities {
        var common: Capabilities?
        for server in servers { common = common?.mixed(with: server) ?? server }
        guard let common else { return base }
        return own.union(common.intersection(passed.union(.longPassword)))
    }

    /// What is asked of servers for a client that agreed on `client`.
    package static func asked(for client: Capabilities) -> Capabilities {
        client.intersection(passed).union([
            .longPassword, .longFlag, .protocol41, .secureConnection, .pluginAuth, .pluginAuthLenencClientData,
            .connectAttrs, .transactions, .sessionTrack,
        ])
    }
}

extension Capabilities {
    /// What two servers can both do. Without extended flags in common, the greeting is that of a plain MySQL.
    fileprivate func mixed(with other: Capabilities) -> Capabilities {
        let isPlain = contains(.longPassword) || other.contains(.longPassword)
        let both = intersection(other)
        return isPlain ? Capabilities(standardBits: both.standardBits).union(.longPassword) : both
    }
}
