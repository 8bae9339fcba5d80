// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Something that happened in the pretend Ocean; holds no patient data.
package enum SandboxEvent: Sendable, Hashable {
    /// A referral reached a listing: sent there, or forwarded.
    case referralSent(reference: String, listing: String)
    /// A receiver or the sender changed a referral.
    case referralChanged(reference: String, change: String, sender: ReferralFolder, receiver: ReferralFolder)
    /// A `$process-messages` call was refused with that HTTP status.
    case updateRefused(reference: String?, site: String, status: Int)
    case formCompleted(patient: String, site: String)
    /// A hospital asked for forms for a patient.
    case formCreated(patient: String, site: String)
    /// One attempt to reach a webhook; `status` is nil when there was no answer.
    case webhookAttempt(WebhookAttempt)
    /// A CDS service was asked before a referral is sent.
    case cardsShown(HookConversation)
    /// A letter, an attachment or an Open API object was fetched.
    case fetched(String, site: String)
}

/// One attempt to deliver to a webhook.
package struct WebhookAttempt: Sendable, Hashable {
    package let webhook: String
    /// Referral or patient reference.
    package let reference: String
    /// Ocean's event code.
    package let event: String
    /// Counted from 1.
    package let number: Int
    package let status: Int?
    package let isDelivered: Bool
    /// There will be no further attempt.
    package let isLast: Bool
}

/// Hands events to everybody who listens; a slow listener loses the oldest.
final class EventHub: Sendable {
    private struct State {
        var next = 0
        var listeners: [Int: AsyncStream<SandboxEvent>.Continuation] = [:]
    }

    private let state = Mutex(State())

    func publish(_ event: SandboxEvent) {
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.yield(event) }
    }

    func events() -> AsyncStream<SandboxEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SandboxEvent.self, bufferingPolicy: .bufferingNewest(4096))
        let number = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    func finish() {
        let listeners = state.withLock { state in
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}
