// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import RabbitMQ
import Synchronization

/// Sends webhooks as Ocean and updates as hospital systems would: again until they are taken, and within a referral the
/// next one only after the one before.
final class Traffic: Sendable {
    /// What a batch consists of.
    struct Plan: Sendable {
        var webhooks: Int
        var updates: Int
        /// Shares of webhooks that are no payload of Ocean's, and that kill the worker.
        var unparsable = 0.0
        var poison = 0.0
        /// Longest run of one referral's messages.
        var longest = 12
    }

    private struct State {
        var referrals = 0
        var webhooks = 0
        var updates = 0
        var generator: SeededGenerator
        var isPaused = false
    }

    private let bench: FaultBench
    private let state: Mutex<State>
    /// Accepted and not yet received messages beyond which the generator waits, so that faults meet every stage.
    private let backlogLimit: Int

    init(_ bench: FaultBench) {
        self.bench = bench
        state = Mutex(State(generator: SeededGenerator(seed: bench.options.seed)))
        backlogLimit = bench.options.isShort ? 150 : 600
    }

    static func isWebhook(_ referral: String) -> Bool { referral.hasPrefix("W-") || referral.hasPrefix(poisonPrefix) }

    /// The failpoint of the poison scenario looks for the part before the dash.
    static let poisonPrefix = "POISON-"

    func pause() { state.withLock { $0.isPaused = true } }
    func resume() { state.withLock { $0.isPaused = false } }

    /// Messages given out so far, whether taken or not.
    var begun: Int { state.withLock { $0.webhooks + $0.updates } }

    /// Sends a whole batch.
    ///
    /// - Parameter allowance: how many messages may have been begun by now; the generator waits for it to rise.
    func send(_ plan: Plan, allowance: @escaping @Sendable () -> Int = { .max }) async throws {
        let (firstWebhook, firstUpdate) = state.withLock { ($0.webhooks, $0.updates) }
        let base = firstWebhook + firstUpdate
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<bench.options.lanes {
                group.addTask {
                    while let batch = self.nextReferral(plan, since: firstWebhook) {
                        for number in 1...batch.count {
                            try await self.await(begun: allowance, since: base)
                            try await self.post(Marker(referral: batch.name, sequence: number), batch.kind)
                        }
                    }
                }
            }
            for _ in 0..<min(8, max(1, plan.updates)) where plan.updates > 0 {
                group.addTask {
                    while let batch = self.nextUpdates(plan, since: firstUpdate) {
                        let referral = try await self.newReferral()
                        for number in 1...batch.count {
                            try await self.await(begun: allowance, since: base)
                            let marker = Marker(referral: referral, sequence: number)
                            if batch.byAMQP {
                                try await self.publish(marker)
                            } else {
                                try await self.postUpdate(marker)
                            }
                        }
                    }
                }
            }
            // The first failure ends the others, which `waitForAll` would let run on.
            for try await _ in group {}
        }
    }

    private func nextReferral(
        _ plan: Plan, since first: Int
    ) -> (name: String, count: Int, kind: ProducerLog.Kind)? {
        state.withLock { state in
            let left = first + plan.webhooks - state.webhooks
            guard left > 0 else { return nil }
            state.referrals += 1
            let number = "\(bench.options.seed)-\(state.referrals)"
            let chance = Double.random(in: 0..<1, using: &state.generator)
            let longest = min(left, plan.longest)
            if chance < plan.unparsable * Double(plan.longest) / 2 {
                // As many referrals as make the share of messages.
                state.webhooks += 1
                return ("U-\(number)", 1, .unparsable)
            }
            if chance < (plan.unparsable + plan.poison) * Double(plan.longest) / 2 {
                state.webhooks += 1
                return (Self.poisonPrefix + number, 1, .poison)
            }
            let count = Int.random(in: 1...longest, using: &state.generator)
            state.webhooks += count
            return ("W-\(number)", count, .webhook)
        }
    }

    private func nextUpdates(_ plan: Plan, since first: Int) -> (count: Int, byAMQP: Bool)? {
        state.withLock { state in
            let left = first + plan.updates - state.updates
            guard left > 0 else { return nil }
            let count = min(left, Int.random(in: 5...25, using: &state.generator))
            state.updates += count
            return (count, Bool.random(using: &state.generator))
        }
    }

    /// Waits while the generator is paused, ahead of the faults, or far ahead of the hospital.
    private func await(begun allowance: @Sendable () -> Int, since base: Int) async throws {
        while true {
            let isPaused = state.withLock { $0.isPaused }
            let taken = bench.producer.webhooks + bench.producer.updates
            if !isPaused, taken - base < allowance(), bench.backlog < backlogLimit { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    // MARK: One message

    /// As Ocean does, but without its hours between attempts.
    private func post(_ marker: Marker, _ kind: ProducerLog.Kind) async throws {
        let text = kind == .unparsable ? WebhookBody.unparsable(marker) : WebhookBody.bundle(marker)
        try await again(marker, kind) {
            await bench.http.call(
                "POST", bench.files.ingress, contentType: "application/fhir+json", body: Array(text.utf8))?.status
        }
    }

    private func update(_ marker: Marker) -> ReferralUpdate {
        var update = ReferralUpdate(referral: marker.referral, site: BridgeFiles.site, action: .message)
        update.text = marker.text
        return update
    }

    private func postUpdate(_ marker: Marker) async throws {
        var update = update(marker)
        update.idempotencyKey = "\(marker)"
        let body = update.json.bytes()
        try await again(marker, .updateHTTP) {
            await bench.http.call("POST", "\(bench.files.operations)/api/v1/updates", body: body)?.status
        }
    }

    private func publish(_ marker: Marker) async throws {
        let message = Message(
            id: "\(marker)", source: "/hospital/faults", type: .updateRequested, subject: marker.referral,
            time: SystemClock().now(), body: update(marker).json.bytes())
        try await again(marker, .updateAMQP) {
            do throws(BusError) {
                try await bench.sending.publish(
                    message, to: .exchange(BusNames.updates, routingKey: marker.referral))
                return 202
            } catch {
                return nil
            }
        }
    }

    private func again(
        _ marker: Marker, _ kind: ProducerLog.Kind, _ attempt: () async -> Int?
    ) async throws {
        let started = SystemClock().now()
        var attempts = 0
        while true {
            attempts += 1
            let status = await attempt()
            if let status, (200..<300).contains(status) {
                bench.producer.note(
                    ProducerLog.Entry(
                        marker: marker, kind: kind, started: started, accepted: SystemClock().now(),
                        attempts: attempts))
                return
            }
            if let status, (400..<500).contains(status), status != 429 {
                throw FaultFailure("\(kind.rawValue) \(marker) was refused with \(status)")
            }
            try await Task.sleep(for: .milliseconds(min(1000, 50 << min(attempts, 5))))
        }
    }

    /// A referral in the pretend Ocean, for updates.
    private func newReferral() async throws -> String {
        let order: JSONValue = ["listing": .string(BridgeFiles.listing), "kind": "sparse"]
        let url = "\(bench.files.ocean)/sandbox/api/referrals"
        while true {
            if let answer = await bench.http.call("POST", url, body: order.bytes()), answer.status == 201,
                let reference = (try? JSONValue(parsing: answer.body))?["referralRef"]?.stringValue
            {
                return reference
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

extension FaultBench {
    /// Webhooks that were taken and did not reach the hospital yet.
    var backlog: Int { producer.webhooks - min(canonical.distinct, fhir.distinct) }
}
