// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import ServiceLifecycle

/// Removes documents whose time is over.
struct DocumentPruneService: Service {
    let claims: any ClaimCheckStore
    let keep: Duration
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(ClaimCheckError) {
                    let count = try await claims.prune(before: clock.now().advanced(by: .zero - keep))
                    if count > 0 { logger.info("documents removed", metadata: ["count": "\(count)"]) }
                } catch {
                    logger.warning("cannot remove old documents", metadata: ["reason": "\(error.reason)"])
                }
                do { try await Task.sleep(for: .seconds(3600)) } catch { return }
            }
        }
    }
}
