// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Logging
import Ocean
import Synchronization

@testable import Workers

/// Answers the creating call as a test scripts it.
final class ScriptedForms: FormService {
    /// The number counts the calls from 1.
    typealias Script = @Sendable (FormCall, Int) -> Result<FormAnswer, OceanServiceError>

    private let kept = Mutex<[FormCall]>([])
    private let script: Script

    init(_ script: @escaping Script = { _, _ in .success(ScriptedForms.created()) }) {
        self.script = script
    }

    var calls: [FormCall] { kept.withLock { $0 } }

    func createForm(
        _ call: FormCall, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> FormAnswer {
        let number = kept.withLock { calls in
            calls.append(call)
            return calls.count
        }
        return try script(call, number).get()
    }

    static func created(_ link: String = "https://ocean.example/f/1") -> FormAnswer {
        FormAnswer(status: 201, body: Array(#"{"ref":"701","link":"\#(link)"}"#.utf8))
    }

    static func answer(_ body: String, status: Int = 200) -> FormAnswer {
        FormAnswer(status: status, body: Array(body.utf8))
    }
}

/// A forms worker between a scripted bus, store and Ocean.
struct FormBench: Sendable {
    let journal = Journal()
    let clock = ManualClock()
    let bus: ScriptedBus
    let store: ScriptedStore
    let forms: ScriptedForms
    let worker: FormWorker

    static let keys = SharedEncryptionKeys(current: SharedEncryptionKey(text: "Bridge#2025aBcD!"))
    static let canary = "Zzyzxcanary"

    init(
        store: @escaping ScriptedStore.Script = { _, _ in nil },
        publishing: @escaping ScriptedBus.Script = { _, _, _ in nil }, logger: Logger = quiet,
        change: (inout FormWorker.Settings) -> Void = { _ in },
        forms: @escaping ScriptedForms.Script = { _, _ in .success(ScriptedForms.created()) }
    ) {
        bus = ScriptedBus(journal: journal, publishing: publishing)
        self.store = ScriptedStore(journal: journal, store)
        self.forms = ScriptedForms(forms)
        var settings = FormWorker.Settings(holder: "test-holder")
        settings.keys = { $0 == "1234" ? Self.keys : nil }
        settings.isDead = { _ in false }
        change(&settings)
        worker = FormWorker(
            bus: bus, store: self.store, forms: self.forms, ocean: ScriptedOcean(journal: journal), settings: settings,
            availability: OceanAvailability(threshold: 3, clock: clock, logger: logger), clock: clock,
            backoff: Backoff { attempt, after in after ?? .seconds(attempt) }, logger: logger)
    }

    static func answering(_ forms: @escaping ScriptedForms.Script) -> FormBench { FormBench(forms: forms) }

    static func request(_ change: (inout FormRequest) -> Void = { _ in }) -> FormRequest {
        var request = FormRequest()
        request.site = "1234"
        request.forms = ["intake"]
        request.externalPatientRef = "CH-1"
        var patient = Patient()
        var name = PersonName()
        name.family = canary
        name.given = ["Alex"]
        patient.names = [name]
        patient.birthDate = "1980-02-29"
        request.patient = patient
        change(&request)
        return request
    }

    static func message(_ id: String, _ request: FormRequest = request()) -> Message {
        Message(
            id: id, source: "/hospital", type: .formRequested, subject: "form-lane", time: ManualClock().now(),
            attributes: MessageAttributes(site: request.site), trace: .root(), body: request.json.bytes())
    }

    func signal() -> StopSignal { StopSignal(sleep: instantly(clock)) }

    @discardableResult
    func handle(_ message: Message) async -> HandlerOutcome {
        await worker.handle(delivery(message, queue: "ocean.forms.0"), stop: signal())
    }

    var results: [FormResult] {
        bus.published(to: BusNames.results).compactMap { message in
            var unknown: [JSONPointer] = []
            guard let json = try? JSONValue(parsing: message.body) else { return nil }
            return try? FormResult(json: json, at: .root, unknown: &unknown)
        }
    }

    /// Reason of each dead letter.
    var letters: [String] { bus.published(to: BusNames.deadLetters).compactMap { $0.headers["x-reason"]?.text } }
}
