// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import JSON
import NIOCore
import NIOHTTP1
import Ocean
import RabbitMQ

/// Puts one update, or one form request, on the bus as a hospital system would.
package struct UpdateSender: Sendable {
    let settings: Settings

    package init(settings: Settings) {
        self.settings = settings
    }

    /// - Returns: the id of the message, once it is durable.
    /// - Throws: `SendError`.
    package func send(_ body: [UInt8]) async throws -> String {
        let id = UUIDv7Source().next()
        let now = SystemClock().now()
        var message = Message(
            id: id, source: "/hospital/send", type: .updateRequested, subject: nil, time: now, trace: .root(),
            body: body)
        if Self.isFormRequest(body) { return try await send(form: message) }
        do throws(TranslationError) {
            let update = try OceanUpdateReader(statusMaps: settings.ocean.statusMaps).read(message)
            message.subject = update.referral
            message.attributes.site = update.site
        } catch {
            throw SendError(isBadData: true, error.description)
        }
        return settings.bus.isEmbedded
            ? try await throughListener(message, to: "updates") : try await toBroker(message, BusNames.updates)
    }

    /// The members that only a form request has.
    static func isFormRequest(_ body: [UInt8]) -> Bool {
        guard let json = try? JSONValue(parsing: body) else { return false }
        return json["forms"]?.arrayValue != nil && json["referral"] == nil && json["resourceType"] == nil
    }

    private func send(form message: Message) async throws -> String {
        var message = message
        message.type = .formRequested
        do throws(TranslationError) {
            let request = try FormRequestReader.read(message.body)
            message.attributes.site = request.site
            // With the embedded bus the running bridge names the lane, by its own secret.
            if let ref = request.patientRef { message.subject = "patient-\(request.site)-\(ref)" }
        } catch {
            throw SendError(isBadData: true, error.description)
        }
        if settings.bus.isEmbedded { return try await throughListener(message, to: "forms") }
        message.subject = message.subject ?? message.id
        return try await toBroker(message, BusNames.forms)
    }

    private func toBroker(_ message: Message, _ exchange: String) async throws -> String {
        let bus: RabbitMQBus
        do {
            let logger = Observability.logger(level: "error")
            try settings.checkLibrary(LibraryRevision.judge(), logger)
            bus = RabbitMQBus(configuration: try settings.rabbitMQ(), logger: logger)
        } catch {
            throw SendError(isBadData: false, "\(error)")
        }
        let outcome: Result<Void, BusError>
        do throws(BusError) {
            try await bus.publish(
                message, to: .exchange(exchange, routingKey: message.subject ?? ""))
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await bus.shutdown()
        do {
            try outcome.get()
        } catch {
            throw SendError(isBadData: false, "\(error.description); is `ocean-bridge serve` set up on this broker?")
        }
        return message.id
    }

    /// The embedded bus belongs to the running bridge: it takes the update over HTTP.
    private func throughListener(_ message: Message, to path: String) async throws -> String {
        let address = settings.operationsListener.address
        let url = "http://\(address)/api/v1/\(path)"
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/cloudevents+json")
        if let token = settings.operationsListener.token {
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        request.body = .bytes(ByteBuffer(bytes: message.structured().bytes()))
        let prepared = request
        return try await HTTPClient.withHTTPClient(configuration: Self.configuration) { client in
            let response: HTTPClientResponse
            let answer: ByteBuffer
            do {
                response = try await client.execute(prepared, timeout: .seconds(30))
                answer = try await response.body.collect(upTo: 1 << 16)
            } catch {
                throw SendError(
                    isBadData: false, "no answer from \(url); with the embedded bus `ocean-bridge serve` must run")
            }
            let json = try? JSONValue(parsing: Array(answer.readableBytesView))
            guard response.status.code == 202, let id = json?["id"]?.stringValue else {
                let detail = json?["detail"]?.stringValue ?? json?["title"]?.stringValue ?? "no reason given"
                throw SendError(
                    isBadData: (400..<500).contains(response.status.code),
                    "\(url) answered \(response.status.code): \(detail)")
            }
            return id
        }
    }

    static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        return configuration
    }
}

/// Why an update could not be sent.
package struct SendError: Error, Sendable, CustomStringConvertible {
    /// The update itself is at fault.
    package let isBadData: Bool
    package let description: String

    init(isBadData: Bool, _ description: String) {
        self.isBadData = isBadData
        self.description = description
    }
}
