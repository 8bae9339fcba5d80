// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import JSON
import NIOCore
import NIOHTTP1

/// A hospital system that speaks to the bridge over HTTP: the same calls on both buses.
struct HospitalSide: Sendable {
    let address: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
        /// By lower-case name.
        var headers: [String: String] = [:]

        var json: JSONValue? { try? JSONValue(parsing: body) }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    static func call(
        _ method: String, _ url: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let prepared = request
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            let response = try await client.execute(prepared, timeout: .seconds(40))
            let body = try await response.body.collect(upTo: 16 << 20)
            var headers: [String: String] = [:]
            for (name, value) in response.headers { headers[name.lowercased()] = value }
            return Answer(
                status: Int(response.status.code), body: Array(body.readableBytesView), headers: headers)
        }
    }

    private func call(_ method: String, _ path: String, _ json: JSONValue? = nil) async throws -> Answer {
        try await Self.call(
            method, address + path, headers: json == nil ? [] : [("Content-Type", "application/json")],
            body: json?.bytes())
    }

    /// Start-up takes the time that a broker needs; `/readyz` is asked again until it says yes.
    ///
    /// - Parameter withoutReasons: also wait for the end of what it says beside that.
    @discardableResult
    func untilReady(withoutReasons: Bool = false) async throws -> Answer {
        var last = "no answer"
        for _ in 0..<600 {
            let answer = try await call("GET", "/readyz")
            if answer.status == 200, !withoutReasons || answer.json?["reasons"] == nil { return answer }
            last = answer.text
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "not ready: \(last)")
    }

    func get(_ path: String) async throws -> Answer { try await call("GET", path) }

    func post(_ path: String, _ json: JSONValue) async throws -> Answer { try await call("POST", path, json) }

    func bind(_ queue: String, to exchanges: [String], key: String = "#") async throws {
        let bindings: [JSONValue] = exchanges.map { ["exchange": .string($0), "routingKey": .string(key)] }
        let answer = try await call("PUT", "/api/v1/queues/\(queue)/bindings", ["bindings": .array(bindings)])
        guard answer.status == 204 else { throw Failure(description: "bind: \(answer.status) \(answer.text)") }
    }

    struct Received: Sendable {
        let receipt: String
        let message: Message
        /// The message's body as JSON.
        let data: JSONValue
    }

    /// Receives and acknowledges until `count` messages have come.
    ///
    /// - Throws: when they do not come within half a minute.
    func receive(_ count: Int, from queue: String) async throws -> [Received] {
        var output: [Received] = []
        var deadline = ContinuousClock.now + .seconds(60)
        while output.count < count {
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "\(output.count) of \(count) messages on \(queue)")
            }
            let some = try await receiveSome(upTo: count - output.count, from: queue)
            if !some.isEmpty { deadline = .now + .seconds(60) }
            output += some
        }
        return output
    }

    /// Receives and acknowledges what comes within five seconds.
    func receiveSome(upTo maximum: Int, from queue: String) async throws -> [Received] {
        let answer = try await call("POST", "/api/v1/queues/\(queue)/receive?max=\(maximum)&wait=5")
        guard answer.status == 200 || answer.status == 204 else {
            throw Failure(description: "receive: \(answer.status) \(answer.text)")
        }
        var output: [Received] = []
        var receipts: [JSONValue] = []
        for entry in answer.json?["messages"]?.arrayValue ?? [] {
            guard let event = entry["message"], let receipt = entry["receipt"]?.stringValue else { continue }
            let message = try Message(structured: event)
            output.append(Received(receipt: receipt, message: message, data: try JSONValue(parsing: message.body)))
            receipts.append(.string(receipt))
        }
        if !receipts.isEmpty {
            let acked = try await call("POST", "/api/v1/queues/\(queue)/ack", ["receipts": .array(receipts)])
            guard acked.status == 200 else { throw Failure(description: "ack: \(acked.status) \(acked.text)") }
        }
        return output
    }

    /// Receives until messages of all these causes have come; repetitions under one id are left out.
    ///
    /// - Throws: when none of them comes for 90 seconds.
    func receive(causes: Set<String>, from queue: String) async throws -> [Received] {
        var output: [Received] = []
        var ids: Set<String> = []
        var missing = causes
        var deadline = ContinuousClock.now + .seconds(90)
        while !missing.isEmpty {
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "\(missing.count) of \(causes.count) messages are missing on \(queue)")
            }
            for received in try await receiveSome(upTo: 20, from: queue)
            where ids.insert(received.message.id).inserted {
                output.append(received)
                deadline = .now + .seconds(90)
                if let cause = received.message.attributes.causationID { missing.remove(cause) }
            }
        }
        return output
    }

    /// Receives until a message fits; earlier ones are acknowledged and left out.
    func receive(from queue: String, where fits: (Received) -> Bool) async throws -> Received {
        for _ in 0..<100 {
            for received in try await receive(1, from: queue) where fits(received) { return received }
        }
        throw Failure(description: "no message on \(queue) fits")
    }

    /// Sends an update; returns the message id.
    @discardableResult
    func send(_ update: ReferralUpdate) async throws -> String {
        let answer = try await call("POST", "/api/v1/updates", update.json)
        guard answer.status == 202, let id = answer.json?["id"]?.stringValue else {
            throw Failure(description: "update: \(answer.status) \(answer.text)")
        }
        return id
    }
}
