// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import FoundationEssentials

/// Runs `body` with the path of a new directory for the test alone, and removes it afterwards.
package func withTemporaryDirectory<Value: Sendable>(
    _ body: @Sendable (_ path: String) async throws -> Value
) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.path + "/ocean-bridge-" + UUID().uuidString.lowercased()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    do {
        let value = try await body(path)
        try await remove(path)
        return value
    } catch {
        try? await remove(path)
        throw error
    }
}

/// On a dispatch queue: a directory of database files is too much for a thread of the cooperative pool.
private func remove(_ path: String) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        DispatchQueue.global().async {
            continuation.resume(with: Result { try FileManager.default.removeItem(atPath: path) })
        }
    }
}
