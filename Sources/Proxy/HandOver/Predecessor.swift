// The process whose place this one takes.
internal import Glibc
internal import Network

/// A process that has handed its listening sockets to this one, and waits to hear that it is ready.
package final class Predecessor: Sendable {
    let inherited: InheritedListeners
    let channel: ControlChannel

    private init(_ inherited: InheritedListeners) {
        self.inherited = inherited
        channel = ControlChannel(adopting: inherited.control)
    }

    /// The one that the environment tells of; nil when this process was started like any other. Programs started from here
    /// are not told.
    package static func found() throws(ProxyStartError) -> Predecessor? {
        guard let value = getenv(InheritedListeners.variable) else { return nil }
        let text = String(cString: value)
        unsetenv(InheritedListeners.variable)
        do throws(InheritanceError) {
            return Predecessor(try InheritedListeners(parsing: text).checked())
        } catch {
            throw ProxyStartError(error.description)
        }
    }
}
