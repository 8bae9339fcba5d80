// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Crypto
import FoundationEssentials
import Testing

@testable import ClaimCheck

#if canImport(Glibc)
    import Glibc
#endif

/// A claim for those bytes.
func claim(_ bytes: [UInt8], id: String = "0b9f6a3e-1111-5222-8333-444455556666") -> DocumentClaim {
    var claim = DocumentClaim()
    claim.id = id
    claim.referral = "ref-1"
    claim.site = "1234"
    claim.kind = .letter
    claim.contentType = "application/pdf"
    claim.size = bytes.count
    claim.sha256 = Hex.text(SHA256.hash(data: bytes))
    claim.hash = "hash"
    claim.storedAt = "2026-01-01T00:00:00.000Z"
    return claim
}

/// Writes the bytes in pieces and commits them.
func keep(_ bytes: [UInt8], in store: any ClaimCheckStore, as claim: DocumentClaim) async throws {
    let draft = try await store.draft()
    for start in stride(from: 0, to: bytes.count, by: 1000) {
        try await draft.append(Array(bytes[start..<min(start + 1000, bytes.count)]))
    }
    try await store.commit(draft, as: claim)
}

/// The whole document.
func read(_ claim: DocumentClaim, from store: any ClaimCheckStore) async throws -> [UInt8] {
    let reading = try await store.open(claim)
    var bytes: [UInt8] = []
    while let piece = try await reading.next() { bytes += piece }
    return bytes
}

@Suite("Documents in a directory", .timeLimit(.minutes(15)))
struct DirectoryStoreTests {
    private let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private func files(under path: String) -> [String] {
        ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).filter { name in
            var info = stat()
            return stat(path + "/" + name, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
        }
    }

