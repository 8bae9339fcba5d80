// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
package import BridgeCore
import Embedded
import Gateway
import HTTPTypes
package import JSON
import NIOCore
import NIOHTTP1
import Workers

/// Asks the running bridge about dead letters; when none runs on this machine, opens bus and store itself.
package struct DeadLetterCall: Sendable {
    private let settings: Settings

    package init(settings: Settings) {
        self.settings = settings
    }

    /// - Throws: `DeadLetterFailure`.
    package func ask(_ request: DeadLetterRequest) async throws -> JSONValue {
        if let fault = request.fault { throw DeadLetterFailure(kind: .refused, description: fault) }
        let (status, body) =
            if let answer = try await throughListener(request) { answer } else { try await here(request) }
        let json = try? JSONValue(parsing: body)
        guard status == 200, let json else {
            let detail = json?["detail"]?.stringValue ?? json?["title"]?.stringValue ?? "no reason given"
            let kind: DeadLetterFailure.Kind =
                switch status {
                case 404: .notFound
                case 400..<500: .refused
                default: .unavailable
                }
            throw DeadLetterFailure(kind: kind, description: detail)
        }
        return json
    }

    private func isBridgeListening(_ client: HTTPClient) async -> Bool {
        do {
            let answer = try await client.execute(
                HTTPClientRequest(url: "http://\(settings.operationsListener.address)/livez"), timeout: .seconds(3))
            return answer.status.code == 200
        } catch {
            // Nobody there: the command does it itself, and says so when it cannot.
            return false
        }
    }

    /// Nil when no bridge listens there.
    private func throughListener(_ request: DeadLetterRequest) async throws -> (status: Int, body: [UInt8])? {
        let base = "http://\(settings.operationsListener.address)/api/v1/dead-letters"
        var call = HTTPClientRequest(url: base + Self.path(request))
        if let token = settings.operationsListener.token {
            call.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        switch request.action {
        case .list, .show: break
        case .replay, .discard:
            call.method = .POST
            call.headers.add(name: "Content-Type", value: "application/json")
            call.body = .bytes(ByteBuffer(bytes: request.json.bytes()))
        }
        let prepared = call
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(3)
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            guard await isBridgeListening(client) else { return nil }
            do {
                let response = try await client.execute(prepared, timeout: .seconds(600))
                let body = try await response.body.collect(upTo: 256 << 20)
                return (Int(response.status.code), Array(body.readableBytesView))
            } catch {
                // It may have been done: doing it again here could do it twice.
                throw DeadLetterFailure(
                    kind: .unavailable,
                    description: "no answer from \(base): look with `dead-letters list` before you repeat it")
            }
        }
    }

    /// With the bus and the store of the settings; both refuse when a bridge has the files.
    private func here(_ request: DeadLetterRequest) async throws -> (status: Int, body: [UInt8]) {
        let logger = Observability.logger(level: "error")
        let store: SQLiteStateStore
        let bus: any MessageBus
        do throws(StartError) {
            store = try settings.makeStore(logger)
        } catch {
            throw unreachable(error)
        }
        do throws(StartError) {
            bus = try settings.makeBus(logger)
        } catch {
            await store.shutdown()
            throw unreachable(error)
        }
        let answer = await DeadLetterCounter(desk: DeadLetterDesk(bus: bus, book: store, logger: logger))
            .answer(request)
        await bus.shutdown()
        await store.shutdown()
        return (answer.status.code, answer.body)
    }

    private func unreachable(_ error: StartError) -> DeadLetterFailure {
        DeadLetterFailure(
            kind: .unavailable,
            description: "no bridge answers at \(settings.operationsListener.address), and \(error.description)")
    }

    static func path(_ request: DeadLetterRequest) -> String {
        var query: [(String, String)] = []
        var path = ""
        switch request.action {
        case .list:
            query = [("lane", request.lane), ("cause", request.cause), ("stage", request.stage)]
                .compactMap { name, value in value.map { (name, $0) } }
            query.append(("letters", String(request.letters)))
        case .show:
            path = "/" + escaped(request.ids.first ?? "", keepingSlash: true)
            if request.body {
                query = [("body", "true"), ("actor", request.actor), ("reason", request.reason)]
            }
        case .replay: path = "/replay"
        case .discard: path = "/discard"
        }
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\($0)=\(escaped($1, keepingSlash: false))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String, keepingSlash: Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte) || (keepingSlash && byte == 0x2F)
            output += isPlain ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// Why a request about dead letters came to nothing.
package struct DeadLetterFailure: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case notFound, refused, unavailable
    }

    package let kind: Kind
    package let description: String
}
