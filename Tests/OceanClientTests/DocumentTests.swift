// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import OceanClient
import Synchronization
import Testing

/// Keeps what it is given.
private final class Taker: DocumentReceiver {
    struct State {
        var heads: [DocumentHead] = []
        var pieces: [Int] = []
        var bytes: [UInt8] = []
    }

    let state = Mutex(State())
    private let limit: Int

    init(limit: Int = .max) {
        self.limit = limit
    }

    func begin(_ head: DocumentHead) async throws(DocumentError) { state.withLock { $0.heads.append(head) } }

    func receive(_ bytes: [UInt8]) async throws(DocumentError) {
        let count = state.withLock { state in
            state.pieces.append(bytes.count)
            state.bytes += bytes
            return state.bytes.count
        }
        if count > limit { throw DocumentError(.tooLarge, "enough") }
    }
}

/// Takes its time, and looks how far ahead the server is.
private final class SlowTaker: DocumentReceiver {
    let state = Mutex((taken: 0, mostAhead: 0))
    private let written: ByteCount

    init(_ written: ByteCount) {
        self.written = written
    }

    func begin(_ head: DocumentHead) async throws(DocumentError) {}

    func receive(_ bytes: [UInt8]) async throws(DocumentError) {
        // A pace, not a wait for something.
        try? await Task.sleep(for: .milliseconds(1))
        let written = written.value
        state.withLock { state in
            state.taken += bytes.count
            state.mostAhead = max(state.mostAhead, written - state.taken)
        }
    }
}

@Suite("Documents of Ocean's", .timeLimit(.minutes(15)))
struct DocumentTests {
    private let letter = DocumentAddress(.letter("ref-1"))
    private let binary = DocumentAddress(.binary("att-1"))

    private static func pdf(_ bytes: [UInt8] = Array("%PDF-1.4 %%EOF".utf8), status: Int = 200) -> StubOcean.Reply {
        StubOcean.Reply(status: status, headers: ["Content-Type": "application/pdf"], body: bytes)
    }

