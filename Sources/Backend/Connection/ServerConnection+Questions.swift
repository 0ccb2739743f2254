// Questions of the proxy's own to a server, whose answer is one value.
internal import Wire

extension ServerConnection {
    /// Sends a question whose answer is one row of one column. The user hears `serverSynchronized` when it is here.
    package func ask(_ statement: [UInt8]) {
        reportFailed = false
        answer = []
        enqueue(.query, statement, .swallowAnswer)
        flush()
    }

    /// The answer to the last `ask`; nil when there was an error, no row, NULL, or more than can be kept.
    package var answeredValue: [UInt8]? {
        guard !reportFailed, answer.count <= BackendLimits.answerBytes else { return nil }
        return answer.withUnsafeBytes { TextResultSet.singleValue(in: $0, capabilities: capabilities) }
    }

    /// Bytes of the answer but for the packet that ends it. Beyond the bound one byte tells that there were more.
    func collectAnswer(_ bytes: UnsafeRawBufferPointer) {
        answer += bytes.prefix(max(0, BackendLimits.answerBytes + 1 - answer.count))
    }
}
