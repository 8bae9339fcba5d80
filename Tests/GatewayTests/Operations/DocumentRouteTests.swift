// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import JSON
import Synchronization
import Testing

/// One document in memory, and what is written down.
private final class OneDocument: ClaimCheckStore, AuditTrail {
    private struct State {
        var events: [AuditEvent] = []
        var opened = 0
        var isAuditAway = false
        var fault: ClaimCheckError?
    }

    let claim: DocumentClaim
    private let pieces: [[UInt8]]
    private let state = Mutex(State())

    init(_ claim: DocumentClaim, pieces: [[UInt8]]) {
        self.claim = claim
        self.pieces = pieces
    }

    var events: [AuditEvent] { state.withLock { $0.events } }
    var opened: Int { state.withLock { $0.opened } }
    func loseAudit() { state.withLock { $0.isAuditAway = true } }
    func fail(_ error: ClaimCheckError) { state.withLock { $0.fault = error } }

    func claim(_ id: String) async throws(ClaimCheckError) -> DocumentClaim? {
        if let fault = state.withLock({ $0.fault }) { throw fault }
        return id == claim.id ? claim : nil
    }

    func open(_ claim: DocumentClaim) async throws(ClaimCheckError) -> any ClaimCheckReading {
        state.withLock { $0.opened += 1 }
        return PieceReading(pieces)
    }

    func record(_ event: AuditEvent) async throws(StoreError) {
        if state.withLock({ $0.isAuditAway }) { throw StoreError(.unavailable, "away") }
        state.withLock { $0.events.append(event) }
    }

    func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] { events }

    // No route asks for these.
    private let unasked = ClaimCheckError(.unavailable, "not asked for")
    func draft() async throws(ClaimCheckError) -> any ClaimCheckDraft { throw unasked }
    func commit(_ draft: any ClaimCheckDraft, as claim: DocumentClaim) async throws(ClaimCheckError) { throw unasked }
    func quarantine(_ draft: any ClaimCheckDraft, id: String) async throws(ClaimCheckError) { throw unasked }
    func address(sha256: String) -> String { "" }
    func prune(before: Timestamp) async throws(ClaimCheckError) -> Int { throw unasked }
    func check() async throws(ClaimCheckError) { throw unasked }
    func shutdown() async {}
}

private final class PieceReading: ClaimCheckReading {
    private let pieces: Mutex<[[UInt8]]>

    init(_ pieces: [[UInt8]]) { self.pieces = Mutex(pieces) }

    func next() async throws(ClaimCheckError) -> [UInt8]? {
        pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}

@Suite("Kept documents over HTTP", .timeLimit(.minutes(15)))
struct DocumentRouteTests {
    private static let piece = [UInt8](repeating: 0x41, count: 64 << 10)
    private let document: OneDocument
    private let path: String

    init() {
        var claim = DocumentClaim()
        claim.id = "0b9f6a3e-1111-5222-8333-444455556666"
        claim.referral = "ref-1"
        claim.contentType = "application/pdf"
        claim.size = Self.piece.count * 40
        claim.sha256 = String(repeating: "a", count: 64)
        document = OneDocument(claim, pieces: Array(repeating: Self.piece, count: 40))
        path = "/api/v1/documents/\(claim.id)?actor=archive&reason=import"
    }

    private func bench(token: Secret? = nil) -> OperationsBench {
        var bench = OperationsBench()
        bench.configuration.token = token
        bench.routes = DocumentRoutes(claims: document, audit: document, clock: bench.clock).routes
        return bench
    }

    @Test("a document is streamed whole, as something that no browser runs or keeps")
    func whole() async throws {
        try await bench().run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", path, type: nil)
            #expect(reply.status == 200)
            #expect(reply.body.count == Self.piece.count * 40)
            #expect(reply.header("content-type") == "application/pdf")
            #expect(reply.header("x-content-type-options") == "nosniff")
            #expect(reply.header("cache-control") == "no-store")
            #expect(reply.header("content-disposition")?.hasPrefix("attachment") == true)
        }
    }

    @Test("who, which and why are in the audit before the first byte")
    func audited() async throws {
        let bench = bench()
        try await bench.run { (caller: Caller) async throws in
            _ = try await caller.send("GET", path, type: nil)
            #expect(
                document.events == [
                    AuditEvent(
                        at: bench.clock.now(), actor: "archive", action: "document.read", referral: "ref-1",
                        messageID: document.claim.id, reason: "import")
                ])
            document.loseAudit()
            #expect(try await caller.send("GET", path, type: nil).status == 503)
            #expect(document.opened == 1)
        }
    }

    @Test(
        "without a name or a reason nothing is given",
        arguments: ["", "?actor=a", "?reason=r", "?actor=&reason=r", "?actor=a&reason=%0A"])
    func nameless(query: String) async throws {
        try await bench().run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/api/v1/documents/\(document.claim.id)\(query)", type: nil)
            #expect(reply.status == 400)
            #expect(document.events.isEmpty)
            #expect(document.opened == 0)
        }
    }

    @Test(
        "an unknown id, or what is no id, is 404", arguments: ["0b9f6a3e-1111-5222-8333-444455550000", "x", "..%2Fx"])
    func unknown(id: String) async throws {
        try await bench().run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/api/v1/documents/\(id)?actor=a&reason=r", type: nil)
            #expect(reply.status == 404)
        }
    }

    @Test("a store that is away answers 503, and HEAD opens nothing")
    func away() async throws {
        try await bench().run { (caller: Caller) async throws in
            let head = try await caller.send("HEAD", path, type: nil)
            #expect(head.status == 200)
            #expect(head.header("content-length") == String(Self.piece.count * 40))
            #expect(document.opened == 0)
            document.fail(ClaimCheckError(.unavailable, "away"))
            #expect(try await caller.send("GET", path, type: nil).status == 503)
        }
    }

    @Test("a document that ends too soon is not taken for whole")
    func short() async throws {
        var claim = document.claim
        claim.size += 1
        let short = OneDocument(claim, pieces: [Self.piece])
        var bench = OperationsBench()
        bench.routes = DocumentRoutes(claims: short, audit: short, clock: bench.clock).routes
        try await bench.run { (caller: Caller) async throws -> Void in
            await #expect(throws: (any Error).self) { _ = try await caller.send("GET", path, type: nil) }
        }
    }

    @Test("it stands behind the token")
    func token() async throws {
        try await bench(token: Secret("t")).run { (caller: Caller) async throws in
            #expect(try await caller.send("GET", path, type: nil).status == 401)
            #expect(
                try await caller.send("GET", path, type: nil, headers: [("Authorization", "Bearer t")]).status == 200)
            #expect(document.events.count == 1)
        }
    }
}
