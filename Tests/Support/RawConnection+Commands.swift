// Commands in bytes, and whole answers to them.

extension RawConnection {
    private static let ping: UInt8 = 0x0e
    private static let prepare: UInt8 = 0x16
    private static let execute: UInt8 = 0x17
    private static let close: UInt8 = 0x19

    /// The packets that answer a command: fewer than 256, up to the answer of a ping sent right behind it.
    package func answer(to command: [UInt8]) throws -> [RawPacket] {
        send(RawPacket(command))
        send(RawPacket([Self.ping]))
        var packets: [RawPacket] = []
        while let packet = try receivePacket() {
            // The ping's answer is the OK that begins a new sequence after something was answered.
            if packet.sequence == 1 && !packets.isEmpty { return packets }
            packets.append(packet)
        }
        return packets
    }

    /// The answer to a text.
    package func answer(toQuery sql: String) throws -> [RawPacket] { try answer(to: [3] + Array(sql.utf8)) }

    /// The answers to COM_STMT_PREPARE, without the statement's id, and to one COM_STMT_EXECUTE for each of `values`: what
    /// follows the iteration count.
    package func answers(toPrepared sql: String, _ values: [[UInt8]], flags: UInt8 = 0) throws -> [[RawPacket]] {
        var prepared = try answer(to: [Self.prepare] + Array(sql.utf8))
        guard prepared.first?.isOK == true else { return [prepared] }
        let id = Array(prepared[0].payload[1..<5])
        prepared[0].payload.replaceSubrange(1..<5, with: [0, 0, 0, 0])
        let executed = try values.map { try answer(to: [Self.execute] + id + [flags, 1, 0, 0, 0] + $0) }
        send(RawPacket([Self.close] + id))
        return [prepared] + executed
    }

    /// COM_CHANGE_USER to an account without a password; gives the packet that ends it.
    package func changeUser(to user: String, schema: String, collation: UInt16) throws -> RawPacket? {
        var payload: [UInt8] = [0x11] + Array(user.utf8) + [0, 0] + Array(schema.utf8) + [0]
        payload += [UInt8(collation & 0xff), UInt8(collation >> 8)] + Array(TestServer.plugin.utf8) + [0]
        send(RawPacket(payload))
        var answer = try receivePacket()
        if let asked = answer, asked.payload.first == 0xfe {
            // No password: nothing, or to caching_sha2_password its terminator.
            send(RawPacket(TestServer.isMariaDB ? [] : [0], sequence: asked.sequence &+ 1))
            answer = try receivePacket()
        }
        return answer
    }
}
