// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Crypto
import FoundationEssentials
import JSON
import Logging
import Ocean
import Synchronization

@testable import Workers

/// Ocean's documents as a test scripts them.
final class ScriptedSource: DocumentSource {
    struct Reply: Sendable {
        var head = DocumentHead(contentType: "application/pdf")
        var pieces: [[UInt8]] = [DocumentSample.pdf]
        /// Thrown behind the pieces; before them when there are none.
        var failure: DocumentError?
        var isHeadless = false

        static func failing(_ code: DocumentError.Code, status: Int? = nil) -> Reply {
            Reply(pieces: [], failure: DocumentError(code, "scripted", status: status), isHeadless: true)
        }

        static func body(_ bytes: [UInt8], type: String? = "application/pdf") -> Reply {
            Reply(head: DocumentHead(contentType: type, length: bytes.count), pieces: [bytes])
        }
    }

    /// The number counts the calls from 1.
    typealias Script = @Sendable (DocumentAddress, Int) -> Reply

    private let asked = Mutex<[DocumentAddress]>([])
    private let journal: Journal
    private let script: Script

    init(journal: Journal, _ script: @escaping Script) {
        self.journal = journal
        self.script = script
    }

    var calls: [DocumentAddress] { asked.withLock { $0 } }

    func document(
        _ address: DocumentAddress, site: String, trace: TraceContext?, to receiver: any DocumentReceiver
    ) async throws(DocumentError) {
        let number = asked.withLock { list in
            list.append(address)
            return list.count
        }
        journal.write("fetch \(site)")
        let reply = script(address, number)
        if !reply.isHeadless { try await receiver.begin(reply.head) }
        for piece in reply.pieces { try await receiver.receive(piece) }
        if let failure = reply.failure { throw failure }
    }
}

/// A claim-check store in memory whose failures a test scripts.
final class ScriptedClaims: ClaimCheckStore {
    final class Draft: ClaimCheckDraft {
        let path = "/scripted/draft"
        let bytes = Mutex<[UInt8]>([])
        let isGone = Mutex(false)
        private let enter: @Sendable (String) throws(ClaimCheckError) -> Void

        init(_ enter: @escaping @Sendable (String) throws(ClaimCheckError) -> Void) {
            self.enter = enter
        }

        func append(_ more: [UInt8]) async throws(ClaimCheckError) {
            try enter("append")
            bytes.withLock { $0 += more }
        }

        func close() async throws(ClaimCheckError) { try enter("close") }
        func discard() async { isGone.withLock { $0 = true } }
    }

    private struct State {
        var claims: [String: DocumentClaim] = [:]
        var quarantine: [String] = []
        var calls: [String: Int] = [:]
        var drafts: [Draft] = []
    }

    /// Step (`draft`, `append`, `commit`, `claim`, `check`, …) and its number from 1.
    typealias Script = @Sendable (String, Int) -> ClaimCheckError?

    private let state = Mutex(State())
    private let journal: Journal
    private let script: Script

    init(journal: Journal, _ script: @escaping Script = { _, _ in nil }) {
        self.journal = journal
        self.script = script
    }

    static let full = ClaimCheckError(.full, "no space left")
    var kept: [DocumentClaim] { state.withLock { $0.claims.values.map(\.self) } }
    var quarantine: [String] { state.withLock { $0.quarantine } }
    /// Drafts that were neither committed nor removed.
    var leftovers: Int { state.withLock { $0.drafts.count { !$0.isGone.withLock { $0 } } } }

    private func enter(_ step: String) throws(ClaimCheckError) {
        let number = state.withLock { state in
            state.calls[step, default: 0] += 1
            return state.calls[step, default: 0]
        }
        if let error = script(step, number) {
            journal.write("\(step) failed")
            throw error
        }
    }

    func draft() async throws(ClaimCheckError) -> any ClaimCheckDraft {
        try enter("draft")
        let draft = Draft { (step) throws(ClaimCheckError) in try self.enter(step) }
        state.withLock { $0.drafts.append(draft) }
        return draft
    }

    func commit(_ draft: any ClaimCheckDraft, as claim: DocumentClaim) async throws(ClaimCheckError) {
        try enter("commit")
        journal.write("commit")
        await draft.discard()
        state.withLock { $0.claims[claim.id] = claim }
    }

    func quarantine(_ draft: any ClaimCheckDraft, id: String) async throws(ClaimCheckError) {
        try enter("quarantine")
        await draft.discard()
        state.withLock { $0.quarantine.append(id) }
    }

    func claim(_ id: String) async throws(ClaimCheckError) -> DocumentClaim? {
        try enter("claim")
        return state.withLock { $0.claims[id] }
    }

    func open(_ claim: DocumentClaim) async throws(ClaimCheckError) -> any ClaimCheckReading {
        throw ClaimCheckError(.missing, "nothing is read here")
    }

