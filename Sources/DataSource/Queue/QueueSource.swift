// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging

/// The last good message of a queue that this process has for itself.
///
/// A message is acknowledged once its document stands on disk, so that a restart and a bus that is away change nothing
/// in what is served. What is no document goes to `ocean.invalid`, with its reason.
package final class QueueSource: DocumentSource {
    private let name: String
    private let queue: String
    private let limit: Int
    private let bus: any MessageBus
    private let kept: KeptDocument
    private let pauses: RetryPolicy
    private let clock: any WallClock
    private let current: CurrentDocument
    private let logger: Logger

    /// - Parameters:
    ///   - directory: where the last good document is kept.
    ///   - limit: largest document in bytes.
    ///   - pauses: between attempts to subscribe, and to keep what cannot be kept.
    package init(
        name: String, queue: String, directory: String, limit: Int, bus: any MessageBus,
        pauses: RetryPolicy = RetryPolicy(base: .milliseconds(500), cap: .seconds(10)),
        clock: any WallClock = SystemClock(), logger: Logger
    ) {
        self.name = name
        self.queue = queue
        self.limit = limit
        self.bus = bus
        kept = KeptDocument(directory: directory, name: name)
        self.pauses = pauses
        self.clock = clock
        self.logger = logger
        current = CurrentDocument(name: name, logger: logger)
    }

    package func document(
        _ parameters: [String: String], question: String
    ) async throws(DataSourceError) -> DataReading {
        guard let document = current.value else {
            throw DataSourceError(.notYet, "no good document came on queue \(queue) yet")
        }
        return DataReading(document)
    }

    /// Takes the document of the last run from disk.
    package func restore() async {
        do throws(DataSourceError) {
            guard let document = try await kept.restore(upTo: limit, now: clock.now()) else { return }
            current.replace(document)
        } catch {
            current.refuse(error)
        }
    }

    /// Restores, then takes messages until the task is cancelled, however long the bus is away.
    package func run() async {
        await restore()
        var attempt = 0
        var told: BusError.Code?
        while !Task.isCancelled {
            do throws(BusError) {
                let subscription = try await subscribe()
                attempt = 0
                told = nil
                for await delivery in subscription.deliveries { await take(delivery) }
                await subscription.cancel()
                // The bus was shut down, or this task was cancelled.
                return
            } catch {
                attempt += 1
                if told != error.code {
                    logger.warning(
                        "data source cannot listen to its queue yet",
                        metadata: ["source": "\(name)", "queue": "\(queue)", "reason": "\(error.message)"])
                }
                told = error.code
                if error.code == .closed { return }
            }
            await pause(attempt)
        }
    }

    /// A queue that is there stays as it is, whatever its arguments: it is the hospital's.
    private func subscribe() async throws(BusError) -> Subscription {
        if try await bus.depth(of: queue) == nil {
            try await bus.declare(Topology(queues: [Topology.Queue(name: queue)]))
        }
        return try await bus.subscribe(to: queue, prefetch: 1)
    }

    private func take(_ delivery: Delivery) async {
        let document: DataDocument
        do throws(DataSourceError) {
            document = try await DataDocument.checked(delivery.message.body, upTo: limit, loadedAt: clock.now())
        } catch {
            current.refuse(error)
            return await setAside(delivery, error)
        }
        current.replace(document)
        var attempt = 0
        while !Task.isCancelled {
            do throws(DataSourceError) {
                try await kept.keep(document)
                return await settle(delivery)
            } catch {
                attempt += 1
                if attempt == 1 {
                    logger.error(
                        "data source serves a document that it cannot keep; trying again",
                        metadata: ["source": "\(name)", "reason": "\(error.message)"])
                }
                current.countFailure("not-kept")
            }
            await pause(attempt)
        }
    }

    private func setAside(_ delivery: Delivery, _ error: DataSourceError) async {
        var message = delivery.message
        let now = HeaderValue.string(clock.now().description)
        message.headers["x-reason"] = .string(error.code.rawValue)
        message.headers["x-stage"] = .string("data-source")
        message.headers["x-attempts"] = .integer(1)
        message.headers["x-first-at"] = now
        message.headers["x-last-at"] = now
        var attempt = 0
        while !Task.isCancelled {
            do throws(BusError) {
                try await bus.publish(message, to: .queue(BusNames.invalid))
                return await settle(delivery)
            } catch {
                attempt += 1
                if attempt == 1 {
                    logger.warning(
                        "data source cannot set a message aside yet",
                        metadata: ["source": "\(name)", "reason": "\(error.message)"])
                }
                if error.code == .closed { return }
            }
            await pause(attempt)
        }
    }

    private func settle(_ delivery: Delivery) async {
        do throws(BusError) {
            try await delivery.ack()
        } catch {
            // It comes again, and the same document changes nothing.
            logger.debug(
                "a document will come again", metadata: ["source": "\(name)", "code": "\(error.code.rawValue)"])
        }
    }

    private func pause(_ attempt: Int) async {
        var generator = SystemRandomNumberGenerator()
        let pause = pauses.delay(afterAttempt: attempt, retryAfter: nil, using: &generator)
        do {
            try await Task.sleep(for: pause)
        } catch {
            // Cancelled: the loops see it.
        }
    }
}
