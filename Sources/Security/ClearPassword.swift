// mysql_clear_password: the password itself, for connections on which nobody can listen.

/// The password with a closing NUL; also how `caching_sha2_password` sends it over TLS.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_clear_text_password.html
package enum ClearPassword {
    /// The plugin's name.
    package static let plugin = "mysql_clear_password"

    /// What the client sends.
    package static func reply(_ password: [UInt8]) -> [UInt8] { password + [0] }

    /// The password in a client's reply: up to its NUL.
    package static func password(in reply: [UInt8]) -> [UInt8] { Array(reply.prefix { $0 != 0 }) }
}
