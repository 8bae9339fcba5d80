// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Ocean

/// One form request on its way through the worker.
struct FormWork: Sendable {
    let worker: FormWorker
    let delivery: Delivery
    let hop: Hop
    let stop: StopSignal
    let tally: Tally
    var window = CrashWindow.none

    var message: Message { delivery.message }

    /// - Returns: the outcome for the metric.
    func run() async throws(Halt) -> String {
        let started = tally.firstAt ?? worker.clock.now()
        // While Ocean is down nothing is held.
        guard !worker.availability.isDown else { throw Halt() }
        switch await window.open() {
        case .entered: break
        case .stopped: throw Halt()
        case .poison(let crashes):
            try await file(
                FormRefusal(reason: CrashedWorker.reason, detail: CrashedWorker.detail(crashes)), attempts: crashes,
                since: started)
            return CrashedWorker.reason
        }
        let request: FormRequest
        do throws(TranslationError) {
            request = try FormRequestReader.read(message.body, site: message.attributes.site)
        } catch {
            await window.close()
            return try await refused(FormRefusal(translation: error), nil, since: started)
        }
        await window.close()
        guard !worker.settings.dryRuns.contains(request.site) else {
            return try await refused(.dryRun(site: request.site), request, since: started, isFiled: false)
        }
        let identity = FormIdentity(request, message)
        switch try await admit(identity) {
        case .keyReused: return try await refused(.reusedKey, request, since: started)
        case .settled(let result, let isLeased):
            hop.note(.form, "known")
            try await publish(result)
            if isLeased { try await complete(identity) }
            return "duplicate"
        case .admitted(let isLeased):
            do throws(Halt) {
                return try await carryOut(request, identity, isLeased: isLeased, since: started)
            } catch {
                if isLeased { await release(identity) }
                throw error
            }
        }
    }

    private func carryOut(
        _ request: FormRequest, _ identity: FormIdentity, isLeased: Bool, since started: Timestamp
    ) async throws(Halt) -> String {
        let written: FormCallWriter.Written
        do throws(TranslationError) {
            // Once: every attempt sends the same bytes.
            written = try FormCallWriter(template: worker.settings.template).write(
                request, keys: worker.settings.keys(request.site), id: identity.name)
        } catch {
            if isLeased { await release(identity) }
            return try await refused(FormRefusal(translation: error), request, since: started)
        }
        switch try await send(written.call, request, identity, isLeased: isLeased) {
        case .success(let answer):
            let reading: FormAnswerReading
            do throws(TranslationError) {
                reading = try FormAnswerReading(answer, template: worker.settings.template)
            } catch {
                // Sent again by itself it might be created twice.
                if isLeased { await release(identity) }
                return try await refused(FormRefusal(answer: answer, error), request, since: started)
            }
            var result = result(of: request, .created)
            result.link = reading.link
            result.patientRef = reading.patientRef ?? request.patientRef
            result.status = answer.status
            result.leftOut = written.leftOut
            result.attempts = tally.attempt
            if isLeased { result = try await note(result, identity) }
            try await publish(result)
            if isLeased { try await complete(identity) }
            return FormOutcome.created.rawValue
        case .failure(let error):
            if isLeased { await release(identity) }
            return try await refused(FormRefusal(service: error), request, since: started)
        }
    }
}

/// How a form request is known again.
struct FormIdentity: Sendable, Hashable {
    /// What Ocean is told to know it by.
    let name: String
    let key: String
    /// Of what is asked, without the key: under one key one thing is asked.
    let digest: String
    /// The sender gave it a key or an id; one that has neither is carried out each time it comes.
    let isNamed: Bool

    init(_ request: FormRequest, _ message: Message) {
        var asked = request
        asked.idempotencyKey = nil
        digest = ContentDigest.digest(of: asked.json.bytes())
        name = request.idempotencyKey ?? message.id
        isNamed = request.idempotencyKey != nil || !message.id.hasPrefix(Message.fallbackIDPrefix)
        key =
            DeadLetter.replayIdentity(of: message).map { "replay|\($0)" }
            ?? "form|\(request.site)|\(request.idempotencyKey.map { "key|\($0)" } ?? "message|\(message.id)")"
    }
}