    func address(sha256: String) -> String { "memory:\(sha256)" }
    func prune(before: Timestamp) async throws(ClaimCheckError) -> Int { 0 }
    func check() async throws(ClaimCheckError) { try enter("check") }
    func shutdown() async {}
}

struct ScriptedScanner: DocumentScanner {
    let script: @Sendable (Int) -> ScanVerdict
    private let count = Counted()

    init(_ script: @escaping @Sendable (Int) -> ScanVerdict) {
        self.script = script
    }

    func scan(_ path: String) async -> ScanVerdict { script(count.next()) }
}

enum DocumentSample {
    static let pdf = Array("%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n".utf8)
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]
    static let page = Array("  <!DOCTYPE html><html><body>Sign in</body></html>".utf8)

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    static func sha1(_ bytes: [UInt8]) -> String {
        Data(Insecure.SHA1.hash(data: bytes)).base64EncodedString()
    }

    static func letter(ref: String = "ref-1", created: String? = "2026-01-01T10:00:00Z") -> Document {
        var document = Document()
        document.kind = .letter
        document.ref = ref
        document.url = "https://ocean.example/svc/fhir/v1/ServiceRequest/\(ref)/$letter"
        document.contentType = "application/pdf"
        document.title = "\(canary).pdf"
        document.created = created
        return document
    }

    static func attachment(_ id: String = "att-1", type: String? = "application/pdf", size: Int? = nil) -> Document {
        var document = Document()
        document.kind = .attachment
        document.ref = id
        document.url = "https://ocean.example/svc/fhir/v1/DocumentReference/\(id)/$binary"
        document.contentType = type
        document.title = "\(canary)-\(id).pdf"
        document.size = size
        return document
    }

    /// The requests that the translator makes of a referral with these documents.
    static func requests(
        _ documents: [Document], id: String = "m1", ref: String = "ref-1", wanted: DocumentRequests = DocumentRequests()
    ) -> [Message] {
        var canonical = Inbound.canonical(ref: ref)
        canonical.referral?.documents = documents
        return wanted.messages(for: Inbound.message(id, canonical, ref: ref), canonical, trace: .root())
    }
}

/// A documents worker between a scripted bus, store, Ocean and claim-check store.
struct DocumentBench: Sendable {
    let journal = Journal()
    let clock = ManualClock()
    let recorder = Recorder()
    let bus: ScriptedBus
    let store: ScriptedStore
    let claims: ScriptedClaims
    let source: ScriptedSource
    let ocean: ScriptedOcean
    let availability: OceanAvailability
    let worker: DocumentWorker

    init(
        store: @escaping ScriptedStore.Script = { _, _ in nil },
        publishing: @escaping ScriptedBus.Script = { _, _, _ in nil },
        claims: @escaping ScriptedClaims.Script = { _, _ in nil }, files: OpenFileSource? = nil,
        scanner: (any DocumentScanner)? = nil, logger: Logger = quiet,
        change: (inout DocumentWorker.Settings) -> Void = { _ in },
        source: @escaping ScriptedSource.Script = { _, _ in ScriptedSource.Reply() }
    ) {
        bus = ScriptedBus(journal: journal, publishing: publishing)
        self.store = ScriptedStore(journal: journal, store)
        self.claims = ScriptedClaims(journal: journal, claims)
        self.source = ScriptedSource(journal: journal, source)
        ocean = ScriptedOcean(journal: journal)
        availability = OceanAvailability(threshold: 3, clock: clock, logger: logger)
        var settings = DocumentWorker.Settings(oceanHost: "https://ocean.example")
        change(&settings)
        worker = DocumentWorker(
            bus: bus, state: self.store, claims: self.claims, source: self.source, ocean: ocean, files: files,
            scanner: scanner,
            settings: settings, availability: availability, clock: clock,
            backoff: Backoff { attempt, after in after ?? .seconds(attempt) }, observer: recorder, logger: logger)
    }

    static func fetching(_ source: @escaping ScriptedSource.Script) -> DocumentBench { DocumentBench(source: source) }

    func signal() -> StopSignal { StopSignal(sleep: instantly(clock)) }

    @discardableResult
    func handle(_ message: Message) async -> HandlerOutcome {
        await worker.handle(delivery(message, queue: "ocean.documents.0"), stop: signal())
    }

    @discardableResult
    func handle(_ documents: [Document], id: String = "m1") async -> [HandlerOutcome] {
        var outcomes: [HandlerOutcome] = []
        for message in DocumentSample.requests(documents, id: id) { outcomes.append(await handle(message)) }
        return outcomes
    }

    /// Reason of each dead letter.
    var reasons: [String] {
        bus.published(to: "ocean.dead-letters").map { $0.headers["x-reason"]?.text ?? "" }
    }

    var told: [Message] { bus.published(to: "hospital.canonical") }
}
