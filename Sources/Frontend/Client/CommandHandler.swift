// The seam behind the client front door: whoever answers a logged-in client's commands.

/// Answers a client's commands: the proxy session, or the console. All calls come on the client's lane.
package protocol CommandHandler: AnyObject {
    /// The client proved who it is. The handler answers with `acceptLogin` or `refuseLogin`, now or later.
    func loginVerified()
    /// The client had another handler before, and changed its user.
    func userChanged(from former: any CommandHandler)
    /// Bytes of commands, from a packet's first byte on. Returns how many were taken: the rest comes again with what
    /// follows, or after `ClientConnection.resumeReading`.
    func commandsReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int
    /// The client takes bytes again after `ClientConnection.isCongested`.
    func clientDrained()
    /// The deadline set with `ClientConnection.setDeadline` passed.
    func deadlinePassed()
    /// The client is gone. Nothing can be sent to it; the handler lets go of everything.
    func clientGone()
    /// Whom and what an error is about that the client is told now.
    var errorOrigin: ErrorOrigin { get }
}

extension CommandHandler {
    package func userChanged(from former: any CommandHandler) {}
    package var errorOrigin: ErrorOrigin { ErrorOrigin() }
}
