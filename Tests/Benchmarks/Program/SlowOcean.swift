// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An Ocean that answers every update after 20 ms, and knows whether each referral's updates came in order, one at a
/// time. A process of its own, so that its work is not counted as the bridge's.
enum SlowOcean {
    static let delay = TimeAmount.milliseconds(20)
    /// Stands in the text of each update, before the referral and the number: `bench:ref-0001:000007;`.
    static let marker = "bench:"
    static let word = "updates-ocean"

    /// What it saw.
    struct Report: Codable, Sendable {
        var calls = 0
        /// Updates whose number was not the one after the last of its referral; a repetition is not one.
        var disorders = 0
        var repetitions = 0
        /// Calls that began while another of the same referral was unanswered.
        var overlaps = 0
        var unmarked = 0
        var mostAtOnce = 0
    }

    /// Serves on a free port until the process is killed; writes the port to `file`.
    static func serve(portFile file: String) async throws {
        let ledger = Ledger()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .serverChannelOption(.backlog, value: 512)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(SlowOceanHandler(ledger))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try "\(port)".write(toFile: file, atomically: true, encoding: .utf8)
        try await channel.closeFuture.get()
    }

    /// Starts it; `body` gets its address. It is killed afterwards.
    static func run<Value: Sendable>(
        in directory: String, _ body: (String) async throws -> Value
    ) async throws -> Value {
        let file = directory + "/ocean.port"
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let pid = try ChildProcess.spawn(
            [own, word, file], environment: ["PATH=/usr/bin:/bin"], output: directory + "/ocean.out")
        func stop() async throws {
            kill(pid, SIGKILL)
            try await ChildProcess.waitForEnd(pid)
        }
        do {
            var address: String?
            while address == nil {
                if let text = try? String(contentsOfFile: file, encoding: .utf8), !text.isEmpty {
                    address = "http://127.0.0.1:\(text)"
                } else {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let value = try await body(address ?? "")
            try await stop()
            return value
        } catch {
            try await stop()
            throw error
        }
    }

    /// The last number of each referral and whether one is unanswered.
    final class Ledger: Sendable {
        private struct State {
            var report = Report()
            var last: [String: Int] = [:]
            var open: Set<String> = []
            var atOnce = 0
        }

        private let state = Mutex(State())

        var report: Report { state.withLock { $0.report } }

        func begin(_ mark: (referral: String, number: Int)?) {
            state.withLock { state in
                state.report.calls += 1
                state.atOnce += 1
                state.report.mostAtOnce = max(state.report.mostAtOnce, state.atOnce)
                guard let mark else {
                    state.report.unmarked += 1
                    return
                }
                let last = state.last[mark.referral] ?? 0
                if mark.number == last {
                    state.report.repetitions += 1
                } else if mark.number != last + 1 {
                    state.report.disorders += 1
                }
                state.last[mark.referral] = mark.number
                if !state.open.insert(mark.referral).inserted { state.report.overlaps += 1 }
            }
        }

        func end(_ mark: (referral: String, number: Int)?) {
            state.withLock { state in
                state.atOnce -= 1
                if let mark { state.open.remove(mark.referral) }
            }
        }
    }
}

/// One connection.
private final class SlowOceanHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let ledger: SlowOcean.Ledger
    private var path = ""
    private var body = ByteBuffer()

    init(_ ledger: SlowOcean.Ledger) {
        self.ledger = ledger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            path = head.uri
            body.clear()
        case .body(var part): body.writeBuffer(&part)
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        if path.hasPrefix("/svc/oauth2/token") {
            return respond(context, #"{"access_token":"benchmark","token_type":"Bearer","expires_in":3600}"#)
        }
        if path == "/report" {
            let json = (try? JSONEncoder().encode(ledger.report)).map { String(decoding: $0, as: UTF8.self) }
            return respond(context, json ?? "{}")
        }
        let mark = Self.mark(in: body)
        ledger.begin(mark)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: SlowOcean.delay) { [ledger] in
            let (handler, context) = bound.value
            ledger.end(mark)
            handler.respond(
                context,
                #"{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}"#)
        }
    }

    private func respond(_ context: ChannelHandlerContext, _ text: String) {
        let buffer = ByteBuffer(string: text)
        var head = HTTPResponseHead(version: .http1_1, status: .ok)
        head.headers.add(name: "Content-Type", value: "application/json")
        head.headers.add(name: "Content-Length", value: "\(buffer.readableBytes)")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// `bench:ref-0001:000007;` anywhere in the body.
    private static func mark(in body: ByteBuffer) -> (referral: String, number: Int)? {
        let bytes = Data(body.readableBytesView)
        guard let found = bytes.range(of: Data(SlowOcean.marker.utf8)) else { return nil }
        let text = String(decoding: bytes[found.upperBound...].prefix(64), as: UTF8.self).prefix { $0 != ";" }
        let parts = text.split(separator: ":")
        guard parts.count == 2, let number = Int(parts[1]) else { return nil }
        return (String(parts[0]), number)
    }
}
