// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Workers

/// Carries replays on that a crash or an outage interrupted, at start and every minute.
struct ReplayService: Service {
    let desk: DeadLetterDesk
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await readiness.wait()
            while !Task.isCancelled {
                do throws(DeadLetterError) {
                    try await desk.resume()
                } catch {
                    logger.warning("interrupted replays wait", metadata: ["reason": "\(error.message)"])
                }
                do { try await Task.sleep(for: .seconds(60)) } catch { return }
            }
        }
    }
}
