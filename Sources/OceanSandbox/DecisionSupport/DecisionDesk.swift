// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// Stands between the clinician and the sending: asks the CDS services that are set up, shows their cards, and lets the
/// referral go unless a card is critical.
///
/// No service, no answer and an answer that cannot be read never keep a referral back.
final class DecisionDesk: Sendable {
    private static let kept = 200

    private struct State {
        var clients: [PretendCDSClient] = []
        var discovered: [String: [DiscoveredService]] = [:]
        var conversations: [HookConversation] = []
    }

    private let world: SandboxWorld
    private let sender: WebhookSender
    private let caller: HookCaller
    private let hub: EventHub
    private let clock: any WallClock
    private let logger: Logger
    private let state: Mutex<State>

    init(
        _ clients: [PretendCDSClient], world: SandboxWorld, sender: WebhookSender, hub: EventHub,
        clock: any WallClock, logger: Logger
    ) {
        self.world = world
        self.sender = sender
        self.hub = hub
        self.clock = clock
        self.logger = logger
        caller = HookCaller(sender: sender)
        state = Mutex(State(clients: clients.map(Self.trimmed)))
    }

    var clients: [PretendCDSClient] { state.withLock { $0.clients } }
    /// The last calls, oldest first.
    var conversations: [HookConversation] { state.withLock { $0.conversations } }

    /// Sets up an integration, new or known.
    func set(_ client: PretendCDSClient) {
        let client = Self.trimmed(client)
        sender.authorization.forget(client.endpoint.name)
        state.withLock { state in
            state.clients.removeAll { $0.endpoint.name == client.endpoint.name }
            state.clients.append(client)
            state.discovered[client.endpoint.name] = nil
        }
    }

    private static func trimmed(_ client: PretendCDSClient) -> PretendCDSClient {
        var client = client
        while client.endpoint.url.hasSuffix("/") { client.endpoint.url.removeLast() }
        return client
    }

    /// What discovery of that integration says now; nil for an unknown one.
    func discover(_ name: String) async throws(WebhookFailure) -> [DiscoveredService]? {
        guard let client = clients.first(where: { $0.endpoint.name == name }) else { return nil }
        let services = try await caller.discover(client)
        state.withLock { $0.discovered[name] = services }
        return services
    }

    /// A clinician sends.
    ///
    /// - Throws: `RefusedChange` `stopped` for a critical card, with the summaries.
    func send(_ kind: SyntheticReferral.Kind, listing: String) async throws(RefusedChange) -> String {
        guard clients.contains(where: { !$0.endpoint.url.isEmpty }) else {
            return try await world.send(kind, listing: listing)
        }
        let draft = try await world.draft(kind, listing: listing)
        let talks = await ask(about: draft, plan: nil)
        let critical = talks.flatMap(\.talk.cards).filter(\.isCritical)
        guard critical.isEmpty else {
            throw RefusedChange(
                .stopped, "A CDS service stops the sending: \(critical.map(\.summary).joined(separator: " "))")
        }
        let reference = try await world.send(kind, listing: listing, drafted: draft.reference)
        for (client, talk) in talks where client.sendsFeedback {
            let status = await caller.overridden(talk, client: client, time: clock.now())
            guard let status else { continue }
            state.withLock { state in
                let place = state.conversations.lastIndex { $0.hookInstance == talk.hookInstance }
                if let place { state.conversations[place].feedback = status }
            }
        }
        return reference
    }

    /// Asks about a referral that is not sent afterwards.
    ///
    /// - Parameter plan: nil for each integration's own.
    func ask(
        _ kind: SyntheticReferral.Kind, listing: String, plan: PrefetchPlan?
    ) async throws(RefusedChange) -> [HookConversation] {
        let draft = try await world.draft(kind, listing: listing)
        return await ask(about: draft, plan: plan).map(\.talk)
    }

    private func ask(
        about draft: DraftReferral, plan: PrefetchPlan?
    ) async -> [(client: PretendCDSClient, talk: HookConversation)] {
        var output: [(client: PretendCDSClient, talk: HookConversation)] = []
        for client in clients where !client.endpoint.url.isEmpty {
            guard client.site == nil || client.site == draft.site.number else { continue }
            for service in await services(of: client) {
                var talk = await caller.ask(
                    service, of: client, about: draft, plan: plan ?? client.prefetch,
                    hookInstance: RandomID.make(), time: clock.now())
                talk.isStopped = talk.cards.contains(where: \.isCritical)
                keep(talk)
                output.append((client, talk))
            }
        }
        return output
    }

    /// The services to be called; discovery is asked once.
    private func services(of client: PretendCDSClient) async -> [DiscoveredService] {
        let name = client.endpoint.name
        let services: [DiscoveredService]
        if let known = state.withLock({ $0.discovered[name] }) {
            services = known
        } else {
            do throws(WebhookFailure) {
                services = try await caller.discover(client)
            } catch {
                logger.info("The CDS server was not discovered", metadata: ["reason": "\(error.message)"])
                return []
            }
            state.withLock { $0.discovered[name] = services }
        }
        return services.filter { $0.hook == "order-sign" && (client.service == nil || client.service == $0.id) }
    }

    private func keep(_ talk: HookConversation) {
        state.withLock { state in
            if state.conversations.count >= Self.kept { state.conversations.removeFirst() }
            state.conversations.append(talk)
            // A service that is gone is looked for again.
            if talk.status == 404 { state.discovered[talk.client] = nil }
        }
        if let failure = talk.failure {
            logger.info(
                "A CDS service did not answer", metadata: ["service": "\(talk.service)", "answer": "\(failure)"])
        }
        hub.publish(.cardsShown(talk))
    }
}

/// Random UUIDs (RFC 9562, version 4), as CDS clients name their calls.
enum RandomID {
    static func make() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
            .map { $0.joined() }.joined(separator: "-")
    }
}
