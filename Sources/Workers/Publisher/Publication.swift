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

    var message: Message { delivery.message }

    /// - Returns: the outcome for the metric.
    func run() async throws(Halt) -> String {
        let started = tally.firstAt ?? publisher.clock.now()
        // While Ocean is down nothing is held.
        guard !publisher.availability.isDown else { throw Halt() }
        if let crashes = try await enter() { return try await setAside(crashes, since: started) }
        Failpoint.write.hit(message.subject ?? message.id)
        let update: ReferralUpdate
        do throws(TranslationError) {
            update = try publisher.reader.read(message)
        } catch {
            await window.close()
            return try await unreadable(error, since: started)
        }
        await window.close()
        let record = try await store("record") { () async throws(StoreError) in
            try await publisher.store.referral(update.referral)
        }
        if let refusal = publisher.settings.refusal(of: update) {
            return try await refused(
                refusal, update, record, event: nil, attempts: tally.failures, since: started)
        }
        if let crashes = try await enter("write") {
            return try await refused(
                Refusal(crashes: crashes), update, record, event: nil, attempts: crashes, since: started)
        }
        let bundle: OutgoingBundle
        do throws(TranslationError) {
            bundle = try publisher.writer.bundle(
                for: update, in: publisher.settings.context(of: update, message, record))
        } catch {
            await window.close()
            return try await refused(
                Refusal(translation: error), update, record, event: nil, attempts: tally.failures, since: started)
        }
        await window.close()
        if publisher.settings.sites[update.site]?.isDryRun == true {
            return try await rehearsed(update, bundle, record)
        }
        let key = Self.key(update, message)
        let hasIdentity =
            update.idempotencyKey != nil || !message.id.hasPrefix(Message.fallbackIDPrefix)
            || DeadLetter.replayIdentity(of: message) != nil
        if try await isDuplicate(key, hasIdentity: hasIdentity) {
            hop.note(.publish, "duplicate")
            return "duplicate"
        }
        do throws(Halt) {
            return try await carryOut(update, bundle, record, key, since: started)
        } catch {
            await release(key)
            throw error
        }
    }

    private func carryOut(
        _ update: ReferralUpdate, _ bundle: OutgoingBundle, _ record: ReferralRecord?, _ key: String,
        since started: Timestamp
    ) async throws(Halt) -> String {
        await publisher.turns.begin(update.referral)
        defer { publisher.turns.end(update.referral) }
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
            let result = delivered(update, answer, attempts: attempts)
            try await publish(result, update, record, event: bundle.event)
            outcome = "delivered"
        case .refused(let error, let attempts):
            outcome = try await refused(
                Refusal(service: error, of: update, record), update, record, event: bundle.event, attempts: attempts,
                since: started)
        }
        try await complete(key)
        return outcome
    }

    /// The hospital's own key where it gives one: the same key twice for one referral is the same update.
    private static func key(_ update: ReferralUpdate, _ message: Message) -> String {
        if let identity = DeadLetter.replayIdentity(of: message) { return "replay|\(identity)" }
        let own = update.idempotencyKey.map { "key|\($0)" } ?? "message|\(message.id)"
        return "update|\(update.site)|\(update.referral)|\(own)"
    }
}
