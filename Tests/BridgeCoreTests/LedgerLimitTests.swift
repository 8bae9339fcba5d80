// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@Suite struct LedgerLimitTests {
    @Test("what a ledger does not list it counts")
    func counts() {
        var ledger = Ledger()
        for index in 0..<Ledger.limit { ledger.add(.kept, source: "/\(index)", target: "/a") }
        ledger.add(.kept, source: "/x", target: "/a")
        ledger.add(.refused, source: "/y")
        ledger.add(.refused, source: "/z")
        #expect(ledger.entries.count == Ledger.limit)
        #expect(ledger.count(.kept) == Ledger.limit + 1)
        #expect(ledger.count(.refused) == 2)
        let last = ledger.json.arrayValue?.suffix(2).map { $0["note"]?.stringValue }
        #expect(last == ["and 1 more, not listed", "and 2 more, not listed"])
    }

    @Test("two accounts together count what neither lists")
    func sums() {
        var long = Ledger()
        for index in 0...Ledger.limit { long.add(.kept, source: "/\(index)", target: "/\(index)") }
        var both = long
        both.append(long)
        #expect(both.entries.count == Ledger.limit)
        #expect(both.count(.kept) == 2 * (Ledger.limit + 1))
        #expect(long.composed(with: Ledger()).count(.kept) == 1)
    }
}
