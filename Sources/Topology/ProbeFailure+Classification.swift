// What an error number of a server or of libmariadb means for the state of a node.

import Glibc

extension ProbeFailure: Error {
    /// The failure that error `code` with `text` stands for.
    static func classified(code: Int, text: String) -> ProbeFailure {
        switch code {
        // ER_DBACCESS_DENIED, ER_ACCESS_DENIED, ER_HOST_IS_BLOCKED, ER_HOST_NOT_PRIVILEGED,
        // ER_NOT_SUPPORTED_AUTH_MODE, ER_ACCESS_DENIED_NO_PASSWORD, ER_MUST_CHANGE_PASSWORD (also _LOGIN),
        // ER_ACCOUNT_HAS_BEEN_LOCKED of MySQL and MariaDB, CR_AUTH_PLUGIN_*.
        case 1044, 1045, 1129, 1130, 1251, 1698, 1820, 1862, 3118, 4151, 2049, 2058, 2059, 2060, 2061:
            return ProbeFailure(kind: .loginRefused, code: code, text: text)
        // ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED, ER_SPECIFIC_ACCESS_DENIED.
        case 1142, 1143, 1227: return ProbeFailure(kind: .privilege, code: code, text: text)
        // ER_SERVER_SHUTDOWN.
        case 1053: return ProbeFailure(kind: .refused, code: code, text: text)
        // ER_NORMAL_SHUTDOWN, ER_CONNECTION_KILLED, CR_SERVER_GONE_ERROR, CR_SERVER_LOST.
        case 1077, 1927, 2006, 2013, 2055: return ProbeFailure(kind: .lost, code: code, text: text)
        // CR_UNKNOWN_HOST.
        case 2005: return ProbeFailure(kind: .resolve, code: code, text: text)
        // CR_CONNECTION_ERROR, CR_CONN_HOST_ERROR: the errno is in the text.
        case 2002, 2003: return connectFailure(code: code, text: text)
        default: return ProbeFailure(kind: .protocol, code: code, text: text)
        }
    }

    private static func connectFailure(code: Int, text: String) -> ProbeFailure {
        switch errnoInParentheses(text) {
        case ECONNREFUSED?, ENOENT?: ProbeFailure(kind: .refused, code: code, text: text)
        case ETIMEDOUT?, EINPROGRESS?: ProbeFailure(kind: .timeout, code: code, text: text)
        case ECONNRESET?, EPIPE?: ProbeFailure(kind: .lost, code: code, text: text)
        default: ProbeFailure(kind: .unreachable, code: code, text: text)
        }
    }

    /// The number in the last parentheses, as in `Can't connect to server on 'db1' (111)`.
    static func errnoInParentheses(_ text: String) -> Int32? {
        guard let open = text.lastIndex(of: "(") else { return nil }
        return Int32(text[text.index(after: open)...].prefix { $0.isASCII && $0.isNumber })
    }
}
