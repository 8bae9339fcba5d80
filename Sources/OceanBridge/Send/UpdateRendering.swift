// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import Embedded
import FoundationEssentials
import Gateway
import HTTPTypes
import JSON
import NIOCore
import NIOHTTP1
import Ocean
import Workers

/// What an update would be sent as.
package struct RenderedUpdate: Sendable {
    /// The bundle, byte for byte as it would be posted; a list of bundles for a message with several changes.
    package let bundle: [UInt8]
    /// What an operator should know besides: dialect, event, what is missing or switched off.
    package let notes: [String]

    init(_ answer: JSONValue, source: String) throws {
        if let changes = answer["changes"]?.arrayValue {
            bundle = JSONValue.array(changes.compactMap { $0["bundle"] }).bytes()
            notes =
                changes.isEmpty
                ? ["Ocean shows this already, with \(source); nothing would be sent"]
                : changes.flatMap { Self.notes($0, source: source) }
            return
        }
        guard let bundle = answer["bundle"] else {
            throw SendError(isBadData: false, "\(source) answered without a bundle")
        }
        self.bundle = bundle.bytes()
        notes = Self.notes(answer, source: source)
    }

    private static func notes(_ answer: JSONValue, source: String) -> [String] {
        func text(_ name: String) -> String { answer[name]?.stringValue ?? "unknown" }
        var notes = ["\(text("action")) as \(text("event")) in dialect \(text("dialect")), with \(source); not sent"]
        if answer["referralKnown"]?.boolValue != true {
            notes.append(
                "the bridge does not know this referral: ids of its appointments and what Ocean sent of it are missing")
        }
        if let setting = answer["preventedBy"]?.stringValue {
            notes.append("with the present settings it would not be sent: \(setting)")
        }
        return notes
    }
}

extension UpdateSender {
    /// Renders the bundle that would be posted, with what the bridge knows of the referral: asks the running bridge, or
    /// looks into the store itself when none runs on this machine.
    ///
    /// - Throws: `SendError`.
    package func render(_ body: [UInt8]) async throws -> RenderedUpdate {
        guard !Self.isFormRequest(body) else {
            throw SendError(isBadData: true, "a form request has no bundle; a dry run is for updates")
        }
        let message = Message(
            id: UUIDv7Source().next(), source: "/hospital/send", type: .updateRequested, subject: nil,
            time: SystemClock().now(), body: body)
        if let rendered = try await renderedByBridge(message) { return rendered }
        return try await renderedHere(message)
    }

    /// Nil when no bridge listens there.
    private func renderedByBridge(_ message: Message) async throws -> RenderedUpdate? {
        let base = "http://\(settings.operationsListener.address)"
        var call = HTTPClientRequest(url: base + "/api/v1/updates/dry-run")
        call.method = .POST
        call.headers.add(name: "Content-Type", value: "application/cloudevents+json")
        if let token = settings.operationsListener.token {
            call.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        call.body = .bytes(ByteBuffer(bytes: message.structured().bytes()))
        let prepared = call
        return try await HTTPClient.withHTTPClient(configuration: Self.configuration) { client in
            let answer: (status: Int, body: [UInt8])
            do {
                let response = try await client.execute(prepared, timeout: .seconds(10))
                let body = try await response.body.collect(upTo: 64 << 20)
                answer = (Int(response.status.code), Array(body.readableBytesView))
            } catch {
                // Nobody there, or no answer: nothing was to be sent, so the store may as well be read here.
                return nil
            }
            return try Self.rendered(answer, source: "what the running bridge knows")
        }
    }

    private func renderedHere(_ message: Message) async throws -> RenderedUpdate {
        let store: SQLiteStateStore?
        do {
            // Opening makes the file: where there is none, nothing is known.
            store =
                FileManager.default.fileExists(atPath: settings.storePath)
                ? try settings.makeStore(Observability.logger(level: "error")) : nil
        } catch {
            throw SendError(
                isBadData: false,
                "no bridge answers at \(settings.operationsListener.address), and \(error.description)")
        }
        let desk = RehearsalDesk(
            rehearsal: UpdateRehearsal(
                reader: OceanUpdateReader(statusMaps: settings.ocean.statusMaps), writer: OceanUpdateWriter(),
                settings: settings.publisherSettings(holder: "rehearsal"),
                record: { (referral) async throws(StoreError) in try await store?.referral(referral) }))
        let answer = await desk.answer(message)
        await store?.shutdown()
        return try Self.rendered(
            (answer.status.code, answer.body),
            source: store == nil ? "no store: \(settings.storePath) does not exist" : "the store \(settings.storePath)")
    }

    private static func rendered(_ answer: (status: Int, body: [UInt8]), source: String) throws -> RenderedUpdate {
        let json = try? JSONValue(parsing: answer.body)
        guard answer.status == 200, let json else {
            let detail = json?["detail"]?.stringValue ?? json?["title"]?.stringValue ?? "no reason given"
            throw SendError(
                isBadData: (400..<500).contains(answer.status) && answer.status != 401 && answer.status != 404,
                "status \(answer.status): \(detail)")
        }
        return try RenderedUpdate(json, source: source)
    }
}
