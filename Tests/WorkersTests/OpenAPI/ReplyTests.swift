// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import JSON
import Ocean
import Synchronization
import Testing

@testable import Workers

/// A publisher whose site replies by the Open API.
private struct ReplyBench: Sendable {
    let clock = ManualClock()
    let bus = ScriptedBus(journal: Journal())
    let store: ScriptedStore
    let ocean: OpenOcean
    let publisher: Publisher

    init(
        _ ocean: OpenOcean, store: ScriptedStore = ScriptedStore(journal: Journal()),
        keys: SharedEncryptionKeys? = SharedEncryptionKeys(current: OpenOcean.shared), hasFHIR: Bool = true
    ) {
        self.ocean = ocean
        self.store = store
        var settings = PublisherBench.settings
        settings.conventions["1234"] = UpdateConventions()
        settings.conventions["1234"]?.transport = .openAPI
        settings.sites["1234"] = SitePolicy()
        settings.sites["1234"]?.hasFHIR = hasFHIR
        settings.isDead = { _ in true }
        publisher = Publisher(
            bus: bus, store: store, ocean: ocean,
            openAPI: OpenReferralAccess(service: ocean, keyring: ocean.keyring(keys)), reader: PlainReader(),
            writer: OceanUpdateWriter(), settings: settings,
            availability: OceanAvailability(threshold: 50, clock: clock, logger: quiet), clock: clock,
            backoff: Backoff { attempt, after in after ?? .seconds(attempt) }, logger: quiet)
    }

    @discardableResult
    func handle(_ message: Message, _ signal: StopSignal? = nil) async -> HandlerOutcome {
        await publisher.handle(
            delivery(message, queue: "ocean.updates.0"), stop: signal ?? StopSignal(sleep: instantly(clock)))
    }

    func results() throws -> [UpdateResult] {
        try bus.published(to: "ocean.results").map { message in
            var unknown: [JSONPointer] = []
            return try UpdateResult(json: JSONValue(parsing: message.body), at: .root, unknown: &unknown)
        }
    }

    var letters: [Message] { bus.published(to: "ocean.dead-letters") }
    /// What is remembered to send replies once.
    var marks: [String] {
        store.state.withLock { $0.fingerprints["ref-1"] ?? [:] }.keys.filter { $0.hasPrefix("reply|") }
    }
}

@Suite("Replies by the Open API", .timeLimit(.minutes(2)))
struct ReplyTests {
    private static let lost = OceanServiceError(.network, "the answer was lost")

    private func message(
        _ id: String, _ action: UpdateAction = .message, text: String = "Please call us.", files: [[UInt8]] = []
    ) -> Message {
        var update = ReferralUpdate(referral: "ref-1", site: "1234", action: action)
        update.text = text
        update.documents = files.enumerated().map { index, bytes in
            var document = Document()
            document.title = "\(canary)-\(index).pdf"
            document.data = Data(bytes).base64EncodedString()
            return document
        }
        return Message(
            id: id, source: "/hospital", type: .updateRequested, subject: "ref-1",
            time: Timestamp(milliseconds: 1_767_225_600_000), trace: TraceContext.root(), body: update.json.bytes())
    }

