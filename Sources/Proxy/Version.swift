// The program's version.

/// What `switchyard version`, the log and the metrics say.
package enum Version {
    /// As in semantic versioning.
    package static let current = "0.1.0"
}
