// Planted bugs, and what the checker says of them.

import ChaosChecker
import TestSupport
import Testing

@testable import ChaosRun

@Suite struct LedgerPlantTests {
    @Test(arguments: [
        (LedgerPlant.lostWrite, LedgerRule.lostWrite), (.doubledWrite, .doubledWrite), (.halfTransfer, .halfTransfer),
        (.secondWriter, .secondWriter),
    ])
    func `each is found as what it is`(_ plant: LedgerPlant, _ rule: LedgerRule) {
        let record = record(insert(1), transfer(2))
        var found = rows([1: [10]]) { $0.entries = [2: entries()] }
        #expect(broken(record, found) == [])
        var dice = Dice(seed: 1)
        plant.strike(&found, record.writes, servers: [10, 11, 12], &dice)
        #expect(broken(record, found) == [rule])
    }
}
