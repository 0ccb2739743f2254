// mysql_native_password against values made with another library.

import Security
import Testing

@Suite struct NativePasswordTests {
    private static let password = Array("apppw".utf8)
    private static let salt = Array(UInt8(1)...20)
    private static let accountHash = "*DB14CBAE92D7CB2F84BD3AA7222415B564A4054A"

    @Test func `the stages are single and double SHA-1`() {
        let stage1 = NativePassword.stage1(password: Self.password)
        #expect(hexText(stage1) == "0c11bc6274776899f072a49d741488ad7ed633d2")
        #expect(hexText(NativePassword.stage2(fromStage1: stage1)) == "db14cbae92d7cb2f84bd3aa7222415b564a4054a")
    }

    @Test func `an account's hash is stage 2`() {
        let stage1 = NativePassword.stage1(password: Self.password)
        let stage2 = NativePassword.stage2(fromStage1: stage1)
        #expect(NativePassword.stage2(fromAccountHash: Self.accountHash) == stage2)
        #expect(NativePassword.stage2(fromAccountHash: Self.accountHash.lowercased()) == stage2)
    }

    @Test(arguments: [
        "", "*", "*DB14", "DB14CBAE92D7CB2F84BD3AA7222415B564A4054A0", "*ZB14CBAE92D7CB2F84BD3AA7222415B564A4054A",
    ])
    func `what is no hash is refused`(_ text: String) {
        #expect(NativePassword.stage2(fromAccountHash: text) == nil)
    }

    @Test func `the reply is that of other clients`() {
        let reply = NativePassword.reply(stage1: NativePassword.stage1(password: Self.password), salt: Self.salt)
        #expect(hexText(reply) == "d852a1e4b2d554befa544f8394f7207021d09040")
    }

    @Test func `a right reply gives stage 1 away`() throws {
        let stage1 = NativePassword.stage1(password: Self.password)
        let stage2 = NativePassword.stage2(fromStage1: stage1)
        let reply = NativePassword.reply(stage1: stage1, salt: Self.salt)
        #expect(NativePassword.recoverStage1(reply: reply, salt: Self.salt, stage2: stage2) == stage1)
    }

    @Test func `a wrong reply, salt or hash gives nothing`() {
        let stage1 = NativePassword.stage1(password: Self.password)
        let stage2 = NativePassword.stage2(fromStage1: stage1)
        let reply = NativePassword.reply(stage1: stage1, salt: Self.salt)
        for index in reply.indices {
            var wrong = reply
            wrong[index] ^= 1
            #expect(NativePassword.recoverStage1(reply: wrong, salt: Self.salt, stage2: stage2) == nil)
        }
        #expect(NativePassword.recoverStage1(reply: reply, salt: Self.salt.reversed(), stage2: stage2) == nil)
        #expect(NativePassword.recoverStage1(reply: reply, salt: Self.salt, stage2: stage1) == nil)
        #expect(NativePassword.recoverStage1(reply: [], salt: Self.salt, stage2: stage2) == nil)
        #expect(NativePassword.recoverStage1(reply: reply + [0], salt: Self.salt, stage2: stage2) == nil)
    }

    @Test func `salts have no byte that ends or separates`() {
        for _ in 0..<500 {
            let salt = NativePassword.makeSalt()
            #expect(salt.count == 20)
            #expect(salt.allSatisfy { $0 > 0 && $0 < 128 && $0 != UInt8(ascii: "$") })
        }
    }
}
