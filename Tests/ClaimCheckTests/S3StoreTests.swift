// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Crypto
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

@testable import ClaimCheck

/// A service that speaks the parts of the S3 interface that the store uses. It proves each signature by a computation
/// of its own, from what came over the wire.
private final class BucketDouble: Sendable {
    static let accessKeyID = "test-access-key"
    static let secret = "test/secret+key"
    private let objects = Mutex<[String: [UInt8]]>([:])
    private let failing = Mutex<Int?>(nil)
    private let refused = Mutex(0)

    var kept: [String: [UInt8]] { objects.withLock { $0 } }
    /// Requests whose signature or digest was wrong.
    var refusals: Int { refused.withLock { $0 } }

    /// The next request is answered with this status.
    func fail(once status: Int) { failing.withLock { $0 = status } }
    func overwrite(_ path: String, _ bytes: [UInt8]) { objects.withLock { $0[path] = bytes } }

    func run(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "bucket")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                try await self.answer(request)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            }, logger: logger)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await application.runService(gracefulShutdownSignals: [])
                return false
            }
            group.addTask {
                for await number in ports { try await body("http://127.0.0.1:\(number)") }
                return true
            }
            defer { group.cancelAll() }
            while let isDone = try await group.next(), !isDone {}
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let body = Array(try await request.body.collect(upTo: 1 << 26).readableBytesView)
        if let status = failing.withLock({ status in
            defer { status = nil }
            return status
        }) {
            return Response(status: .init(code: status))
        }
        guard isSigned(request, body) else {
            refused.withLock { $0 += 1 }
            return Response(status: .forbidden)
        }
        let path = request.uri.path
        switch request.method {
        case .put:
            objects.withLock { $0[path] = body }
            return Response(status: .ok)
        case .get, .head:
            guard let found = kept[path] else { return Response(status: .notFound) }
            guard request.method == .get else {
                return Response(status: .ok, headers: [.contentLength: String(found.count)])
            }
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: found)))
        default: return Response(status: .methodNotAllowed)
        }
    }

    private func isSigned(_ request: Request, _ body: [UInt8]) -> Bool {
        func header(_ name: String) -> String {
            if name == "host" { return request.head.authority ?? "" }
            return HTTPField.Name(name).flatMap { request.headers[$0] } ?? ""
        }
        let digest = SHA256.hash(data: body).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        guard header("x-amz-content-sha256") == digest else { return false }
        let names = ["host", "x-amz-content-sha256", "x-amz-date"]
        let date = header("x-amz-date")
        let canonical =
            "\(request.method.rawValue)\n\(request.uri.path)\n\n"
            + names.map { "\($0):\(header($0))\n" }.joined() + "\n\(names.joined(separator: ";"))\n\(digest)"
        let day = String(date.prefix(8))
        let hash = SHA256.hash(data: Array(canonical.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        let text = "AWS4-HMAC-SHA256\n\(date)\n\(day)/ca-1/s3/aws4_request\n\(hash)"
        var key = SymmetricKey(data: Array(("AWS4" + Self.secret).utf8))
        for part in [day, "ca-1", "s3", "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        return header("authorization")
            == "AWS4-HMAC-SHA256 Credential=\(Self.accessKeyID)/\(day)/ca-1/s3/aws4_request,"
            + "SignedHeaders=\(names.joined(separator: ";")),Signature=\(code)"
    }
}

@Suite("Documents in a bucket", .timeLimit(.minutes(15)))
struct S3StoreTests {
    private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 17) }

    private func run(
        secret: String = BucketDouble.secret,
        _ body: @escaping @Sendable (S3ClaimStore, BucketDouble) async throws -> Void
    ) async throws {
        let bucket = BucketDouble()
        try await withTemporaryDirectory { directory in
            try await bucket.run { endpoint in
                let store = S3ClaimStore(
                    S3Address(bucket: "letters", prefix: "ocean bridge", endpoint: endpoint, region: "ca-1"),
                    accessKeyID: BucketDouble.accessKeyID, secretAccessKey: secret, directory: directory)
                do {
                    try await body(store, bucket)
                    await store.shutdown()
                } catch {
                    await store.shutdown()
                    throw error
                }
            }
        }
    }

    @Test("bytes and claim go in by signed PUT and come back by signed GET")
    func roundTrip() async throws {
        try await run { store, bucket in
            let claim = claim(bytes)
            try await store.check()
            #expect(try await store.claim(claim.id) == nil)
            try await keep(bytes, in: store, as: claim)
            #expect(try await store.claim(claim.id) == claim)
            #expect(try await read(claim, from: store) == bytes)
            #expect(bucket.refusals == 0)
            #expect(bucket.kept["/letters/ocean%20bridge/objects/\(claim.sha256)"] == bytes)
            #expect(store.address(sha256: claim.sha256) == "s3://letters/ocean%20bridge/objects/\(claim.sha256)")
        }
    }

    @Test("a wrong secret is refused, and told with the remedy")
    func wrongSecret() async throws {
        try await run(secret: "wrong") { store, _ in
            let error = await #expect(throws: ClaimCheckError.self) { try await store.check() }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("accessKeyId") == true)
            #expect(error?.message.contains("wrong") == false)
        }
    }

    @Test("a service that fails may be tried again with the same draft")
    func unavailable() async throws {
        try await run { store, bucket in
            let claim = claim(bytes)
            let draft = try await store.draft()
            try await draft.append(bytes)
            bucket.fail(once: 503)
            let error = await #expect(throws: ClaimCheckError.self) { try await store.commit(draft, as: claim) }
            #expect(error?.code == .unavailable)
            try await store.commit(draft, as: claim)
            #expect(try await read(claim, from: store) == bytes)
        }
    }

    @Test("a redirect is not followed")
    func redirect() async throws {
        try await run { store, bucket in
            bucket.fail(once: 307)
            let error = await #expect(throws: ClaimCheckError.self) { try await store.check() }
            #expect(error?.code == .refused)
        }
    }

    @Test("other bytes than were kept are not given out")
    func changed() async throws {
        try await run { store, bucket in
            let claim = claim(bytes)
            try await keep(bytes, in: store, as: claim)
            bucket.overwrite("/letters/ocean%20bridge/objects/\(claim.sha256)", bytes.reversed())
            await #expect(throws: ClaimCheckError.self) { _ = try await store.open(claim) }
        }
    }
}
