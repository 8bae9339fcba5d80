// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Ocean

/// One document on its way through the worker.
struct DocumentWork: Sendable {
    let worker: DocumentWorker
    let delivery: Delivery
    let hop: Hop
    let stop: StopSignal
    let tally: Tally
    var window = CrashWindow.none

    var message: Message { delivery.message }

    /// The name under which the document is kept: the request's own id, which a second request for the same version
    /// repeats.
    var id: String {
        let id = message.id.lowercased()
        return DocumentClaim.isID(id) ? id : UUIDv5.make(namespace: UUIDv5.bridge, name: "document|\(message.id)")
    }

    /// - Returns: the outcome for the metric.
    func run() async throws(Halt) -> String {
        let started = tally.firstAt ?? worker.clock.now()
        guard !worker.isPaused else { throw Halt() }
        switch await window.open() {
        case .entered: break
        case .stopped: throw Halt()
        case .poison(let crashes):
            return try await file(
                reason: CrashedWorker.reason, detail: CrashedWorker.detail(crashes), in: BusNames.deadLetters,
                attempts: crashes, since: started)
        }
        let request: DocumentRequest
        do throws(RecordError) {
            request = try Self.decode(message.body)
        } catch {
            await window.close()
            return try await file(
                reason: error.reason, detail: error.description, in: BusNames.invalid, attempts: tally.attempt,
                since: started)
        }
        await window.close()
        let key = DeadLetter.replayIdentity(of: message).map { "replay|\($0)" } ?? "document|\(id)"
        let isReplay = message.headers[DeadLetter.replayHeader]?.isTrue ?? false
        if !isReplay, try await isDone(key) {
            hop.note(.document, "duplicate")
            return "duplicate"
        }
        let outcome: String
        do throws(Halt) {
            outcome = try await carryOut(request, since: started)
        } catch {
            if !isReplay { await release(key) }
            throw error
        }
        if !isReplay { try await complete(key) }
        return outcome
    }

    private static func decode(_ body: [UInt8]) throws(RecordError) -> DocumentRequest {
        guard let json = try? JSONValue(parsing: body) else {
            throw RecordError(at: .root, message: "is not JSON")
        }
        var unknown: [JSONPointer] = []
        return try DocumentRequest(json: json, at: .root, unknown: &unknown)
    }

    private func carryOut(_ request: DocumentRequest, since started: Timestamp) async throws(Halt) -> String {
        // Kept before a crash, or for another message: not fetched again.
        if let known = try await known() {
            hop.note(.document, "kept", detail: known.id)
            return try await tell(known, request, since: started)
        }
        switch try await obtain(request) {
        case .success(let claim):
            hop.note(
                .document, "stored",
                detail: "\(claim.contentType), \(claim.size) bytes, \(worker.claims.address(sha256: claim.sha256))")
            return try await tell(claim, request, since: started)
        case .failure(let error):
            return try await file(
                reason: error.reason, detail: error.message, in: BusNames.deadLetters, attempts: tally.attempt,
                since: started, status: error.status)
        }
    }

    private func known() async throws(Halt) -> DocumentClaim? {
        do throws(ClaimCheckError) {
            return try await worker.claims.claim(id)
        } catch {
            throw storageFailed(DocumentError(error))
        }
    }

    /// The worker rests until the store serves again; the request stays on its queue.
    func storageFailed(_ error: DocumentError) -> Halt {
        if !Task.isCancelled { worker.storage.failed(error.message) }
        return Halt()
    }

    // MARK: Done once

    private func isDone(_ key: String) async throws(Halt) -> Bool {
        while true {
            let answer = try await store("lease") { () async throws(StoreError) in
                let now = worker.clock.now()
                // The request's own id holds it: the same request after a crash goes on at once.
                return try await worker.state.claim(
                    Claim(key: key, holder: message.id, now: now, until: now.advanced(by: worker.settings.lease)))
            }
            switch answer.outcome {
            case .acquired, .resumed: return false
            case .done: return true
            case .held(let until, _):
                let wait = min(max(until.duration(since: worker.clock.now()), .milliseconds(10)), .seconds(5))
                guard await stop.pause(for: wait) else { throw Halt() }
            }
        }
    }

    private func complete(_ key: String) async throws(Halt) {
        do throws(Interruption<StoreError>) {
            try await worker.persistence.until(stop, hop, step: "complete") { () async throws(StoreError) in
                try await worker.state.complete(key: key, holder: message.id, now: worker.clock.now())
            }
        } catch {
            guard case .final = error else { throw Halt() }
            hop.logger.info("the lease ran out before the document was told of; it may be told of twice")
        }
    }

    private func release(_ key: String) async {
        do throws(StoreError) {
            try await worker.state.release(key: key, holder: message.id)
        } catch {
            hop.logger.info("the lease stays until it runs out", metadata: ["reason": "\(error.reason)"])
        }
    }

    private func store<Value: Sendable>(
        _ step: String, _ body: () async throws(StoreError) -> Value
    ) async throws(Halt) -> Value {
        do throws(Interruption<StoreError>) {
            return try await worker.persistence.until(
                stop, hop, step: step, isFinal: { (_: StoreError) in false }, body)
        } catch {
            throw Halt()
        }
    }
}
