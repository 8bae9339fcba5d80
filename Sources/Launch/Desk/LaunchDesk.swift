// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Opens launches and exchanges their handles.
package struct LaunchDesk: Sendable {
    /// The last word of routing keys, and the message's event.
    package static let event = "launch-requested"
    /// Launches that wait for their exchange at once, of all applications: what a flood can put into the store.
    static let openLaunches = 10_000

    private let signer: HandleSigner
    private let book: any LaunchBook
    private let referrals: @Sendable (String) async throws(StoreError) -> ReferralRecord?
    private let audit: any AuditTrail
    /// Numbers of the sites in the settings.
    private let sites: Set<String>
    private let pace = LaunchPace()
    private let ids: UUIDv7Source
    private let clock: any WallClock

    /// - Parameter referrals: what the bridge knows of a reference.
    package init(
        signer: HandleSigner, book: any LaunchBook, audit: any AuditTrail, sites: Set<String>,
        ids: UUIDv7Source = UUIDv7Source(), clock: any WallClock = SystemClock(),
        referrals: @escaping @Sendable (String) async throws(StoreError) -> ReferralRecord?
    ) {
        self.signer = signer
        self.book = book
        self.audit = audit
        self.sites = sites
        self.ids = ids
        self.clock = clock
        self.referrals = referrals
    }

    /// Reads the query of a launch address, finds the referral, and writes down what the new handle stands for.
    ///
    /// - Parameters:
    ///   - query: as sent, without its question mark.
    ///   - trace: of the request.
    package func open(
        _ application: LaunchApplication, query: String, trace: TraceContext? = nil
    ) async throws(LaunchRefusal) -> LaunchPassage {
        let names = application.parameters.union(application.correlation.all).union(Proof.names)
        guard let query = LaunchQuery(query, names: names) else { throw .queryTooLong }
        let proof = try Proof(query, isRequired: application.requiresChallenge)
        let now = clock.now()
        var launch = LaunchRequested()
        launch.id = ids.next()
        launch.application = application.name
        launch.launchedAt = now
        for name in application.parameters { launch.parameters.values[name] = query.text(name) }
        let claims = Set(application.correlation.referral.compactMap { query.text($0) }).sorted()
        let record: ReferralRecord?
        do throws(StoreError) {
            record = try await known(claims, to: application)
        } catch {
            throw .unavailable(error)
        }
        launch.correlate(with: record)
        if record == nil { place(&launch, application, query) }
        let (handle, key) = signer.issue(
            for: application.name, until: now.advanced(by: application.handleLifetime))
        // Two budgets: made-up launches cannot use up that of real ones.
        let budget = "\(application.name)/\(record == nil ? "unknown" : "known")"
        if let wait = pace.wait(budget, limit: application.launchesPerMinute, now: now) { throw .tooMany(wait: wait) }
        do throws(StoreError) {
            let ticket = LaunchTicket(
                key: key, application: application.name, challenge: proof.challenge?.text,
                claims: record == nil ? claims : [], launch: launch,
                expiresAt: now.advanced(by: application.handleLifetime))
            try await book.keep(ticket, limit: Self.openLaunches, now: now)
            try await audit.record(Self.event(.request, of: launch, at: now))
        } catch {
            throw .unavailable(error)
        }
        return LaunchPassage(
            message: message(launch, trace: trace),
            destination: .exchange(
                BusNames.hospitalCanonical,
                routingKey: RoutingKey.make(site: launch.site, service: launch.service, last: Self.event)),
            url: application.target.url(
                .init(
                    handle: handle, state: proof.state, referral: launch.referral,
                    parameters: launch.parameters.values)),
            isCorrelated: record != nil, unusable: query.unusableCount)
    }

    /// What a handle stands for, once.
    ///
    /// - Parameters:
    ///   - verifier: PKCE's `code_verifier`.
    ///   - applications: all of them, by name.
    ///   - caller: those that the caller has shown to be.
    package func exchange(
        _ handle: String, verifier: String?, applications: [String: LaunchApplication], caller: Set<String>
    ) async throws(ExchangeRefusal) -> LaunchRequested {
        let now = clock.now()
        let reading: HandleSigner.Reading
        do throws(HandleSigner.Fault) {
            reading = try signer.read(handle, for: applications.keys, now: now)
        } catch {
            throw error == .expired ? .expired : .forged
        }
        guard caller.contains(reading.application), let application = applications[reading.application] else {
            throw .foreign
        }
        let redemption: LaunchRedemption
        do throws(StoreError) {
            redemption = try await book.redeem(reading.key, application: reading.application, now: now)
        } catch {
            throw .unavailable(error)
        }
        guard case .granted(let ticket) = redemption else { throw redemption == .used ? .used : .unknown }
        if let challenge = ticket.challenge {
            guard CodeChallenge(challenge)?.matches(verifier) == true else { throw .wrongVerifier }
        }
        var launch = ticket.launch
        do throws(StoreError) {
            // The browser may come before the referral's own webhook.
            if let record = try await known(ticket.claims, to: application) { launch.correlate(with: record) }
            try await audit.record(Self.event(.exchange, of: launch, at: now))
        } catch {
            throw .unavailable(error)
        }
        return launch
    }

    /// The one referral that the bridge knows among the named ones and the application may see; nil for several.
    private func known(
        _ claims: [String], to application: LaunchApplication
    ) async throws(StoreError) -> ReferralRecord? {
        var found: [ReferralRecord] = []
        for claim in claims {
            guard let record = try await referrals(claim) else { continue }
            if let site = application.site, record.site != site { continue }
            found.append(record)
        }
        return found.count == 1 ? found[0] : nil
    }

    /// Without a referral: the application's own site, or what the settings let the address say.
    private func place(_ launch: inout LaunchRequested, _ application: LaunchApplication, _ query: LaunchQuery) {
        let named = application.correlation.site.compactMap { query.text($0) }.first { sites.contains($0) }
        launch.site = application.site ?? named
        launch.service = application.correlation.service.compactMap { query.text($0) }
            .first { application.services.contains($0) }
    }

    private func message(_ launch: LaunchRequested, trace: TraceContext?) -> Message {
        Message(
            id: launch.id, source: "/launch/\(launch.application)", type: .launchRequested, subject: launch.referral,
            time: launch.launchedAt, dataSchema: Schemas.root + Schemas.launchRequestedName,
            attributes: MessageAttributes(
                site: launch.site, listing: launch.listing, service: launch.service, event: Self.event),
            trace: trace?.child() ?? .root(), body: launch.json.bytes())
    }

    private enum Step: String {
        case request = "launch.request"
        case exchange = "launch.exchange"
    }

    private static func event(_ step: Step, of launch: LaunchRequested, at time: Timestamp) -> AuditEvent {
        AuditEvent(
            at: time, actor: "launch/\(launch.application)", action: step.rawValue, referral: launch.referral,
            messageID: launch.id, reason: "Referral System Launch")
    }

    /// What belongs to OAuth in a launch address: strict, where everything else is lenient.
    private struct Proof {
        static let names: Set<String> = ["code_challenge", "code_challenge_method", "state"]

        var challenge: CodeChallenge?
        var state: String?

        init(_ query: LaunchQuery, isRequired: Bool) throws(LaunchRefusal) {
            guard Self.names.allSatisfy({ query.values[$0] != .unusable }) else { throw .badProof }
            state = query.text("state")
            // RFC 6749 appendix A.5: printable ASCII.
            guard state?.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) ?? true else { throw .badProof }
            let method = query.text("code_challenge_method")
            guard let text = query.text("code_challenge") else {
                guard method == nil, !isRequired else { throw .badProof }
                return
            }
            guard method == CodeChallenge.method, let challenge = CodeChallenge(text) else { throw .badProof }
            self.challenge = challenge
        }
    }
}

extension LaunchRequested {
    /// Takes over where the referral belongs.
    mutating func correlate(with record: ReferralRecord?) {
        guard let record else { return }
        referral = record.reference
        site = record.site
        listing = record.listing
        service = record.service ?? record.listing
    }
}
