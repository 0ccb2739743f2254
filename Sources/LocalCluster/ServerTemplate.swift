// A freshly installed data folder, made once per machine, user and server version, and copied for each node.

import Glibc

/// The cache of installed data folders.
enum ServerTemplate {
    /// Changes whenever a template of an older form must not be used any more.
    private static let revision = 2

    /// The folder to copy. `scratch` is a folder for temporary files.
    static func folder(
        _ programs: ServerPrograms, _ dialect: any ServerDialect, scratch: String
    ) throws(LocalClusterError) -> String {
        let version = try Subprocess.run(
            [programs.server, "--no-defaults", "--version"], in: scratch, seconds: LocalClusterLimits.versionSeconds)
        let cache = try cacheFolder()
        let key = "\(revision)-\(digest(programs.server + version))"
        let template = "\(cache)/\(key)"
        if access("\(template)/mysql", F_OK) == 0 { return template }

        let unfinished = try makeUniqueFolder("\(cache)/unfinished-")
        defer { removeFolder(unfinished) }
        // Not the shared temporary directory: a starting server removes other servers' temporary tables from there.
        try makeFolder("\(unfinished)/temporary")
        let install = dialect.installation(programs, data: "\(unfinished)/data", temporary: "\(unfinished)/temporary")
        try Subprocess.run(install, in: scratch, seconds: LocalClusterLimits.templateSeconds)
        for file in dialect.filesOfOneServer { unlink("\(unfinished)/data/\(file)") }
        // Another process may have been faster: then its folder stays, it is not empty, and ours goes.
        if rename("\(unfinished)/data", template) != 0, errno != ENOTEMPTY, errno != EEXIST {
            throw systemError("cannot move the new data folder to \(template)")
        }
        return template
    }

    /// Begins to copy the template to `target`, which must not exist.
    static func beginCopy(of template: String, to target: String, transcript: ScratchFile) throws(LocalClusterError)
        -> Subprocess
    {
        try Subprocess.spawn(
            ["/bin/cp", "--reflink=auto", "-a", template, target], output: transcript.descriptor,
            errors: transcript.descriptor)
    }

    /// A folder in the temporary directory that belongs to this user and that nobody else may enter.
    private static func cacheFolder() throws(LocalClusterError) -> String {
        let path = "\(temporaryFolder())/switchyard-template-\(geteuid())"
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw systemError("cannot create \(path)") }
        var facts = stat()
        // The name is predictable, so somebody else may have been there first: never copy a stranger's files.
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == geteuid(),
            facts.st_mode & 0o077 == 0
        else { throw LocalClusterError(.system, "\(path) is not a private folder of this user; remove it") }
        return path
    }

    /// FNV-1a, 64 bits: a name for a version string, not a safeguard.
    private static func digest(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
