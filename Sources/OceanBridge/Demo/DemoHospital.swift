// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The hospital systems of the demo: they bind queues, read what arrives and answer, as real ones would on the bus.
struct DemoHospital: Sendable {
    let bus: any MessageBus
    let board: DemoBoard
    let clock: any WallClock
    let ids: UUIDv7Source
    let say: @Sendable (String, String) -> Void

    private static let exchanges = [BusNames.hospitalFHIR, BusNames.hospitalOcean, BusNames.hospitalCanonical]

    /// Binds the queues; must be done before the first referral is sent.
    func bind() async throws(BusError) {
        for exchange in Self.exchanges {
            try await bus.bind(queue: "demo.\(exchange)", to: exchange, routingKey: "#")
        }
        try await bus.bind(queue: "demo.results", to: BusNames.results, routingKey: "#")
    }

    /// Works until cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for exchange in Self.exchanges {
                let subscription = try await bus.subscribe(to: "demo.\(exchange)", prefetch: 16)
                group.addTask {
                    for await delivery in subscription.deliveries {
                        try await receive(delivery, from: exchange)
                        try await delivery.ack()
                    }
                }
            }
            let results = try await bus.subscribe(to: "demo.results", prefetch: 16)
            group.addTask {
                for await delivery in results.deliveries {
                    try await result(delivery.message)
                    try await delivery.ack()
                }
            }
            try await group.waitForAll()
        }
    }

    private func receive(_ delivery: Delivery, from exchange: String) async throws {
        let message = delivery.message
        let reference = message.subject ?? "?"
        let json = try JSONValue(parsing: message.body)
        if message.type == .documentAvailable {
            if exchange == BusNames.hospitalCanonical { try await document(json, reference, on: delivery.routingKey) }
            return
        }
        if message.type == .hookFeedback {
            say("hospital", "hears on \(delivery.routingKey) how the sender took the cards")
            return
        }
        let form =
            switch exchange {
            case BusNames.hospitalFHIR: "FHIR \(json["resourceType"]?.stringValue ?? "?")"
            case BusNames.hospitalOcean: "Ocean JSON"
            default: "canonical"
            }
        let mark = message.attributes.echo ? ", echo of our own change" : ""
        let short = DemoPrinter.short(reference)
        say("hospital", "\(short) \(message.type.shortName) as \(form) on \(delivery.routingKey)\(mark)")
        if message.attributes.echo {
            if exchange == BusNames.hospitalCanonical { await board.echoed(reference) }
            return
        }
        await board.arrived(reference, exchange: exchange)
        let isNew = message.type == .referralReceived || message.type == .referralForwarded
        if exchange == BusNames.hospitalFHIR, isNew,
            let first = DemoScript.service(message.attributes.service)?.answers.first
        {
            try await answer(first, reference)
        }
    }

    private func document(_ json: JSONValue, _ reference: String, on routingKey: String) async throws {
        var unknown: [JSONPointer] = []
        let notice = try DocumentAvailable(json: json, at: .root, unknown: &unknown)
        say(
            "hospital",
            "\(DemoPrinter.short(reference)) \(notice.document.kind.rawValue) on \(routingKey): "
                + "\(notice.document.contentType ?? "?"), \(notice.document.size ?? 0) bytes, "
                + "sha256 \(notice.sha256.prefix(12))…, \(notice.fetch)")
        await board.document(notice.id, of: reference)
    }

    private func result(_ message: Message) async throws {
        var unknown: [JSONPointer] = []
        let result = try UpdateResult(json: JSONValue(parsing: message.body), at: .root, unknown: &unknown)
        say(
            "hospital",
            "\(DemoPrinter.short(result.referral)) result: \(result.action.rawValue) \(result.outcome.rawValue)")
        await board.result(result.referral, action: result.action, outcome: result.outcome)
        guard result.outcome == .delivered,
            let row = await board.rows.first(where: { $0.reference == result.referral }),
            let place = row.answers.firstIndex(of: result.action), place + 1 < row.answers.count
        else { return }
        try await answer(row.answers[place + 1], result.referral)
    }

    private func answer(_ action: UpdateAction, _ reference: String) async throws {
        let update = DemoScript.update(action, for: reference, now: clock.now())
        let message = Message(
            id: ids.next(), source: "/hospital/demo", type: .updateRequested, subject: reference, time: clock.now(),
            attributes: MessageAttributes(site: DemoScript.site), trace: .root(), body: update.json.bytes())
        say("hospital", "\(DemoPrinter.short(reference)) answers \(action.rawValue) on \(BusNames.updates)")
        try await bus.publish(message, to: .exchange(BusNames.updates, routingKey: reference))
    }
}
