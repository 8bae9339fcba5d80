// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
package import BridgeCore
import Crypto
import JSON
import NIOCore
import NIOHTTP1
import Synchronization

/// Documents in a bucket: `objects/<sha256>` and `claims/<id>.json` under the prefix. They come in, and are scanned, in
/// a directory of this machine.
///
/// What it needs of a service: PUT, GET and HEAD of an object by path-style address, Signature Version 4, and that an
/// object is there for all once its PUT was answered 200. Old objects are removed by the bucket's own lifecycle rule.
package struct S3ClaimStore: ClaimCheckStore {
    /// A good answer stands for so long.
    private static let checkPeriod: Duration = .seconds(30)

    private let s3: S3Client
    private let workshop: Workshop
    private let clock: any WallClock
    private let lastGood = Good()

    private final class Good: Sendable {
        let at = Mutex<ContinuousClock.Instant?>(nil)
    }

    /// - Parameters:
    ///   - directory: for documents on their way in; absolute.
    ///   - room: bytes that must be free there.
    ///   - timeout: until the service has answered an upload.
    package init(
        _ address: S3Address, accessKeyID: String, secretAccessKey: String, directory: String, room: Int = 0,
        timeout: Duration = .seconds(300), clock: any WallClock = SystemClock(), ids: UUIDv7Source = UUIDv7Source()
    ) {
        self.clock = clock
        s3 = S3Client(
            client: S3Client.makeClient(timeout: timeout), address: address,
            signature: S3Signature(
                accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, region: address.region),
            clock: clock, timeout: timeout)
        workshop = Workshop(root: directory, room: room, ids: ids)
    }

    package func draft() async throws(ClaimCheckError) -> any ClaimCheckDraft {
        try await FileWork.run { () throws(ClaimCheckError) in try workshop.draft() }
    }

    package func commit(_ draft: any ClaimCheckDraft, as claim: DocumentClaim) async throws(ClaimCheckError) {
        try await draft.close()
        try await put("objects/\(claim.sha256)", .file(draft.path, size: claim.size, sha256: claim.sha256))
        let note = claim.json.bytes()
        try await put("claims/\(claim.id).json", .bytes(note, sha256: Hex.text(SHA256.hash(data: note))))
        await draft.discard()
    }

    package func quarantine(_ draft: any ClaimCheckDraft, id: String) async throws(ClaimCheckError) {
        try await draft.close()
        try await FileWork.run { () throws(ClaimCheckError) in try workshop.keepApart(draft, id: id) }
    }

    package func claim(_ id: String) async throws(ClaimCheckError) -> DocumentClaim? {
        guard DocumentClaim.isID(id), let response = try await s3.send(.GET, "claims/\(id).json") else { return nil }
        let bytes: [UInt8]
        do {
            bytes = Array(try await response.body.collect(upTo: 64 << 10).readableBytesView)
        } catch {
            throw ClaimCheckError(.unavailable, "GET s3://\(s3.address.bucket): the claim broke off")
        }
        guard let claim = DocumentClaim(stored: bytes), claim.id == id else { return nil }
        guard let head = try await s3.send(.HEAD, "objects/\(claim.sha256)") else { return nil }
        let length = head.headers.first(name: "Content-Length").flatMap { Int($0) }
        return length == nil || length == claim.size ? claim : nil
    }

    /// Fetches the whole object and proves its digest before the first byte goes out.
    package func open(_ claim: DocumentClaim) async throws(ClaimCheckError) -> any ClaimCheckReading {
        guard let response = try await s3.send(.GET, "objects/\(claim.sha256)") else {
            throw ClaimCheckError(.missing, "the document is gone from s3://\(s3.address.bucket)")
        }
        let draft = try await draft()
        do throws(ClaimCheckError) {
            try await Self.copy(response, to: draft, claim)
            return try await FileWork.run { () throws(ClaimCheckError) in
                let reading = try FileReading(path: draft.path, isTemporary: true)
                (draft as? DraftFile)?.use()
                return reading
            }
        } catch {
            await draft.discard()
            throw error
        }
    }

    private static func copy(
        _ response: HTTPClientResponse, to draft: any ClaimCheckDraft, _ claim: DocumentClaim
    ) async throws(ClaimCheckError) {
        var digest = SHA256()
        do {
            for try await part in response.body {
                let bytes = Array(part.readableBytesView)
                digest.update(data: bytes)
                try await draft.append(bytes)
            }
        } catch let error as ClaimCheckError {
            throw error
        } catch {
            throw ClaimCheckError(.unavailable, "the document broke off on its way from the bucket")
        }
        guard Hex.text(digest.finalize()) == claim.sha256 else {
            throw ClaimCheckError(.unavailable, "the bucket gave other bytes than were kept")
        }
        try await draft.close()
    }

    package func address(sha256: String) -> String {
        let prefix = s3.address.prefix.isEmpty ? "" : s3.address.prefix + "/"
        return "s3://\(s3.address.bucket)/" + PathText.escaped("\(prefix)objects/\(sha256)")
    }

    /// Only the directory of this machine: the bucket has a lifecycle rule.
    @discardableResult
    package func prune(before: Timestamp) async throws(ClaimCheckError) -> Int {
        try await FileWork.run { () throws(ClaimCheckError) in
            try workshop.prune(before: before, now: clock.now())
        }
        return 0
    }

    package func check() async throws(ClaimCheckError) {
        try await FileWork.run { () throws(ClaimCheckError) in try workshop.check() }
        if let at = lastGood.at.withLock({ $0 }), ContinuousClock.now < at.advanced(by: Self.checkPeriod) { return }
        try await put("probe", .bytes([], sha256: S3Signature.emptyDigest))
        lastGood.at.withLock { $0 = .now }
    }

    package func shutdown() async {
        // Fails only when called twice, and then there is nothing left to close.
        try? await s3.client.shutdown()
    }

    private func put(_ key: String, _ body: S3Client.Body) async throws(ClaimCheckError) {
        do throws(ClaimCheckError) {
            guard let response = try await s3.send(.PUT, key, body) else {
                throw ClaimCheckError(.refused, "s3://\(s3.address.bucket) does not exist")
            }
            // Read, so that the connection serves again; a 200 without its body is a 200.
            _ = try? await response.body.collect(upTo: 64 << 10)
        } catch {
            lastGood.at.withLock { $0 = nil }
            throw error
        }
    }
}
