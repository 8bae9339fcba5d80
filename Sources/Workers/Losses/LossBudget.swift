// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
import Metrics
import Ocean
import Synchronization

/// Tells once of each field that a partner begins to send and the bridge cannot place.
///
/// A partner is an integration, its dialect and an event code. What is known of it is kept in the store, so that a
/// restart tells nothing twice. Nothing here holds up or fails a message.
package final class LossBudget: Sendable {
    /// What one integration may lose.
    package struct Allowance: Sendable, Hashable {
        /// Whether new losses are looked for at all.
        package var isWatched = true
        /// Paths that are known and accepted: these and what lies under them are never told.
        package var accepted: Set<String> = []
        /// Paths remembered for each dialect and event.
        package var limit = 500

        package init() {}
    }

    /// Why a field does not arrive.
    enum Cause: String {
        /// No field of the canonical message holds it; it stands in `unmapped` and in the original.
        case unmapped
        /// The canonical message holds it, a hospital format does not.
        case dropped
    }

    private struct Memory {
        var known: Set<String>
        var isFull: Bool
    }

    private let allowances: [String: Allowance]
    private let standard: Allowance
    private let book: any LossBook
    private let clock: any WallClock
    private let memory = Mutex<[String: Memory]>([:])

    /// - Parameters:
    ///   - allowances: by integration.
    ///   - standard: of integrations without one.
    package init(
        book: any LossBook, allowances: [String: Allowance] = [:], standard: Allowance = Allowance(),
        clock: any WallClock = SystemClock()
    ) {
        self.book = book
        self.allowances = allowances
        self.standard = standard
        self.clock = clock
    }

    /// Looks at one message after its delivery.
    ///
    /// - Parameters:
    ///   - ledgers: of the hospital formats, by exchange.
    ///   - logger: takes the alarms; they hold paths, never values.
    package func judge(
        _ message: Message, _ canonical: CanonicalMessage, _ ledgers: [(exchange: String, ledger: Ledger)],
        logger: Logger
    ) async {
        let integration = message.attributes.integration ?? "-"
        let allowance = allowances[integration] ?? standard
        guard allowance.isWatched else { return }
        var losses: [(path: String, cause: Cause)] = LossPath.unmapped(in: canonical).map {
            (path: $0, cause: Cause.unmapped)
        }
        for (exchange, ledger) in ledgers {
            losses += LossPath.dropped(in: ledger).map { (path: "\(exchange):\($0)", cause: Cause.dropped) }
        }
        losses.removeAll { Self.isAccepted($0.path, allowance.accepted) }
        guard !losses.isEmpty else { return }
        // Codes that nobody knows count as one, lest partners be without number.
        let event = message.attributes.event.flatMap { EventCode(code: $0) }?.rawValue ?? "unknown"
        let dialect = Dialect(rawValue: canonical.original.dialect)?.rawValue ?? "unknown"
        await learn(losses, of: "\(integration)|\(dialect)|\(event)", integration, allowance.limit, logger)
    }

    private func learn(
        _ losses: [(path: String, cause: Cause)], of partner: String, _ integration: String, _ limit: Int,
        _ logger: Logger
    ) async {
        do throws(StoreError) {
            let known = try await known(of: partner)
            guard !known.isFull else { return }
            let candidates = losses.filter { !known.known.contains($0.path) }
            guard !candidates.isEmpty else { return }
            let lesson = try await book.learn(
                candidates.map { $0.path }, of: partner, limit: limit, now: clock.now())
            memory.withLock { memory in
                memory[partner]?.known.formUnion(candidates.prefix(limit).map { $0.path })
                let isAtLimit = lesson.new.isEmpty && (memory[partner]?.known.count ?? 0) >= limit
                if lesson.isNewlyFull || isAtLimit { memory[partner]?.isFull = true }
            }
            let causes = Dictionary(candidates.map { ($0.path, $0.cause) }) { first, _ in first }
            for path in lesson.new {
                tell(path, causes[path] ?? .unmapped, partner, integration, logger)
            }
            if lesson.isNewlyFull {
                logger.warning(
                    "the list of fields that cannot be placed is full: new ones are not told any more",
                    metadata: ["partner": "\(partner)", "limit": "\(limit)"])
            }
        } catch {
            // The field comes again with the next message of its kind.
            logger.info("new fields were not looked for", metadata: ["reason": "\(error.reason)"])
        }
    }

    private func known(of partner: String) async throws(StoreError) -> Memory {
        if let known = memory.withLock({ $0[partner] }) { return known }
        let loaded = Memory(known: Set(try await book.losses(of: partner)), isFull: false)
        return memory.withLock { memory in
            let first = memory[partner] ?? loaded
            memory[partner] = first
            return first
        }
    }

    private func tell(_ path: String, _ cause: Cause, _ partner: String, _ integration: String, _ logger: Logger) {
        Counter(
            label: "ocean_bridge_new_unmapped_total",
            dimensions: [("integration", integration), ("cause", cause.rawValue)]
        ).increment()
        logger.log(
            level: cause == .unmapped ? .warning : .info,
            cause == .unmapped
                ? "a new field of Ocean's has no place in the canonical message"
                : "a field has no place in a hospital format",
            metadata: ["path": "\(path)", "partner": "\(partner)"])
    }

    private static func isAccepted(_ path: String, _ accepted: Set<String>) -> Bool {
        guard !accepted.isEmpty else { return false }
        return accepted.contains { path == $0 || path.hasPrefix($0 + "/") }
    }
}