    @Test("a message and its files reach Ocean once; the result names the message", arguments: [false, true])
    func delivered(previous: Bool) async throws {
        let keys =
            previous
            ? SharedEncryptionKeys(current: OpenOcean.other, previous: OpenOcean.shared)
            : SharedEncryptionKeys(current: OpenOcean.shared)
        let bench = ReplyBench(OpenOcean(), keys: keys)
        #expect(await bench.handle(message("u1", files: [[1, 2, 3], [4, 5]])) == .done)
        #expect(bench.ocean.texts == ["Please call us."])
        #expect(bench.ocean.files.count == 2 && bench.ocean.bundles == 0)
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .delivered && result.answer == ["messageRef": "message-1"])
        #expect(bench.marks.isEmpty)
        // Again under the same id: a duplicate.
        await bench.handle(message("u1", files: [[1, 2, 3], [4, 5]]))
        #expect(bench.ocean.texts.count == 1)
    }

    @Test("an answer that was lost is not answered by a second message, nor a second file")
    func lostAnswers() async throws {
        let ocean = OpenOcean {
            $0.afterMessage = { $0 == 1 ? Self.lost : nil }
            $0.afterFile = { $0 == 1 ? Self.lost : nil }
        }
        let bench = ReplyBench(ocean)
        #expect(await bench.handle(message("u1", files: [[1], [2]])) == .done)
        #expect(ocean.texts == ["Please call us."])
        #expect(ocean.filePosts == 2 && ocean.files.count == 2)
        #expect(try bench.results().map(\.outcome) == [.delivered])
    }

    @Test("what never arrived is sent again")
    func lostCalls() async throws {
        let ocean = OpenOcean {
            $0.beforeMessage = { $0 <= 2 ? Self.lost : nil }
            $0.beforeFile = { $0 == 1 ? Self.lost : nil }
        }
        let bench = ReplyBench(ocean)
        #expect(await bench.handle(message("u1", files: [[1]])) == .done)
        #expect(ocean.texts == ["Please call us."])
        #expect(ocean.filePosts == 2 && ocean.files.count == 1)
    }

    @Test("after a crash between call and answer the next process finds the message there")
    func crash() async throws {
        let store = ScriptedStore(journal: Journal())
        let clock = ManualClock()
        let stop = StopSignal(sleep: instantly(clock))
        let ocean = OpenOcean {
            $0.afterMessage = { _ in
                // The process ends here: nothing more is tried.
                stop.trigger()
                return Self.lost
            }
        }
        let first = ReplyBench(ocean, store: store)
        #expect(await first.handle(message("u1", files: [[7]]), stop) == .abandoned)
        #expect(ocean.texts.count == 1 && ocean.files.isEmpty)
        let second = ReplyBench(ocean, store: store)
        #expect(await second.handle(message("u1", files: [[7]])) == .done)
        #expect(ocean.texts.count == 1 && ocean.files.count == 1)
        #expect(try second.results().map(\.outcome) == [.delivered])
    }

    @Test("the same text twice, in two updates, is two messages")
    func intended() async throws {
        let bench = ReplyBench(OpenOcean { $0.afterMessage = { $0 == 2 ? Self.lost : nil } })
        await bench.handle(message("u1"))
        await bench.handle(message("u2", .requestInformation))
        #expect(bench.ocean.texts == ["Please call us.", "Please call us."])
        #expect(try bench.results().map(\.outcome) == [.delivered, .delivered])
    }

    @Test("a file that Ocean refuses ends as refused; the replay sends what is missing, not the message again")
    func refusedFile() async throws {
        let ocean = OpenOcean {
            $0.beforeFile = { $0 == 2 ? OceanServiceError(.refused, "HTTP 413", status: 413) : nil }
        }
        let bench = ReplyBench(ocean)
        await bench.handle(message("u1", files: [[1], [2], [3]]))
        #expect(try bench.results().map(\.reason) == ["too-large"])
        #expect(bench.letters.count == 1 && ocean.files.count == 1)
        var replay = message("u1", files: [[1], [2], [3]])
        replay.headers[DeadLetter.replayHeader] = .bool(true)
        await bench.handle(replay)
        #expect(ocean.texts.count == 1 && ocean.files.count == 3)
        #expect(try bench.results().last?.outcome == .delivered)
        #expect(bench.marks.isEmpty)
    }

    @Test("a wrong key is refused in words, with the setting in the dead letter; nothing is sent")
    func wrongKey() async throws {
        let bench = ReplyBench(OpenOcean(), keys: SharedEncryptionKeys(current: OpenOcean.other))
        #expect(await bench.handle(message("u1")) == .done)
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .refused && result.reason == "wrong-key")
        #expect(result.explanation?.isEmpty == false && result.remedy?.contains("sharedEncryptionKey") == true)
        let detail = bench.letters.first?.headers["x-detail"]?.text ?? ""
        #expect(detail.contains("sites.1234.openApi.sharedEncryptionKey"), "\(bench.letters.first?.headers ?? [:])")
        #expect(bench.ocean.texts.isEmpty)
    }

    @Test("without a key in the settings nothing is sent either")
    func noKey() async throws {
        let bench = ReplyBench(OpenOcean(), keys: nil)
        await bench.handle(message("u1"))
        #expect(try bench.results().map(\.reason) == ["site-not-configured"])
        #expect(bench.letters.count == 1)
    }

    @Test("a 2xx whose body breaks off is tried again, and ends well")
    func brokenBody() async throws {
        let count = Counted()
        let ocean = OpenOcean {
            $0.referral = { json in
                let bytes = json.bytes()
                return count.next() == 1 ? Array(bytes.prefix(bytes.count / 2)) : bytes
            }
        }
        let bench = ReplyBench(ocean)
        #expect(await bench.handle(message("u1")) == .done)
        #expect(ocean.texts.count == 1)
        #expect(try bench.results().map(\.outcome) == [.delivered])
    }

    @Test("other actions go by FHIR; a site without OAuth is told that there is no way", arguments: [true, false])
    func others(hasFHIR: Bool) async throws {
        let bench = ReplyBench(OpenOcean(), hasFHIR: hasFHIR)
        await bench.handle(message("u1", .accept))
        await bench.handle(message("u2", .message))
        #expect(bench.ocean.texts.count == 1 && bench.ocean.bundles == (hasFHIR ? 1 : 0))
        let results = try bench.results()
        #expect(results.map(\.outcome) == [hasFHIR ? .delivered : .refused, .delivered])
        #expect(results.first?.reason == (hasFHIR ? nil : "no-fhir-access"))
        #expect(bench.letters.count == (hasFHIR ? 0 : 1))
    }
}
