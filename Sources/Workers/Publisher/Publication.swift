// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
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
        return try await carryOut(request, since: started)
    }

    /// One update, in the bundle that Ocean wants.
    func carryOut(_ update: ReferralUpdate, _ record: ReferralRecord?, since started: Timestamp) async throws(Halt)
        -> String
    {
        let key = key(update)
        let hasIdentity =
            update.idempotencyKey != nil || !message.id.hasPrefix(Message.fallbackIDPrefix)
            || DeadLetter.replayIdentity(of: message) != nil
        if try await isDuplicate(key, hasIdentity: hasIdentity) {
            hop.note(.publish, "duplicate")
            return "duplicate"
        }
        do throws(Halt) {
            let bundle: OutgoingBundle
            switch try await write(update, record) {
            case .bundle(let written): bundle = written
            case .refused(let refusal, let attempts):
                let outcome = try await refused(
                    refusal, update, record, event: nil, attempts: attempts, since: started)
                // Nothing was sent: corrected, it may come again under the same key.
                await release(key)
                return outcome
            }
            return try await carryOut(update, bundle, record, key, since: started)
        } catch {
            await release(key)
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
            written = .bundle(try publisher.writer.bundle(for: update, in: context(for: update, record)))
        } catch {
            written = .refused(Refusal(translation: error), attempts: tally.failures)
        }
        await window.close()
        return written
    }

    private func carryOut(
        _ update: ReferralUpdate, _ bundle: OutgoingBundle, _ record: ReferralRecord?, _ key: String,
        since started: Timestamp
    ) async throws(Halt) -> String {
        // Before the call: the echo may arrive sooner than the answer.
        for fingerprint in bundle.fingerprints {
            try await store("remember") { () async throws(StoreError) in
                try await publisher.store.remember(
                    fingerprint: fingerprint, referral: update.referral, now: publisher.clock.now())
            }
        }
        let outcome: String
        switch try await send(bundle, for: update, key) {
        case .delivered(let answer, let attempts):
            try await remember(update, bundle, record)
            let result = result(of: update, .delivered, attempts: attempts, status: answer.status)
            try await publish(result, update, record, event: bundle.event)
            outcome = "delivered"
        case .refused(let error, let attempts):
            outcome = try await refused(
                Refusal(service: error), update, record, event: bundle.event, attempts: attempts, since: started)
        }
        try await complete(key)
        return outcome
    }

    private func context(for update: ReferralUpdate, _ record: ReferralRecord?) -> UpdateContext {
        let settings = publisher.settings
        // 0.12 is read, never written; the referral of such a site is answered as the settings say.
        let spoken = record?.dialect.flatMap { Dialect(rawValue: $0) }.flatMap {
            $0.isFHIR && $0 != .fhir012 ? $0 : nil
        }
        return UpdateContext(
            dialect: spoken ?? settings.dialects[update.site] ?? settings.defaultDialect,
            oceanHost: settings.oceanHost, sourceEndpoint: settings.sourceEndpoint, messageID: message.id,
            messageTime: message.time, record: record,
            conventions: settings.conventions[update.site] ?? UpdateConventions())
    }

    /// The hospital's own key where it gives one: the same key twice for one referral is the same update.
    func key(_ update: ReferralUpdate) -> String {
        if let identity = DeadLetter.replayIdentity(of: message) {
            return "replay|\(identity)" + (part.isEmpty ? "" : "|\(part)")
        }
        let own = update.idempotencyKey.map { "key|\($0)" } ?? "message|\(message.id)"
        return "update|\(update.site)|\(update.referral)|\(own)"
    }
}
