// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A plain socket, for what a well-behaved client never does.
enum RawConnection {
    /// Connects, runs `body`, closes.
    static func run<Value: Sendable>(
        _ port: Int, _ body: @escaping @Sendable (RawStream) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawStream(inbound: inbound, outbound: outbound))
        }
    }
}

/// Both directions of a raw connection.
struct RawStream: Sendable {
    let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    func write(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Everything that comes until the peer closes; a reset counts as the end.
    func readToEnd() async -> String {
        var text = ""
        do {
            for try await part in inbound { text += String(buffer: part) }
        } catch {
            // Reset by the peer: what came before it is the answer.
        }
        return text
    }
}
