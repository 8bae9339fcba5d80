// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Ocean

/// One update on its way through the publisher.
struct Publication: Sendable {
    let publisher: Publisher
    let delivery: Delivery
    let hop: Hop
    let stop: StopSignal
    let tally: Tally
    var window = CrashWindow.none
    /// Which change of a message with several; empty for the message as a whole.
    var part = ""
    /// Digest of a message whose meaning depends on what is known of the referral.
    var said: String?
    /// The message, or the one change of it that is in work as a message of its own.
    var message: Message

    init(
        publisher: Publisher, delivery: Delivery, hop: Hop, stop: StopSignal, tally: Tally,
        window: CrashWindow = .none
    ) {
        self.publisher = publisher
        self.delivery = delivery
        self.hop = hop
        self.stop = stop
        self.tally = tally
        self.window = window
        message = delivery.message
    }

    /// - Returns: the outcome for the metric.
    func run() async throws(Halt) -> String {
        let started = tally.firstAt ?? publisher.clock.now()
        // While Ocean is down nothing is held.
        guard !publisher.availability.isDown else { throw Halt() }
        if let crashes = try await enter() { return try await setAside(crashes, since: started) }
        Failpoint.write.hit(message.subject ?? message.id)
        let request: UpdateRequest
        do throws(TranslationError) {
            request = try publisher.reader.read(message)
        } catch {
            await window.close()
            return try await unreadable(error, since: started)
        }
        await window.close()
        var publication = self
        publication.said = request.isCompared ? ContentDigest.digest(of: message.body) : nil
        return try await publication.carryOut(request, since: started)
    }

    /// How one change of the message is known again.
    func identity(of update: ReferralUpdate) -> OutboundIdentity {
        OutboundIdentity(update, message, part: part, said: said)
    }

    /// One update, in the bundle that Ocean wants.
    func carryOut(
        _ update: ReferralUpdate, _ record: ReferralRecord?, since started: Timestamp
    ) async throws(Halt) -> String {
        if let refusal = publisher.settings.refusal(of: update) {
            return try await refused(
                refusal, update, record, event: nil, attempts: tally.failures, since: started)
        }
        let identity = identity(of: update)
        let bundle: OutgoingBundle
        switch try await write(update, record) {
        case .bundle(let written): bundle = written
        case .refused(let refusal, let attempts):
            // What was carried out may be impossible now: the appointment is gone.
            if refusal.reason != CrashedWorker.reason, try await isDone(identity) {
                hop.note(.publish, "duplicate")
                return "duplicate"
            }
            return try await refused(refusal, update, record, event: nil, attempts: attempts, since: started)
        }
        if publisher.settings.sites[update.site]?.isDryRun == true {
            return try await rehearsed(update, bundle, record)
        }
        let settled: Settled?
        let isLeased: Bool
        switch try await admit(identity) {
        case .duplicate:
            hop.note(.publish, "duplicate")
            return "duplicate"
        case .keyReused:
            return try await refused(
                .reusedKey(hasOwnKey: update.idempotencyKey != nil), update, record, event: bundle.event,
                attempts: tally.failures, since: started)
        case .held: throw Halt()
        case .admitted(let known, let leased): (settled, isLeased) = (known, leased)
        }
        let work = Work(update: update, bundle: bundle, record: record, identity: identity, isLeased: isLeased)
        do throws(Halt) {
            return try await carryOut(work, settled, since: started)
        } catch {
            if isLeased { await release(identity) }
            throw error
        }
    }

    private enum Written {
        case bundle(OutgoingBundle)
        case refused(Refusal, attempts: Int)
    }

    private func write(_ update: ReferralUpdate, _ record: ReferralRecord?) async throws(Halt) -> Written {
        if let crashes = try await enter("write" + (part.isEmpty ? "" : "-\(part)")) {
            return .refused(Refusal(crashes: crashes), attempts: crashes)
        }
        let written: Written
        do throws(TranslationError) {
            written = .bundle(
                try publisher.writer.bundle(
                    for: update, in: publisher.settings.context(of: update, message, record)))
        } catch {
            written = .refused(Refusal(translation: error), attempts: tally.failures)
        }
        await window.close()
        return written
    }

    /// An update that is no duplicate.
    struct Work: Sendable {
        let update: ReferralUpdate
        let bundle: OutgoingBundle
        let record: ReferralRecord?
        let identity: OutboundIdentity
        /// False for a replay by hand of an update that was carried out.
        let isLeased: Bool
    }

    private func carryOut(_ work: Work, _ before: Settled?, since started: Timestamp) async throws(Halt) -> String {
        await publisher.turns.begin(work.update.referral)
        defer { publisher.turns.end(work.update.referral) }
        var sent: Sent?
        let settled: Settled
        if let before {
            hop.logger.notice("what became of the update was decided before a crash; going on with it")
            settled = before
        } else {
            let new = try await send(work)
            settled = try await remember(work, new.settled, sentAt: new.sentAt)
            sent = settled == new.settled ? new : nil
        }
        let outcome = try await tell(work, settled, sent, since: started)
        try await complete(work)
        try await forgetReply(work, settled)
        return outcome
    }

    /// To the hospital, and the operator where it was not carried out.
    ///
    /// - Parameter sent: Ocean's own answer, which is not kept over a crash: it may tell of the patient.
    private func tell(
        _ work: Work, _ settled: Settled, _ sent: Sent?, since started: Timestamp
    ) async throws(Halt) -> String {
        let (update, bundle, record) = (work.update, work.bundle, work.record)
        switch settled {
        case .delivered(let status, let attempts):
            let result =
                sent?.answer.map { delivered(update, $0, attempts: attempts, isReply: bundle.reply != nil) }
                ?? result(of: update, .delivered, attempts: attempts, status: status)
            try await publish(result, update, record, event: bundle.event)
            return "delivered"
        case .refused(let code, let detail, let status, let attempts):
            try await forget(work)
            let error = sent?.failure ?? OceanServiceError(code, detail, status: status)
            return try await refused(
                Refusal(service: error, of: update, record), update, record, event: bundle.event, attempts: attempts,
                since: started)
        case .stale(let staleness, let attempts):
            hop.note(.publish, "stale", detail: staleness.aspect, event: bundle.event)
            return try await refused(
                Refusal(stale: staleness), update, record, event: bundle.event, attempts: attempts, since: started,
                as: .stale)
        }
    }
}
