// Every error of Switchyard's own on its way to a client: noted under an id, then told.
internal import Glibc

extension ClientConnection {
    /// Tells the client of an error, in the place of an answer.
    package func answer(with error: ProxyError, sequence: UInt8) { write(packet(of: error, sequence: sequence)) }

    /// The packet of an error, which is noted unless it was.
    func packet(of error: ProxyError, sequence: UInt8) -> [UInt8] { noted(error).packet(sequence: sequence) }

    /// The error with its id, under which the console and the log have it.
    ///
    /// - Parameter isLogged: whether the caller writes it into the log.
    func noted(_ error: ProxyError, isLogged: Bool = false) -> ProxyError {
        var origin = handler?.errorOrigin ?? ErrorOrigin(cluster: door.clusterName)
        if origin.user == nil { origin.user = claimedUser }
        return door.services.errors.note(
            error, isLogin: !isServing, isLogged: isLogged, session: id, peer: peer, origin: origin,
            unixMilliseconds: Self.nowUnixMilliseconds)
    }

    /// Wall-clock time.
    static var nowUnixMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
