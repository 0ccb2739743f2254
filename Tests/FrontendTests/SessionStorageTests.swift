// What a session keeps from command to command: the command at hand, the statement named last, storage used again.
import Backend
import Routing
import SQL
import Testing
import Wire

@testable import Frontend

@Suite struct SessionStorageTests {
    private func command() -> RunningCommand {
        RunningCommand(
            code: .query, replyKind: .query, traits: .command(.read),
            decision: RoutingDecision(target: .reader, reason: .pureRead, isRepeatable: true))
    }

    private func statement(_ id: UInt32) -> ClientStatement {
        ClientStatement(
            id: id, text: Array("SELECT \(id)".utf8), traits: .command(.read), context: StatementContext(SessionImage())
        )
    }

    @Test func `what few commands have is not shared with a copy`() {
        var first = command()
        #expect(first.schema.isEmpty && first.characterSetChanges.isEmpty && first.refusal == nil)
        first.schema = [1, 2]
        var second = first
        second.schema = [3]
        second.characterSetChanges = [.unknown]
        #expect(first.schema == [1, 2] && first.characterSetChanges.isEmpty)
        #expect(second.schema == [3] && second.characterSetChanges == [.unknown])
        second.beginsAgain()
        #expect(second.characterSetChanges.isEmpty && second.schema == [3])
    }

    @Test func `a result that ended untold hides the position of the one before`() {
        var several = command()
        #expect(!several.positionIsKnown(primaryHasPositions: true))
        several.endReportsPosition = true
        #expect(several.positionIsKnown(primaryHasPositions: true))
        #expect(!several.positionIsKnown(primaryHasPositions: false))
        several.reportedPosition = true
        #expect(several.positionIsKnown(primaryHasPositions: false))
        several.endedUntold = true
        #expect(!several.positionIsKnown(primaryHasPositions: true))
        several.beginsAgain()
        #expect(!several.endedUntold)
    }

    @Test func `the statement named last is forgotten when it is closed`() {
        var prepared = PreparedStatements()
        let first = statement(1)
        let second = statement(2)
        prepared.prepared(first, parameterCount: 0)
        prepared.prepared(second, parameterCount: 0)
        #expect(prepared.statement(1) === first && prepared.statement(1) === first)
        #expect(prepared.statement(2) === second)
        #expect(prepared.statement(StatementExecute.lastStatementID) === second)
        prepared.closed(second)
        #expect(prepared.statement(2) == nil && prepared.statement(StatementExecute.lastStatementID) == nil)
        #expect(prepared.statement(1) === first)
        prepared.removeAll()
        #expect(prepared.statement(1) == nil)
    }

    @Test func `what is kept is counted, and what is freed is not`() {
        var bytes = ReusedBytes()
        #expect(bytes.heldBytes == 0)
        Array("SELECT 1".utf8).withUnsafeBytes { bytes.replace(with: $0) }
        bytes.removeAll(keeping: 8)
        #expect(bytes.heldBytes >= 8)
        bytes.removeAll(keeping: 7)
        #expect(bytes.heldBytes == 0)
        var image = SessionImage()
        #expect(image.heldBytes == 0)
        image.setSchema(Array("app".utf8))
        let isNoted = image.setUserVariable(UserVariable(name: [97], expression: [49, 50]))
        #expect(isNoted && image.heldBytes == 6)
        image.removeUserVariable([97])
        #expect(image.heldBytes == 3)
    }

    @Test func `what lanes hold is added up by name`() {
        var one = HeldMemory()
        one.clientBuffers = 1
        one.serverBuffers = 2
        one.preparedStatements = 3
        one.sessionStates = 4
        one.classifications = 5
        one.journals = 6
        one.digests = 7
        var two = one
        two.add(one)
        #expect(two.all.map(\.bytes) == [2, 4, 6, 8, 10, 12, 14])
        #expect(Set(two.all.map(\.name)).count == 7)
    }

    @Test func `bytes that are replaced stay with who holds a copy`() {
        var bytes = ReusedBytes()
        #expect(bytes.array.isEmpty)
        Array("SELECT 1".utf8).withUnsafeBytes { bytes.replace(with: $0) }
        let held = bytes
        Array("SET".utf8).withUnsafeBytes { bytes.replace(with: $0) }
        #expect(bytes.array == Array("SET".utf8) && held.array == Array("SELECT 1".utf8))
        bytes.removeAll(keeping: 4)
        #expect(bytes.array.isEmpty && held.count == 8)
        [UInt8]().withUnsafeBytes { bytes.replace(with: $0) }
        #expect(bytes.count == 0)
    }
}
