// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("Asking for documents", .timeLimit(.minutes(15)))
struct DocumentRequestTests {
    private func bench(
        publishing: @escaping ScriptedBus.Script = { _, _, _ in nil }
    ) -> (Translator, ScriptedBus, ScriptedStore, Journal) {
        let journal = Journal()
        let bus = ScriptedBus(journal: journal, publishing: publishing)
        let store = ScriptedStore(journal: journal)
        var settings = Translator.Settings(targets: [.canonical])
        settings.documents = DocumentRequests()
        let translator = Translator(
            bus: bus, store: store, enricher: ScriptedEnricher(), settings: settings, changes: { _, _ in [] },
            backoff: Backoff { _, _ in .milliseconds(1) }, logger: quiet)
        return (translator, bus, store, journal)
    }

    private var message: Message {
        var canonical = Inbound.canonical()
        canonical.referral?.documents = [DocumentSample.letter(), DocumentSample.attachment()]
        return Inbound.message("m1", canonical)
    }

    @Test("after the referral itself, one request per document, before the key is completed")
    func sequence() async {
        let (translator, bus, _, journal) = bench()
        _ = await translator.handle(delivery(message), stop: StopSignal())
        let requests = bus.published(to: "ocean.documents")
        #expect(requests.count == 2)
        #expect(bus.routingKeys(of: "ocean.documents") == ["ref-1", "ref-1"])
        #expect(
            Array(journal.lines.suffix(4))
                == ["published m1-canonical"] + requests.map { "published \($0.id)" } + ["complete"])
        #expect(requests.allSatisfy { $0.type == .documentRequested && $0.attributes.site == "1234" })
        for var request in requests {
            request.body = []
            #expect(!"\(request)".contains(canary), "only the body may name the file")
        }
    }

    @Test("a message that comes again after a crash repeats the ids")
    func stable() async {
        let (translator, bus, store, _) = bench()
        _ = await translator.handle(delivery(message), stop: StopSignal())
        store.state.withLock { state in
            state.keys = [:]
            state.delivered = []
        }
        _ = await translator.handle(delivery(message), stop: StopSignal())
        let ids = bus.published(to: "ocean.documents").map(\.id)
        #expect(ids.count == 4)
        #expect(Set(ids).count == 2)
        #expect(ids.allSatisfy { DocumentClaim.isID($0) })
    }

    @Test("a queue for requests that is gone parks the referral; nothing is lost")
    func unroutable() async {
        let (translator, bus, store, _) = bench(publishing: { message, _, _ in
            message.type == .documentRequested ? BusError(.unroutable, "no queue") : nil
        })
        #expect(await translator.handle(delivery(message), stop: StopSignal()) == .done)
        #expect(store.state.withLock { $0.parked.map(\.reason) } == ["documents-unroutable"])
        #expect(store.doneKeys.isEmpty)
        #expect(bus.published(to: "hospital.canonical").count == 1)
    }

    @Test("what has no address, carries its bytes, or is not wanted is not asked for")
    func chosen() {
        var inline = DocumentSample.attachment("inline")
        inline.data = "AAAA"
        var withdrawn = DocumentSample.attachment("withdrawn")
        withdrawn.status = "entered-in-error"
        var legacy = DocumentSample.attachment("legacy")
        legacy.url = nil
        let all = [DocumentSample.letter(), DocumentSample.attachment(), inline, withdrawn, legacy]
        #expect(DocumentSample.requests(all).count == 2)
        var wanted = DocumentRequests()
        wanted.letters = false
        #expect(DocumentSample.requests(all, wanted: wanted).count == 1)
        wanted.attachments = false
        #expect(DocumentSample.requests(all, wanted: wanted).isEmpty)
        wanted = DocumentRequests()
        wanted.sites = ["5678"]
        #expect(DocumentSample.requests(all, wanted: wanted).isEmpty, "no credentials, no documents")
        wanted.sites = ["1234"]
        #expect(DocumentSample.requests(all, wanted: wanted).count == 2)
    }

    @Test("a letter is asked for anew with each change when the settings say so")
    func refreshed() {
        var wanted = DocumentRequests()
        wanted.refreshesLetters = true
        let ids = ["m1", "m2"].flatMap { id in
            DocumentSample.requests([DocumentSample.letter()], id: id, wanted: wanted).map(\.id)
        }
        #expect(Set(ids).count == 2)
    }
}
