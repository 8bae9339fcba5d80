// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FHIR
import JSON
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("The documents worker", .timeLimit(.minutes(15)))
struct DocumentWorkerTests {
    private func notice(_ message: Message?) throws -> DocumentAvailable {
        var unknown: [JSONPointer] = []
        return try DocumentAvailable(json: JSONValue(parsing: message?.body ?? []), at: .root, unknown: &unknown)
    }

    @Test("a letter is fetched, kept and told of, in this order, and never by its bytes")
    func stored() async throws {
        let bench = DocumentBench()
        let request = try #require(DocumentSample.requests([DocumentSample.letter()]).first)
        #expect(await bench.handle(request) == .done)
        #expect(
            bench.journal.lines == [
                "join", "lease", "fetch 1234", "commit", "published \(request.id)-canonical",
                "published \(request.id)-fhir", "complete",
            ])
        let told = try notice(bench.told.first)
        #expect(told.id == request.id)
        #expect(told.referral == "ref-1")
        #expect(told.sha256 == DocumentSample.sha256(DocumentSample.pdf))
        #expect(told.document.url == "memory:\(told.sha256)")
        #expect(told.document.size == DocumentSample.pdf.count)
        #expect(told.document.hash == DocumentSample.sha1(DocumentSample.pdf))
        #expect(told.document.contentType == "application/pdf")
        #expect(told.fetch == "/api/v1/documents/\(request.id)")
        #expect(bench.bus.routingKeys(of: "hospital.canonical") == ["1234.cardiology.document-available"])
        for message in bench.bus.published.map(\.message) {
            #expect(message.type == .documentAvailable)
            #expect(message.subject == "ref-1")
            #expect(message.attributes.causationID == "m1")
            #expect(!String(decoding: message.body, as: UTF8.self).contains("%PDF"))
        }
        #expect(bench.claims.leftovers == 0)
    }

    @Test("the FHIR message is a valid bundle with one DocumentReference")
    func fhir() async throws {
        let bench = DocumentBench()
        await bench.handle([DocumentSample.attachment()])
        let message = try #require(bench.bus.published(to: "hospital.fhir").first)
        #expect(message.contentType == "application/fhir+json")
        let json = try JSONValue(parsing: message.body)
        #expect(StructureValidator().validate(json).isValid, "\(StructureValidator().validate(json))")
        let resource = json["entry"]?[1]?["resource"]
        #expect(resource?["resourceType"] == "DocumentReference")
        let attachment = resource?["content"]?[0]?["attachment"]
        #expect(attachment?["url"]?.stringValue?.hasPrefix("memory:") == true)
        #expect(attachment?["size"]?.intValue == DocumentSample.pdf.count)
        #expect(attachment?["data"] == nil)
    }

    @Test("the canonical notice fits its schema")
    func schema() async throws {
        let bench = DocumentBench()
        await bench.handle([DocumentSample.attachment()])
        let message = try #require(bench.told.first)
        #expect(message.dataSchema == "https://ocean-bridge.ca/schemas/document-available.schema.json")
        let check = try #require(SchemaCheck(schema: Schemas.documentAvailable()))
        let faults = check.faults(in: try JSONValue(parsing: message.body))
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test("the same document in a second message is neither fetched nor told of again; a newer version is")
    func once() async {
        let bench = DocumentBench()
        await bench.handle([DocumentSample.letter()], id: "m1")
        await bench.handle([DocumentSample.letter()], id: "m2")
        #expect(bench.source.calls.count == 1)
        #expect(bench.told.count == 1)
        await bench.handle([DocumentSample.letter(created: "2026-02-01T10:00:00Z")], id: "m3")
        #expect(bench.source.calls.count == 2)
        #expect(Set(bench.told.map(\.id)).count == 2)
    }

    @Test("a crash between keeping and telling: told again under the same ids, not fetched again")
    func crashBetween() async {
        // The bus goes away for good while the worker publishes; the stop signal ends its waiting, as a crash would.
        let isAway = Switch(true)
        let bench = DocumentBench(publishing: { _, _, _ in isAway.isOn ? BusError(.unavailable, "away") : nil })
        let message = DocumentSample.requests([DocumentSample.letter()])[0]
        let ending = StopSignal(sleep: { _ in await Task.yield() })
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let outcome = await bench.worker.handle(
                    delivery(message, queue: "ocean.documents.0"), stop: ending)
                #expect(outcome == .abandoned)
            }
            await bench.journal.wait(for: "publish failed \(message.id)-canonical")
            ending.trigger()
        }
        #expect(bench.claims.kept.count == 1)
        isAway.set(false)
        #expect(await bench.handle(message) == .done)
        #expect(bench.source.calls.count == 1)
        #expect(bench.bus.published.map(\.message.id) == ["\(message.id)-canonical", "\(message.id)-fhir"])
    }

    @Test("a crash between telling and remembering: told twice under the same ids with the same bytes")
    func crashAfter() async {
        let bench = DocumentBench(store: { step, number in
            step == "complete" && number == 1 ? StoreError(.notHolder, "another") : nil
        })
        let message = DocumentSample.requests([DocumentSample.letter()])[0]
        await bench.handle(message)
        await bench.handle(message)
        #expect(bench.source.calls.count == 1)
        #expect(bench.told.count == 2)
        #expect(Set(bench.told.map(\.id)).count == 1)
        #expect(Set(bench.told.map(\.body)).count == 1)
    }

    @Test(
        "what Ocean will not give is a dead letter with its reason after one try",
        arguments: [
            (DocumentError.Code.notFound, 404), (.redirected, 302), (.unauthorized, 403), (.refused, 400),
        ])
    func refused(code: DocumentError.Code, status: Int) async {
        let bench = DocumentBench.fetching { _, _ in .failing(code, status: status) }
        #expect(await bench.handle([DocumentSample.letter()]) == [.done])
        #expect(bench.reasons == [code.rawValue])
        let letter = bench.bus.published(to: "ocean.dead-letters").first
        #expect(letter?.headers["x-status"] == .integer(Int64(status)))
        #expect(letter?.headers["x-stage"] == .string("documents"))
        #expect(bench.source.calls.count == 1)
        #expect(bench.told.isEmpty)
    }

    @Test(
        "an address of another host, path or referral is refused before anything is sent",
        arguments: [
            ("https://elsewhere.example/svc/fhir/v1/ServiceRequest/ref-1/$letter", "foreign-host"),
            ("https://ocean.example@elsewhere.example/svc/fhir/v1/ServiceRequest/ref-1/$letter", "foreign-host"),
            ("//elsewhere.example/svc/fhir/v1/ServiceRequest/ref-1/$letter", "foreign-host"),
            ("https://ocean.example/svc/fhir/v1/ServiceRequest/ref-1/$everything", "unknown-address"),
            ("https://ocean.example/svc/fhir/v1/ServiceRequest/ref-2/$letter", "other-referral"),
        ])
    func foreign(url: String, reason: String) async {
        let bench = DocumentBench()
        var document = DocumentSample.letter()
        document.url = url
        #expect(await bench.handle([document]) == [.done])
        #expect(bench.source.calls.isEmpty)
        #expect(bench.reasons == [reason])
    }

    @Test("a broken document is fetched a few times, then it is a dead letter, and nothing of it stays")
    func broken() async {
        let bench = DocumentBench(change: { $0.tries = 3 }) { _, _ in .body(Array(DocumentSample.pdf.dropLast(10))) }
        #expect(await bench.handle([DocumentSample.letter()]) == [.done])
        #expect(bench.source.calls.count == 3)
        #expect(bench.reasons == ["truncated"])
        #expect(bench.claims.kept.isEmpty)
        #expect(bench.claims.leftovers == 0)
    }

    @Test("a document that comes whole at the second try is kept")
    func recovered() async {
        let bench = DocumentBench.fetching { _, number in number == 1 ? .failing(.truncated) : ScriptedSource.Reply() }
        await bench.handle([DocumentSample.letter()])
        #expect(bench.told.count == 1)
        #expect(bench.reasons.isEmpty)
    }

    @Test("one document too large is a dead letter, the referral's next one is fetched")
    func tooLarge() async {
        let bench = DocumentBench(change: { $0.limit = 20 }) { _, number in
            number == 1 ? ScriptedSource.Reply() : .body(DocumentSample.png, type: "image/png")
        }
        await bench.handle([DocumentSample.letter(), DocumentSample.attachment(type: "image/png")])
        #expect(bench.reasons == ["too-large"])
        #expect(bench.told.count == 1)
    }

    @Test("web pages for several referrals mean that Ocean is away: nothing is given up")
    func maintenance() async {
        let bench = DocumentBench(change: { $0.tries = 1000 }) { _, _ in .body(DocumentSample.page) }
        await withTaskGroup(of: Void.self) { group in
            for number in 1...3 {
                let ref = "ref-\(number)"
                for message in DocumentSample.requests([DocumentSample.letter(ref: ref)], ref: ref) {
                    group.addTask { #expect(await bench.handle(message) == .giveUp) }
                }
            }
        }
        #expect(bench.availability.isDown)
        #expect(bench.reasons.isEmpty)
        #expect(await bench.handle(DocumentSample.requests([DocumentSample.letter()])[0]) == .giveUp)
    }

    @Test("a single web page in a document's place is refused")
    func webPage() async {
        let bench = DocumentBench(change: { $0.tries = 2 }) { _, _ in .body(DocumentSample.page) }
        await bench.handle([DocumentSample.letter()])
        #expect(bench.reasons == ["web-page"])
        #expect(bench.claims.kept.isEmpty)
    }

    @Test("503 is tried again with a rest; a document that keeps failing parks its referral")
    func parked() async {
        let bench = DocumentBench.fetching { _, _ in .failing(.unavailable, status: 503) }
        #expect(await bench.handle([DocumentSample.letter()]) == [.done])
        #expect(bench.store.state.withLock { $0.parked.map(\.reason) } == ["unavailable"])
        #expect(bench.store.state.withLock { $0.lanes.map(\.lane) } == [Lane(stage: "documents", key: "ref-1")])
        #expect(bench.reasons.isEmpty)
    }

    @Test("a full disk: the request stays, nothing is fetched meanwhile, and it goes on afterwards")
    func diskFull() async {
        let isFull = Switch(true)
        let bench = DocumentBench(claims: { step, _ in
            isFull.isOn && (step == "append" || step == "check") ? ScriptedClaims.full : nil
        })
        let message = DocumentSample.requests([DocumentSample.letter()])[0]
        #expect(await bench.handle(message) == .giveUp)
        #expect(bench.worker.storageFault?.contains("no space left") == true)
        #expect(await bench.handle(message) == .giveUp)
        #expect(bench.source.calls.count == 1)
        #expect(bench.claims.leftovers == 0)
        isFull.set(false)
        await bench.worker.awaitService(stop: bench.signal())
        #expect(bench.worker.storageFault == nil)
        #expect(await bench.handle(message) == .done)
        #expect(bench.told.count == 1)
        #expect(bench.reasons.isEmpty)
    }

    @Test("a store that fails at the last step keeps nothing half and tells nobody")
    func commitFails() async {
        let bench = DocumentBench(claims: { step, number in step == "commit" && number == 1 ? ScriptedClaims.full : nil
        })
        let message = DocumentSample.requests([DocumentSample.letter()])[0]
        #expect(await bench.handle(message) == .giveUp)
        #expect(bench.bus.published.isEmpty)
        #expect(bench.claims.leftovers == 0)
        await bench.worker.awaitService(stop: bench.signal())
        #expect(await bench.handle(message) == .done)
        #expect(bench.told.count == 1)
    }

    @Test("what the scanner finds goes to quarantine and is a dead letter; what is clean says so")
    func scanned() async throws {
        let bench = DocumentBench(scanner: ScriptedScanner { $0 == 1 ? .infected : .clean })
        await bench.handle([DocumentSample.letter(), DocumentSample.attachment()])
        #expect(bench.reasons == ["infected"])
        #expect(bench.claims.quarantine.count == 1)
        #expect(bench.told.count == 1)
        #expect(try notice(bench.told.first).scanned)
    }

    @Test("a scanner without a verdict is asked again; Ocean is not blamed")
    func scannerFails() async {
        let bench = DocumentBench(scanner: ScriptedScanner { $0 < 3 ? .failed(reason: "no database") : .clean })
        await bench.handle([DocumentSample.letter()])
        #expect(bench.told.count == 1)
        #expect(!bench.availability.isDown)
        let never = DocumentBench(scanner: ScriptedScanner { _ in .failed(reason: "no database") })
        await never.handle([DocumentSample.letter()])
        #expect(never.store.state.withLock { $0.parked.map(\.reason) } == ["scanner-failed"])
        #expect(never.told.isEmpty)
    }

    @Test("between two documents of a site there is a rest; another site does not wait for it")
    func pace() async {
        let bench = DocumentBench()
        let start = bench.clock.now()
        await bench.handle([DocumentSample.letter(), DocumentSample.attachment("a"), DocumentSample.attachment("b")])
        #expect(bench.clock.now().duration(since: start) == .seconds(4))
        var other = DocumentSample.requests([DocumentSample.letter(ref: "ref-9")], ref: "ref-9")[0]
        other.attributes.site = "5678"
        await bench.handle(other)
        #expect(bench.clock.now().duration(since: start) == .seconds(4))
        #expect(bench.told.count == 4)
    }

    @Test("what is no request stands in the invalid lane")
    func invalid() async {
        let bench = DocumentBench()
        var message = DocumentSample.requests([DocumentSample.letter()])[0]
        message.body = Array("{}".utf8)
        #expect(await bench.handle(message) == .done)
        #expect(bench.bus.published(to: "ocean.invalid").count == 1)
    }

    @Test("a replay of a dead letter is fetched again")
    func replay() async {
        let bench = DocumentBench.fetching { _, number in
            number == 1 ? .failing(.notFound, status: 404) : ScriptedSource.Reply()
        }
        var message = DocumentSample.requests([DocumentSample.letter()])[0]
        await bench.handle(message)
        await bench.handle(message)
        #expect(bench.source.calls.count == 1, "a finished request is not tried again by itself")
        message.headers[DeadLetter.replayHeader] = .string("replay-1")
        await bench.handle(message)
        #expect(bench.told.count == 1)
    }

    @Test("no name of a patient stands in a header, a routing key, an event or a reason")
    func canaries() async {
        let bench = DocumentBench(change: { $0.tries = 1 }) { _, number in
            number == 1 ? ScriptedSource.Reply() : .body(DocumentSample.page)
        }
        await bench.handle([DocumentSample.letter(), DocumentSample.attachment()])
        for entry in bench.bus.published {
            var bare = entry.message
            bare.body = []
            #expect(!"\(bare) \(entry.destination)".contains(canary))
        }
        #expect(!"\(bench.recorder.events)".contains(canary))
        #expect(!"\(bench.claims.kept)".contains(canary))
    }
}
