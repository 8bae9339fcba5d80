// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import NIOPosix

/// Runs blocking calls of the file system on threads of their own, also for a task that was cancelled: files must be
/// removed then, too.
enum FileWork {
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(ClaimCheckError) -> Value
    ) async throws(ClaimCheckError) -> Value {
        let result: Result<Value, ClaimCheckError> = await withCheckedContinuation { continuation in
            NIOThreadPool.singleton.submit { state in
                guard case .active = state else {
                    return continuation.resume(
                        returning: .failure(ClaimCheckError(.unavailable, "the process is ending")))
                }
                continuation.resume(returning: Result { () throws(ClaimCheckError) in try body() })
            }
        }
        return try result.get()
    }
}
