// mysql_clear_password with a client, where nobody can listen: one reply, the password.
internal import Security

struct ClearExchange {
    let verifiers: [PasswordVerifier]

    func replied(_ reply: [UInt8]) -> ExchangeStep {
        guard reply.count <= FrontendLimits.passwordBytes else { return .failed(usedPassword: true) }
        return .work(.check(SecretBytes(ClearPassword.password(in: reply)), verifiers))
    }
}
