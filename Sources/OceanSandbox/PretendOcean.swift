// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
package import BridgeCore
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// A pretend Ocean to test a bridge or a hospital system against: Ocean's endpoints on a real socket, webhooks with
/// retries and echoes, referrals of invented people.
package struct PretendOcean: Service {
    private static let largestBody = 10 << 20

    private let configuration: PretendOceanConfiguration
    private let world: SandboxWorld
    private let sender: WebhookSender
    private let faults = FaultSwitchboard()
    private let tokens: TokenIssuer
    private let hub = EventHub()
    private let base: BaseAddress
    private let logger: Logger

    /// - Throws: `SandboxConfigurationError` when the configuration contradicts itself.
    package init(
        configuration: PretendOceanConfiguration, logger: Logger, clock: any WallClock = SystemClock()
    ) throws(SandboxConfigurationError) {
        try configuration.check()
        self.configuration = configuration
        self.logger = logger
        base = BaseAddress(address: configuration.address, publicAddress: configuration.publicAddress)
        tokens = TokenIssuer(lifetime: configuration.tokenLifetime, clock: clock)
        sender = WebhookSender(configuration, faults: faults, hub: hub, clock: clock, logger: logger)
        world = SandboxWorld(configuration, sender: sender, hub: hub, base: base, clock: clock)
    }

    /// Serves and sends until graceful shutdown or cancellation; runs once.
    package func run() async throws {
        var clientConfiguration = HTTPClient.Configuration()
        clientConfiguration.redirectConfiguration = .disallow
        clientConfiguration.timeout.connect = .seconds(5)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: clientConfiguration)
        let application = makeApplication(SendingService(sender: sender, client: client))
        do {
            try await application.run()
        } catch {
            await finish(client)
            throw error
        }
        await finish(client)
    }

    private func finish(_ client: HTTPClient) async {
        base.stop()
        hub.finish()
        do {
            try await client.shutdown()
        } catch {
            logger.warning("The webhook client did not shut down cleanly", metadata: ["error": "\(error)"])
        }
    }

    private func makeApplication(_ sending: SendingService) -> Application<CallbackResponder<SandboxContext>> {
        let base = base
        let ocean = OceanEndpoints(world: world, tokens: tokens, faults: faults, hub: hub, base: base)
        let control = ControlEndpoints(world: world, sender: sender, faults: faults, tokens: tokens)
        let world = world
        let book = sender.book
        let responder = CallbackResponder<SandboxContext> { request, context in
            var request = request
            let body: ByteBuffer
            do {
                body = try await request.collectBody(upTo: Self.largestBody)
            } catch is NIOTooManyBytesError {
                return SandboxAnswer.outcome(413, code: "too-long", "The body is longer than 10 MiB.").response
            }
            let parts = SandboxRequest(request, body: Array(body.readableBytesView))
            if parts.method == "GET", parts.path.isEmpty {
                let page = StatusPage.html(await world.snapshot(), deliveries: book.all())
                return SandboxAnswer(200, contentType: "text/html; charset=utf-8", body: page).response
            }
            if let answer = await control.answer(parts) { return answer.response }
            guard let answer = await ocean.answer(parts) else {
                return SandboxAnswer.outcome(404, code: "not-found", "Ocean has no such path.").response
            }
            if answer.isDropped { context.channel.close(promise: nil) }
            return answer.response
        }
        return Application(
            responder: responder,
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.address, port: configuration.port), serverName: "Ocean sandbox"),
            services: [sending],
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { base.bind(port) } else { base.stop() }
            },
            logger: logger)
    }
}

/// The webhook sender as a part of the server's life.
private struct SendingService: Service {
    let sender: WebhookSender
    let client: HTTPClient

    func run() async throws {
        await cancelWhenGracefulShutdown { await sender.run(with: client) }
    }
}

extension PretendOcean {
    /// The bound port, as soon as it is known.
    ///
    /// - Throws: `SandboxConfigurationError` when the server ended without listening.
    package func port() async throws(SandboxConfigurationError) -> Int {
        guard let port = await base.port() else {
            throw SandboxConfigurationError("port", "the sandbox could not listen there")
        }
        return port
    }

    /// Base address of the pretend Ocean, without a trailing slash, as soon as the port is known.
    package func address() async throws(SandboxConfigurationError) -> String {
        _ = try await port()
        return base.current
    }

    /// A clinic sends a referral to a listing.
    ///
    /// - Returns: the referral reference.
    /// - Throws: `RefusedChange` for an unknown listing.
    @discardableResult
    package func send(
        _ kind: SyntheticReferral.Kind, to listing: String
    ) async throws(RefusedChange) -> String {
        // Identifiers and document links hold the address.
        _ = await base.port()
        return try await world.send(kind, listing: listing)
    }

    /// The sender takes a referral back.
    package func cancel(_ reference: String) async throws(RefusedChange) { try await world.cancel(reference) }

    /// The sender writes to the receiver.
    package func message(
        _ reference: String, text: String, senderName: String? = nil
    ) async throws(RefusedChange) {
        try await world.message(reference, text: text, senderName: senderName)
    }

    /// The receiver forwards by hand, in the portal.
    ///
    /// - Returns: the new referral's reference.
    package func forward(_ reference: String, to listing: String) async throws(RefusedChange) -> String {
        try await world.forward(reference, to: listing)
    }

    /// A patient of the site completes a form.
    ///
    /// - Returns: the patient reference.
    /// - Throws: `RefusedChange` when the site has no `engagementWebhook`.
    @discardableResult
    package func completeForm(
        site: String, _ kind: SyntheticReferral.Kind = .backPain
    ) async throws(RefusedChange) -> String {
        _ = await base.port()
        return try await world.completeForm(site: site, kind: kind)
    }

    /// Every referral, oldest first.
    package func snapshot() async -> [ReferralSnapshot] { await world.snapshot() }

    /// The last 2,000 webhook deliveries, oldest first.
    package func deliveries() -> [DeliveryRecord] { sender.book.all() }

    /// What happens from now on. Ends when the server does.
    package func events() -> AsyncStream<SandboxEvent> { hub.events() }

    /// Replaces the armed faults.
    package func arm(_ plan: FaultPlan) { faults.arm(plan) }

    /// Makes every access token worthless.
    package func revokeTokens() { tokens.revokeAll() }

    /// Sets a webhook's address and authentication, also after the start.
    ///
    /// - Throws: `SandboxConfigurationError` when a part of the authentication is missing.
    package func set(_ webhook: PretendWebhook) throws(SandboxConfigurationError) {
        try webhook.check()
        sender.set(webhook)
    }

    /// Registers a webhook as Ocean does. Nil when there was no answer.
    package func challenge(_ webhook: String) async -> ChallengeResult? {
        do throws(WebhookFailure) {
            return try await sender.challenge(webhook)
        } catch {
            logger.info("The challenge had no answer", metadata: ["reason": "\(error.message)"])
            return nil
        }
    }
}
