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
    let world: SandboxWorld
    let sender: WebhookSender
    let faults = FaultSwitchboard()
    let tokens: TokenIssuer
    let hub = EventHub()
    let desk: DecisionDesk
    let player: ScenarioPlayer
    let journal: Journal?
    let base: BaseAddress
    let logger: Logger

    /// - Throws: `SandboxConfigurationError` when the configuration contradicts itself, or the journal cannot be opened.
    package init(
        configuration: PretendOceanConfiguration, logger: Logger, clock: any WallClock = SystemClock()
    ) throws(SandboxConfigurationError) {
        try configuration.check()
        self.configuration = configuration
        self.logger = logger
        base = BaseAddress(
            address: configuration.address, port: configuration.port, publicAddress: configuration.publicAddress)
        let path = configuration.journalFile
        journal = if let path { try Journal(path: path, logger: logger) } else { nil }
        tokens = TokenIssuer(lifetime: configuration.tokenLifetime, clock: clock)
        sender = WebhookSender(
            configuration, faults: faults, hub: hub, journal: journal, clock: clock, logger: logger)
        world = SandboxWorld(
            configuration, sender: sender, hub: hub, base: base, journal: journal, clock: clock)
        desk = DecisionDesk(
            configuration.decisionSupport, world: world, sender: sender, hub: hub, clock: clock, logger: logger)
        player = ScenarioPlayer(world: world, desk: desk, hub: hub, faults: faults, tokens: tokens)
    }

    /// Serves and sends until graceful shutdown or cancellation; runs once.
    package func run() async throws {
        do {
            try await world.restore()
        } catch {
            base.stop()
            hub.finish()
            await journal?.finish()
            throw error
        }
        var clientConfiguration = HTTPClient.Configuration()
        clientConfiguration.redirectConfiguration = .disallow
        clientConfiguration.timeout.connect = .seconds(5)
        // A refused connection is a failed attempt of the schedule, not five seconds of hidden ones.
        clientConfiguration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: clientConfiguration)
        sender.attach(client)
        let application = makeApplication(SendingService(sender: sender, client: client))
        do {
            try await runGracefully(application, logger: logger)
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
        await journal?.finish()
    }

    private func makeApplication(_ sending: SendingService) -> Application<CallbackResponder<SandboxContext>> {
        let base = base
        let ocean = OceanEndpoints(world: world, tokens: tokens, faults: faults, hub: hub, base: base)
        let control = ControlEndpoints(
            world: world, desk: desk, sender: sender, faults: faults, tokens: tokens, player: player)
        let portal = PortalPage(world: world, desk: desk, book: sender.book)
        let journal = journal
        let responder = CallbackResponder<SandboxContext> { request, context in
            var request = request
            let body: ByteBuffer
            do {
                body = try await request.collectBody(upTo: Self.largestBody)
            } catch is NIOTooManyBytesError {
                return SandboxAnswer.outcome(413, code: "too-long", "The body is longer than 10 MiB.").response
            }
            let parts = SandboxRequest(request, body: Array(body.readableBytesView))
            let answer =
                if let page = await portal.answer(parts) {
                    page
                } else if let own = await control.answer(parts) {
                    own
                } else {
                    await ocean.answer(parts)
                }
            guard let answer else {
                return SandboxAnswer.outcome(404, code: "not-found", "Ocean has no such path.").response
            }
            if parts.method != "GET", let journal, await !journal.settle() {
                return SandboxAnswer.outcome(503, code: "no-store", "The journal cannot be written.").response
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
