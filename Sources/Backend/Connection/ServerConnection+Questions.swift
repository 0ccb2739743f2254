// Questions of the proxy's own to a server, whose answer is one value.
package import Wire

extension ServerConnection {
    /// Sends a question whose answer is one row of one column. The user hears `serverSynchronized` when it is here.
    package func ask(_ statement: [UInt8]) {
        askInFront(statement)
        flush()
    }

    /// Sends, in front of what comes next, a question whose answer is one row. It is here when the reply to that is.
    package func askInFront(_ statement: [UInt8]) {
        reportFailed = false
        answer = []
        enqueue(.query, statement, .swallowAnswer)
    }

    /// The row in answer to the last question; nil when there was an error, no row, or more than can be kept.
    package var answeredRow: TextRow? {
        guard !reportFailed, answer.count <= BackendLimits.userVariableAnswerBytes else { return nil }
        return answer.withUnsafeBytes { TextResultSet.singleRow(in: $0, capabilities: capabilities) }
    }

    /// The answer to the last `ask`; nil when there was an error, no row, NULL, or more than can be kept.
    package var answeredValue: [UInt8]? {
        guard !reportFailed, answer.count <= BackendLimits.answerBytes else { return nil }
        return answer.withUnsafeBytes { TextResultSet.singleValue(in: $0, capabilities: capabilities) }
    }

    /// Bytes of the answer but for the packet that ends it. Beyond the bound one byte tells that there were more.
    func collectAnswer(_ bytes: UnsafeRawBufferPointer) {
        answer += bytes.prefix(max(0, BackendLimits.userVariableAnswerBytes + 1 - answer.count))
    }
}
