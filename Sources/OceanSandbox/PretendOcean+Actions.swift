// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Logging

extension PretendOcean {
    /// Arms a fault for letters and attachments beside the others; nil disarms it.
    package func arm(documents fault: DocumentFault?) {
        var plan = faults.armed()
        plan.documents = fault
        faults.arm(plan)
    }

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
    /// - Throws: `RefusedChange` for an unknown listing, and `stopped` when a CDS service says a critical card.
    @discardableResult
    package func send(
        _ kind: SyntheticReferral.Kind, to listing: String
    ) async throws(RefusedChange) -> String {
        // Identifiers and document links hold the address.
        _ = await base.port()
        return try await desk.send(kind, listing: listing)
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

    /// The sender's referral for several services is split among listings.
    ///
    /// - Returns: the references of the parts, in their order.
    @discardableResult
    package func split(_ parts: [ReferralPart]) async throws(RefusedChange) -> [String] {
        _ = await base.port()
        return try await world.split(parts)
    }

    /// The site's administrator sends a known referral again, with its history inside.
    package func resend(_ reference: String, asNew: Bool) async throws(RefusedChange) {
        try await world.resend(reference, asNew: asNew)
    }

    /// Plays a scenario to its end.
    package func play(_ scenario: Scenario) async -> ScenarioReport {
        _ = await base.port()
        return await player.play(scenario)
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

    /// The patient of a form that a hospital asked for completes it.
    ///
    /// - Throws: `RefusedChange` when none was asked for.
    package func completeForm(of patientRef: String) async throws(RefusedChange) {
        try await world.completeForm(of: patientRef)
    }

    /// References of the patients for whom hospitals asked for forms, oldest first.
    package func requestedForms() async -> [String] { await world.formRequests().map(\.patientRef) }

    /// Every referral, oldest first.
    package func snapshot() async -> [ReferralSnapshot] { await world.snapshot() }

    /// The last 2,000 webhook deliveries, oldest first.
    package func deliveries() -> [DeliveryRecord] { sender.book.all() }

    /// What happens from now on. Ends when the server does.
    package func events() -> AsyncStream<SandboxEvent> { hub.events() }

    /// Replaces the armed faults.
    package func arm(_ plan: FaultPlan) { faults.arm(plan) }

    /// The faults that have not struck yet.
    package func armed() -> FaultPlan { faults.armed() }

    /// Makes every access token worthless.
    package func revokeTokens() { tokens.revokeAll() }

    /// Sets a webhook's address and authentication, also after the start.
    ///
    /// - Throws: `SandboxConfigurationError` when a part of the authentication is missing.
    package func set(_ webhook: PretendWebhook) throws(SandboxConfigurationError) {
        try webhook.check()
        sender.set(webhook)
    }

    /// Sets up a CDS Hooks server that is asked before a referral is sent, also after the start.
    ///
    /// - Throws: `SandboxConfigurationError` when a part of the authentication is missing.
    package func set(_ client: PretendCDSClient) throws(SandboxConfigurationError) {
        try client.check()
        desk.set(client)
    }

    /// Asks the CDS services about a referral that is not sent afterwards.
    ///
    /// - Parameter prefetch: nil for each integration's own.
    package func ask(
        about kind: SyntheticReferral.Kind, to listing: String, prefetch: PrefetchPlan? = nil
    ) async throws(RefusedChange) -> [HookConversation] {
        _ = await base.port()
        return try await desk.ask(kind, listing: listing, plan: prefetch)
    }

    /// The last 200 calls of CDS services, oldest first.
    package func conversations() -> [HookConversation] { desk.conversations }

    /// Sets a Referral System Launch, also after the start.
    ///
    /// - Throws: `SandboxConfigurationError` for an address that no browser could be sent to.
    package func set(_ launch: PretendLaunch) async throws(SandboxConfigurationError) {
        try launch.check()
        world.launches.set(launch)
    }

    /// Where Ocean would send the sender's browser after that referral was sent.
    ///
    /// - Throws: `RefusedChange` for an unknown referral, or a listing without a launch.
    package func launch(_ reference: String) async throws(RefusedChange) -> LaunchAddress {
        try await world.launch(reference)
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
