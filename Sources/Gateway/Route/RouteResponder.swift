// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Finds the route, runs it and writes what it answers.
struct RouteResponder: HTTPResponder {
    typealias Context = ListenerContext

    /// How long a connection stays half open after an early answer, so that the peer can read it before a reset.
    private static let linger = TimeAmount.seconds(1)

    let table: RouteTable
    let limits: ListenerLimits
    let logger: Logger
    private let budget: BodyBudget

    init(table: RouteTable, limits: ListenerLimits, logger: Logger) {
        self.table = table
        self.limits = limits
        self.logger = logger
        budget = BodyBudget(maximum: limits.bufferedBytes)
    }

    func respond(to request: Request, context: ListenerContext) async throws -> Response {
        let body = RequestBodyReader(request, budget: budget)
        var answer: Answer
        switch table.match(request.method, request.uri.path) {
        case .found(let route, let parameters):
            let incoming = RouteRequest(
                head: request.head, parameters: parameters, query: request.uri.query ?? "",
                peer: context.channel.remoteAddress?.ipAddress ?? "local", arrived: .now, body: body)
            answer = try await route.handler(incoming)
        case .wrongMethod(let allowed):
            answer = .problem(.methodNotAllowed, "this path answers another method, see Allow")
            answer.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
        case .none:
            answer = .problem(.notFound, "there is nothing at this path")
        }
        return response(answer, to: request, body: body, context: context)
    }

    private func response(
        _ answer: Answer, to request: Request, body: RequestBodyReader, context: ListenerContext
    ) -> Response {
        var headers = answer.headers
        if let stream = answer.stream, request.method != .head {
            return Response(status: answer.status, headers: headers, body: Self.body(stream))
        }
        if request.method == .head, headers[.contentLength] != nil {
            return Response(status: answer.status, headers: headers)
        }
        let content = request.method == .head ? [] : answer.body
        if request.method == .head { headers[.contentLength] = String(answer.body.count) }
        let buffer = ByteBuffer(bytes: content)
        guard !body.isFinished else {
            return Response(status: answer.status, headers: headers, body: ResponseBody(byteBuffer: buffer))
        }
        // An answer before the end of the body: the framework would read and drop the rest for as long as it comes.
        headers[.connection] = "close"
        let channel = context.channel
        return Response(
            status: answer.status, headers: headers,
            body: ResponseBody(contentLength: buffer.readableBytes) { writer in
                try await writer.write(buffer)
                try await writer.finish(nil)
                channel.close(mode: .output, promise: nil)
                channel.eventLoop.scheduleTask(in: Self.linger) { channel.close(promise: nil) }
            })
    }

    private static func body(_ stream: Answer.Stream) -> ResponseBody {
        ResponseBody(contentLength: stream.length) { writer in
            var count = 0
            while let bytes = try await stream.next() {
                count += bytes.count
                guard count <= stream.length else { throw BrokenStream() }
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            // Fewer bytes than were promised: the connection ends, so that the caller does not take them for all.
            guard count == stream.length else { throw BrokenStream() }
            try await writer.finish(nil)
        }
    }

    private struct BrokenStream: Error {}
}
