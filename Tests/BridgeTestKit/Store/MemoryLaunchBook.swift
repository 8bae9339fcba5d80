// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Synchronization

/// Open launches and audit in memory, with a switch for a store that is away.
package final class MemoryLaunchBook: LaunchBook, AuditTrail {
    private struct State {
        var tickets: [String: LaunchTicket] = [:]
        var used: Set<String> = []
        var audit: [AuditEvent] = []
        var failure: StoreError?
    }

    private let state = Mutex(State())

    package init() {}

    package var tickets: [LaunchTicket] { state.withLock { Array($0.tickets.values) } }
    package var events: [AuditEvent] { state.withLock { $0.audit } }

    /// What every call throws from now on; nil for none.
    package func fail(_ error: StoreError?) { state.withLock { $0.failure = error } }

    package func keep(_ ticket: LaunchTicket, limit: Int, now: Timestamp) async throws(StoreError) {
        let outcome = state.withLock { state -> StoreError? in
            if let failure = state.failure { return failure }
            state.tickets = state.tickets.filter { $0.value.expiresAt > now }
            guard state.tickets.count < limit else { return StoreError(.full, "scripted") }
            state.tickets[ticket.key] = ticket
            return nil
        }
        if let outcome { throw outcome }
    }

    package func redeem(
        _ key: String, application: String, now: Timestamp
    ) async throws(StoreError) -> LaunchRedemption {
        let outcome = state.withLock { state -> Result<LaunchRedemption, StoreError> in
            if let failure = state.failure { return .failure(failure) }
            guard let ticket = state.tickets[key], ticket.application == application, ticket.expiresAt > now else {
                return .success(.unknown)
            }
            return .success(state.used.insert(key).inserted ? .granted(ticket) : .used)
        }
        return try outcome.get()
    }

    package func record(_ event: AuditEvent) async throws(StoreError) {
        let failure = state.withLock { state -> StoreError? in
            if let failure = state.failure { return failure }
            state.audit.append(event)
            return nil
        }
        if let failure { throw failure }
    }

    package func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] {
        Array(state.withLock { $0.audit }.reversed().prefix(limit))
    }
}
