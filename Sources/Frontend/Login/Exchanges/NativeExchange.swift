// mysql_native_password with a client: one reply, which gives SHA1(password).
internal import Security

struct NativeExchange {
    let verifiers: [PasswordVerifier]
    let salt: [UInt8]

    func replied(_ reply: [UInt8]) -> ExchangeStep {
        for verifier in verifiers {
            switch verifier {
            case .password(let password) where password.isEmpty:
                if reply.isEmpty { return .proved(.empty, notice: []) }
            case .password(let password):
                let stage2 = NativePassword.stage2(fromStage1: NativePassword.stage1(password: password.bytes))
                guard NativePassword.recoverStage1(reply: reply, salt: salt, stage2: stage2) != nil else { continue }
                return .proved(LoginSecret(password: password), notice: [])
            case .native(let stage2):
                guard let stage1 = NativePassword.recoverStage1(reply: reply, salt: salt, stage2: stage2) else {
                    continue
                }
                return .proved(LoginSecret(nativeStage1: stage1), notice: [])
            case .cachingSHA2, .ed25519, .parsec, .unreadable: continue
            }
        }
        return .failed(usedPassword: !reply.isEmpty)
    }
}
