// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import RabbitMQ

/// The hospital's systems: they write down what comes, then acknowledge it.
extension FaultBench {
    func receive(_ group: inout ThrowingTaskGroup<Void, any Error>) async throws {
        let readers: [(String, @Sendable (Delivery) -> Void)] = [
            (Self.canonicalQueue, { self.noteCanonical($0) }), (Self.fhirQueue, { self.noteFHIR($0) }),
            (Self.resultsQueue, { self.noteResult($0) }),
            (BusNames.deadLetters, { self.note($0, in: self.deadLetters) }),
            (BusNames.invalid, { self.note($0, in: self.invalid) }),
        ]
        for (queue, read) in readers {
            let subscription = try await receiving.subscribe(to: queue, prefetch: Self.prefetch)
            group.addTask {
                for await delivery in subscription.deliveries {
                    read(delivery)
                    do throws(BusError) {
                        try await delivery.ack()
                    } catch {
                        // The connection is gone: the broker hands it out again, marked as redelivered.
                        self.events.write("\(SystemClock().now()) ack lost on \(queue): \(error.reason)")
                    }
                }
            }
        }
    }

    private func receipt(_ delivery: Delivery) -> ReceiverLog.Receipt {
        ReceiverLog.Receipt(
            time: SystemClock().now(), id: delivery.message.id, isRedelivered: delivery.redelivered)
    }

    private func noteCanonical(_ delivery: Delivery) {
        let body = delivery.message.body
        guard let marker = Marker.find(in: body), producerMade(marker) else {
            // Ocean's own webhooks: echoes of our updates.
            canonical.noteOther(Bytes.member("bundleId", in: body) ?? delivery.message.id)
            return
        }
        let sent = WebhookBody.escaped(WebhookBody.bundle(marker))
        canonical.note(
            marker, receipt(delivery), isWhole: Bytes.find(sent, in: body, from: 0) != nil,
            isLate: delivery.message.attributes.late)
    }

    private func noteFHIR(_ delivery: Delivery) {
        guard let marker = Marker.find(in: delivery.message.body), producerMade(marker) else { return }
        fhir.note(marker, receipt(delivery), isLate: delivery.message.attributes.late)
    }

    /// Updates carry a marker too, and come back from Ocean as echoes.
    private func producerMade(_ marker: Marker) -> Bool { Traffic.isWebhook(marker.referral) }

    private func noteResult(_ delivery: Delivery) {
        let body = delivery.message.body
        // The marker is the update's key by HTTP, and its message id by AMQP.
        guard let key = Bytes.member("idempotencyKey", in: body) ?? Bytes.member("updateId", in: body),
            let marker = Marker(key)
        else {
            results.noteOther(delivery.message.id)
            return
        }
        let outcome = Bytes.member("outcome", in: body) ?? "none"
        // Said meanwhile; the last word follows.
        if outcome == UpdateOutcome.parked.rawValue { return results.noteOther(delivery.message.id) }
        results.note(marker, receipt(delivery), isWhole: outcome == UpdateOutcome.delivered.rawValue)
    }

    private func note(_ delivery: Delivery, in log: ReceiverLog) {
        let reason = delivery.message.headers["x-reason"]?.text ?? delivery.message.headers["reason"]?.text ?? "none"
        events.write("\(SystemClock().now()) \(log.name): \(delivery.message.id) \(reason)")
        if let marker = Marker.find(in: delivery.message.body) {
            log.note(marker, receipt(delivery))
        } else {
            log.noteOther("\(delivery.message.id) \(reason)")
        }
    }
}

extension Marker {
    /// Reads `REFERRAL/SEQUENCE`.
    init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let sequence = Int(parts[1]) else { return nil }
        self.init(referral: String(parts[0]), sequence: sequence)
    }
}