    private func failure(
        _ stub: StubOcean, timeout: Duration = .seconds(10), taker: Taker = Taker()
    ) async throws -> DocumentError? {
        try await stub.run(timeout: timeout) { client in
            do throws(DocumentError) {
                try await client.document(letter, site: "1234", trace: nil, to: taker)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test("a letter and an attachment come whole, by the site's token")
    func fetched() async throws {
        let stub = StubOcean { _, _ in Self.pdf() }
        let taker = Taker()
        try await stub.run { client in
            try await client.document(letter, site: "1234", trace: nil, to: taker)
            try await client.document(
                DocumentAddress(.letter("ref-1"), withAttachments: true), site: "1234", trace: nil, to: taker)
            try await client.document(binary, site: "1234", trace: nil, to: taker)
        }
        #expect(
            stub.calls.map(\.path) == [
                "/svc/fhir/v1/ServiceRequest/ref-1/$letter", "/svc/fhir/v1/ServiceRequest/ref-1/$letter",
                "/svc/fhir/v1/DocumentReference/att-1/$binary",
            ])
        #expect(stub.calls.map(\.query) == ["", "attachments=true", ""])
        #expect(stub.calls.allSatisfy { $0.headers["authorization"] == "Bearer token-1" })
        #expect(taker.state.withLock { $0.heads.first } == DocumentHead(contentType: "application/pdf", length: 14))
        #expect(taker.state.withLock { $0.bytes.count } == 42)
    }

    @Test("a large document comes in pieces, none of them large")
    func pieces() async throws {
        let bytes = [UInt8](repeating: 7, count: 12 << 20)
        let stub = StubOcean { _, _ in Self.pdf(bytes) }
        let taker = Taker()
        try await stub.run { client in
            try await client.document(letter, site: "1234", trace: nil, to: taker)
        }
        #expect(taker.state.withLock { $0.bytes } == bytes)
        let largest = taker.state.withLock { $0.pieces.max() } ?? 0
        #expect(largest <= 1 << 20, "\(largest) bytes at once")
    }

    @Test("Ocean is not read faster than the document is taken, so that a large one never stands in memory")
    func backPressure() async throws {
        let written = ByteCount()
        let stub = StubOcean { _, _ in
            var reply = Self.pdf([UInt8](repeating: 7, count: 256 << 10))
            reply.repeated = (times: 256, written)
            return reply
        }
        let taker = SlowTaker(written)
        try await stub.run { client in
            try await client.document(letter, site: "1234", trace: nil, to: taker)
        }
        #expect(taker.state.withLock { $0.taken } == 64 << 20)
        // What both sockets hold, and a few pieces; without back-pressure it would be nearly all.
        let ahead = taker.state.withLock { $0.mostAhead }
        #expect(ahead < 24 << 20, "the server was \(ahead) bytes ahead")
    }

    @Test("a redirect is not followed, and no token goes where it points", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let elsewhere = StubOcean { _, _ in Self.pdf() }
        try await elsewhere.run { base in
            let stub = StubOcean { _, _ in
                StubOcean.Reply(status: status, headers: ["Location": base + "/svc/fhir/v1/x"], body: [])
            }
            let error = try await failure(stub)
            #expect(error?.code == .redirected)
            #expect(error?.status == status)
            #expect(error?.kind == .final)
        }
        #expect(elsewhere.calls.isEmpty)
    }

    @Test(
        "each status has its meaning",
        arguments: [
            (404, DocumentError.Code.notFound), (410, .notFound), (403, .unauthorized), (400, .refused),
            (429, .unavailable), (503, .unavailable), (500, .unavailable), (204, .invalidAnswer),
            (206, .invalidAnswer),
        ])
    func statuses(status: Int, code: DocumentError.Code) async throws {
        let taker = Taker()
        let error = try await failure(
            StubOcean { _, _ in Self.pdf(status == 204 ? [] : [1], status: status) }, taker: taker)
        #expect(error?.code == code)
        #expect(error?.status == status)
        #expect(taker.state.withLock { $0.heads.isEmpty })
    }

    @Test("a refused token is fetched anew once; refused again, it is final")
    func token() async throws {
        let once = StubOcean { _, number in number == 1 ? .json("{}", status: 401) : Self.pdf() }
        #expect(try await failure(once) == nil)
        #expect(once.tokenRequests.count == 2)
        let twice = StubOcean { _, _ in .json("{}", status: 401) }
        #expect(try await failure(twice)?.code == .unauthorized)
        #expect(twice.calls.count == 2)
    }

    @Test("a token endpoint that answers a web page gives no document and blames the way")
    func tokenPage() async throws {
        let stub = StubOcean(call: { _, _ in Self.pdf() }) { _, _ in
            StubOcean.Reply(headers: ["Content-Type": "text/html"], body: Array("<html>".utf8))
        }
        #expect(try await failure(stub)?.kind == .ocean)
        #expect(stub.calls.isEmpty)
    }

    @Test("a body that breaks off is told, however the connection ends")
    func cutOff() async throws {
        let stub = StubOcean { _, _ in
            var reply = Self.pdf([UInt8](repeating: 1, count: 100_000))
            reply.cutsOffAfter = 50_000
            return reply
        }
        #expect(try await failure(stub)?.code == .truncated)
    }

    @Test("a body that stalls ends with the connection's read timeout")
    func stalled() async throws {
        let stub = StubOcean { _, _ in
            var reply = Self.pdf()
            reply.stallsInBody = true
            return reply
        }
        let error = try await failure(stub, timeout: .milliseconds(500))
        #expect(error?.kind == .ocean || error?.code == .truncated)
    }

    @Test("what the receiver says ends the transfer")
    func receiver() async throws {
        let stub = StubOcean { _, _ in Self.pdf([UInt8](repeating: 1, count: 4 << 20)) }
        let taker = Taker(limit: 1000)
        #expect(try await failure(stub, taker: taker)?.code == .tooLarge)
        #expect(taker.state.withLock { $0.bytes.count } < 4 << 20)
    }

    @Test("a site without credentials is not asked for")
    func noSite() async throws {
        let stub = StubOcean { _, _ in Self.pdf() }
        try await stub.run { client in
            let error = await #expect(throws: DocumentError.self) {
                try await client.document(letter, site: "9999", trace: nil, to: Taker())
            }
            #expect(error?.code == .notConfigured)
        }
        #expect(stub.calls.isEmpty)
    }
}
