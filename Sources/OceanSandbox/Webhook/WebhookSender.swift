// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Posts to webhooks as Ocean does: anything but a 20x is tried again by the schedule, and order is kept only among
/// first attempts of one reference.
final class WebhookSender: Sendable {
    private static let laneCount = 8

    let book = DeliveryBook()
    let authorization: WebhookAuthorization
    private let webhooks: Mutex<[String: PretendWebhook]>
    private let client = Mutex<HTTPClient?>(nil)
    private let lanes: [(stream: AsyncStream<WebhookDelivery>, input: AsyncStream<WebhookDelivery>.Continuation)]
    private let retries: RetrySchedule
    private let timeout: TimeAmount
    private let faults: FaultSwitchboard
    private let hub: EventHub
    private let journal: Journal?
    private let clock: any WallClock
    private let logger: Logger

    init(
        _ configuration: PretendOceanConfiguration, faults: FaultSwitchboard, hub: EventHub, journal: Journal?,
        clock: any WallClock, logger: Logger
    ) {
        webhooks = Mutex(
            Dictionary(configuration.webhooks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
        lanes = (0..<Self.laneCount).map { _ in
            let (stream, input) = AsyncStream.makeStream(of: WebhookDelivery.self)
            return (stream, input)
        }
        retries = configuration.retries
        timeout = .seconds(Int64(configuration.answerTimeout))
        authorization = WebhookAuthorization(timeout: timeout)
        self.faults = faults
        self.hub = hub
        self.journal = journal
        self.clock = clock
        self.logger = logger
    }

    func webhook(_ name: String) -> PretendWebhook? { webhooks.withLock { $0[name] } }

    /// Takes over the settings of a webhook, new or known.
    func set(_ webhook: PretendWebhook) {
        webhooks.withLock { $0[webhook.name] = webhook }
        authorization.forget(webhook.name)
    }

    func enqueue(_ delivery: WebhookDelivery) {
        book.open(delivery)
        let lane = Int(delivery.reference.utf8.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) } % UInt32(Self.laneCount))
        lanes[lane].input.yield(delivery)
    }

    /// Calls may be made from now on, also before deliveries are sent.
    func attach(_ client: HTTPClient) { self.client.withLock { $0 = client } }

    /// Sends until the task is cancelled.
    func run(with client: HTTPClient) async {
        self.client.withLock { $0 = client }
        await withDiscardingTaskGroup { group in
            for lane in lanes { group.addTask { await self.drain(lane.stream) } }
        }
        self.client.withLock { $0 = nil }
    }

    private func drain(_ lane: AsyncStream<WebhookDelivery>) async {
        await withDiscardingTaskGroup { group in
            for await delivery in lane {
                // Nobody hears of a change that a crash could still undo.
                if let journal, await !journal.settle() { continue }
                if await !attempt(delivery, number: 1) { group.addTask { await self.retry(delivery) } }
            }
            group.cancelAll()
        }
    }

    private func retry(_ delivery: WebhookDelivery) async {
        var number = 1
        while let wait = retries.wait(afterAttempt: number), !Task.isCancelled {
            do {
                try await Task.sleep(for: wait)
            } catch {
                return
            }
            number += 1
            if await attempt(delivery, number: number) { return }
        }
    }

    /// - Returns: whether a 20x came back.
    private func attempt(_ delivery: WebhookDelivery, number: Int) async -> Bool {
        var attempt = DeliveryAttempt()
        attempt.time = clock.now()
        do throws(WebhookFailure) {
            attempt.status = try await post(delivery)
        } catch {
            attempt.failure = error.message
        }
        // A shutdown in the middle of a call is no answer of the receiver.
        guard !Task.isCancelled else { return false }
        let isDelivered = attempt.status.map { (200..<300).contains($0) } ?? false
        let isLast = isDelivered || retries.wait(afterAttempt: number) == nil
        let state: DeliveryState = isDelivered ? .delivered : isLast ? .abandoned : .pending
        book.note(attempt, of: delivery.id, state: state)
        if state != .pending { journal?.append(ended(delivery, state, attempts: number)) }
        if !isDelivered {
            logger.info(
                "The webhook did not answer 20x",
                metadata: [
                    "webhook": "\(delivery.webhook)", "attempt": "\(number)",
                    "answer": "\(attempt.status.map(String.init) ?? attempt.failure ?? "none")",
                ])
        }
        hub.publish(
            .webhookAttempt(
                WebhookAttempt(
                    webhook: delivery.webhook, reference: delivery.reference, event: delivery.event, number: number,
                    status: attempt.status, isDelivered: isDelivered, isLast: isLast)))
        return isDelivered
    }

    private func ended(_ delivery: WebhookDelivery, _ state: DeliveryState, attempts: Int) -> JournalEntry {
        var entry = JournalEntry(.delivered)
        entry.time = clock.now()
        entry.reference = delivery.reference
        entry.event = delivery.event
        entry.delivery = delivery.id
        entry.webhook = delivery.webhook
        entry.state = state
        entry.attempts = attempts
        return entry
    }

    private func post(_ delivery: WebhookDelivery) async throws(WebhookFailure) -> Int {
        let fault = faults.strike(\.webhook)
        if let delay = fault?.delay, delay > 0 {
            do {
                try await Task.sleep(for: .milliseconds(delay))
            } catch {
                throw WebhookFailure("shut down")
            }
        }
        if fault?.drop == true { throw WebhookFailure("not sent (fault)") }
        if let status = fault?.status, fault?.dropAnswer != true { return status }
        let answer = try await call(delivery.webhook, body: delivery.body, contentType: delivery.contentType)
        if fault?.dropAnswer == true { throw WebhookFailure("the answer was lost (fault)") }
        return answer.status
    }

    /// What a fault puts in the place of Ocean's address in the next bundle.
    func foreignDocumentHost() -> String? { faults.strikeDocument(inBundle: true)?.target }

    /// One authenticated POST.
    func call(
        _ name: String, body: [UInt8], contentType: String
    ) async throws(WebhookFailure) -> (status: Int, body: [UInt8]) {
        guard let webhook = webhook(name), !webhook.url.isEmpty else {
            throw WebhookFailure("the webhook has no URL")
        }
        return try await exchange(
            .POST, webhook.url, as: webhook, body: body, contentType: contentType, timeout: timeout)
    }

    /// One authenticated request; a token that is refused is forgotten.
    ///
    /// - Parameter credentials: whose authentication is used; its name names the token.
    func exchange(
        _ method: HTTPMethod, _ url: String, as credentials: PretendWebhook, body: [UInt8]?,
        contentType: String = "application/json", timeout: TimeAmount
    ) async throws(WebhookFailure) -> (status: Int, body: [UInt8]) {
        guard let client = client.withLock({ $0 }) else { throw WebhookFailure("the sandbox is not running") }
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "User-Agent", value: "OceanBridgeSandbox")
        if let header = try await authorization.header(for: credentials, client: client) {
            request.headers.add(name: header.name, value: header.value)
        }
        if let body {
            request.headers.add(name: "Content-Type", value: contentType)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        do {
            let response = try await client.execute(request, deadline: .now() + timeout)
            let status = Int(response.status.code)
            if status == 401 { authorization.forget(credentials.name) }
            let answer = try await response.body.collect(upTo: 1 << 20)
            return (status, Array(answer.readableBytesView))
        } catch {
            throw WebhookFailure("no answer: \(type(of: error)) \(error)")
        }
    }
}

/// A webhook call without an answer.
struct WebhookFailure: Error, Sendable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