    @Test("what is kept comes back, under names that are digests, for the owner alone")
    func roundTrip() async throws {
        try await withTemporaryDirectory { root in
            let store = DirectoryClaimStore(root: root)
            let claim = claim(bytes)
            try await keep(bytes, in: store, as: claim)
            #expect(try await store.claim(claim.id) == claim)
            #expect(try await read(claim, from: store) == bytes)
            let digest = claim.sha256
            #expect(
                store.address(sha256: digest)
                    == "file://\(root)/objects/\(digest.prefix(2))/\(digest.dropFirst(2).prefix(2))/\(digest)")
            let names = files(under: root)
            #expect(names.count == 2, "\(names)")
            for name in names {
                var info = stat()
                #expect(stat(root + "/" + name, &info) == 0)
                #expect(info.st_mode & 0o777 == 0o600)
                #expect(!name.contains("ref-1"))
            }
        }
    }

    @Test("keeping the same twice does no harm; two claims share equal bytes")
    func again() async throws {
        try await withTemporaryDirectory { root in
            let store = DirectoryClaimStore(root: root)
            let first = claim(bytes)
            let second = claim(bytes, id: "0b9f6a3e-1111-5222-8333-444455557777")
            for claim in [first, first, second] { try await keep(bytes, in: store, as: claim) }
            #expect(files(under: root + "/objects").count == 1)
            #expect(try await store.claim(second.id) == second)
            #expect(files(under: root + "/incoming").isEmpty)
        }
    }

    @Test("a discarded draft leaves nothing, and neither does one whose write failed")
    func discarded() async throws {
        try await withTemporaryDirectory { root in
            let store = DirectoryClaimStore(root: root)
            let draft = try await store.draft()
            try await draft.append(bytes)
            await draft.discard()
            await #expect(throws: ClaimCheckError.self) { try await draft.append(bytes) }
            #expect(files(under: root).isEmpty)
            #expect(try await store.claim(claim(bytes).id) == nil)
        }
    }

    @Test("a claim without its bytes, or with fewer, is none")
    func missing() async throws {
        try await withTemporaryDirectory { root in
            let store = DirectoryClaimStore(root: root)
            let claim = claim(bytes)
            try await keep(bytes, in: store, as: claim)
            let object = root + store.address(sha256: claim.sha256).dropFirst("file://\(root)".count)
            #expect(truncate(object, 10) == 0)
            #expect(try await store.claim(claim.id) == nil)
            #expect(unlink(object) == 0)
            #expect(try await store.claim(claim.id) == nil)
            let error = await #expect(throws: ClaimCheckError.self) { try await store.open(claim) }
            #expect(error?.code == .missing)
        }
    }

    @Test("ids that are no UUID reach no file", arguments: ["../../etc/passwd", "", "x", "0B9F6A3E"])
    func ids(id: String) async throws {
        try await withTemporaryDirectory { (root: String) async throws in
            let store = DirectoryClaimStore(root: root)
            #expect(try await store.claim(id) == nil)
            await #expect(throws: ClaimCheckError.self) { try await keep(bytes, in: store, as: claim(bytes, id: id)) }
        }
    }

    @Test("a directory that cannot be written is told, and serves again when it can", .enabled(if: geteuid() != 0))
    func unwritable() async throws {
        try await withTemporaryDirectory { root in
            let store = DirectoryClaimStore(root: root + "/documents")
            #expect(chmod(root, 0o500) == 0)
            await #expect(throws: ClaimCheckError.self) { try await store.check() }
            await #expect(throws: ClaimCheckError.self) { _ = try await store.draft() }
            #expect(chmod(root, 0o700) == 0)
            try await store.check()
        }
    }

    @Test("a path through a file cannot be made; the error names the place")
    func notADirectory() async throws {
        try await withTemporaryDirectory { root in
            try Data([1]).write(to: URL(filePath: root + "/file"))
            let store = DirectoryClaimStore(root: root + "/file/documents")
            let error = await #expect(throws: ClaimCheckError.self) { try await store.check() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains(root) == true)
        }
    }

    @Test("with less room than the reserve the store is full before the disk is")
    func reserve() async throws {
        try await withTemporaryDirectory { root in
            let store = DirectoryClaimStore(root: root, room: 1 << 60)
            let error = await #expect(throws: ClaimCheckError.self) { try await store.check() }
            #expect(error?.code == .full)
        }
    }

    @Test("a disk that is full says so and leaves no draft", .enabled(if: access("/dev/full", W_OK) == 0))
    func full() async throws {
        try await withTemporaryDirectory { root in
            let path = root + "/full"
            #expect(symlink("/dev/full", path) == 0)
            let file = open(path, O_WRONLY)
            defer { close(file) }
            let error = #expect(throws: ClaimCheckError.self) { try POSIXFile.writeAll([1, 2, 3], to: file, path) }
            #expect(error?.code == .full)
            #expect(error?.disposition == .retry(after: nil))
        }
    }

    @Test("what is older than its time goes, with its claim; what was kept anew stays")
    func pruned() async throws {
        try await withTemporaryDirectory { root in
            let store = DirectoryClaimStore(root: root)
            let old = claim(bytes)
            try await keep(bytes, in: store, as: old)
            let now = SystemClock().now()
            #expect(try await store.prune(before: now.advanced(by: .seconds(-60))) == 0)
            #expect(try await store.claim(old.id) != nil)
            #expect(try await store.prune(before: now.advanced(by: .seconds(60))) == 1)
            #expect(try await store.claim(old.id) == nil)
            #expect(files(under: root).isEmpty)
        }
    }

    @Test("what is infected is kept apart and served by no claim")
    func quarantine() async throws {
        try await withTemporaryDirectory { root in
            let store = DirectoryClaimStore(root: root)
            let draft = try await store.draft()
            try await draft.append(bytes)
            let id = claim(bytes).id
            try await store.quarantine(draft, id: id)
            await draft.discard()
            #expect(files(under: root) == ["quarantine/\(id)"])
            #expect(try await store.claim(id) == nil)
        }
    }
}

@Suite("The store's address")
struct StoreAddressTests {
    @Test("a directory, and a bucket with its endpoint")
    func read() {
        var fault = ""
        #expect(StoreAddress("file:///var/lib/a%20b", fault: &fault) == .directory("/var/lib/a b"))
        #expect(
            StoreAddress("s3://letters/a/b/?endpoint=https%3A%2F%2Fminio.example:9000&region=ca-1", fault: &fault)
                == .s3(
                    S3Address(
                        bucket: "letters", prefix: "a/b", endpoint: "https://minio.example:9000", region: "ca-1")))
        #expect(
            StoreAddress("s3://letters", fault: &fault)
                == .s3(
                    S3Address(
                        bucket: "letters", prefix: "", endpoint: "https://s3.us-east-1.amazonaws.com",
                        region: "us-east-1")))
    }

    @Test(
        "what is no address is told",
        arguments: [
            "", "documents", "file://documents", "file:///", "file:///a/../b", "s3://", "s3://UPPER/x", "s3://b",
            "s3://bucket?endpoint=http://minio.example", "s3://bucket?endpoint=https://a@b", "s3://bucket?other=1",
            "s3://bucket?endpoint=https://host/path", "http://host/",
        ])
    func faults(text: String) {
        var fault = ""
        #expect(StoreAddress(text, fault: &fault) == nil)
        #expect(!fault.isEmpty)
    }
}
