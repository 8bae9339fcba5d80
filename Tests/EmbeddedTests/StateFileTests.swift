// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import GRDB
import Testing

@testable import Embedded

@Suite("State file", .timeLimit(.minutes(15)))
struct StateFileTests {
    @Test("a file of a newer version is incompatible")
    func newer() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.sqlite"
            let store = try SQLiteStateStore(path: path, logger: .quiet)
            try await store.check()
            await store.shutdown()
            let database = try DatabaseQueue(path: path)
            try await database.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 of tomorrow')")
            }
            try database.close()
            let error = #expect(throws: StoreError.self) { _ = try SQLiteStateStore(path: path, logger: .quiet) }
            #expect(error?.code == .incompatible)
        }
    }

    @Test("a second user of the file is refused; after shutdown calls are unavailable")
    func lock() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.sqlite"
            let store = try SQLiteStateStore(path: path, logger: .quiet)
            let second = #expect(throws: StoreError.self) { _ = try SQLiteStateStore(path: path, logger: .quiet) }
            #expect(second?.code == .unavailable)
            await store.shutdown()
            let after = await #expect(throws: StoreError.self) { try await store.check() }
            #expect(after?.code == .unavailable)
        }
    }
}
