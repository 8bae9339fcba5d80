// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Ocean

extension FormWork {
    enum Admission: Sendable {
        /// To be carried out; false for one that can be carried out again and again.
        case admitted(isLeased: Bool)
        /// The forms were created before.
        case settled(FormResult, isLeased: Bool)
        /// The key was used for another request.
        case keyReused
    }

    /// Claims the request's key; waits while another process has it in work.
    func admit(_ identity: FormIdentity) async throws(Halt) -> Admission {
        while true {
            switch try await claim(identity) {
            case .acquired: return .admitted(isLeased: true)
            case .resumed(let text):
                guard let note = FormNote(text) else { return .admitted(isLeased: true) }
                guard note.digest == identity.digest else { return .keyReused }
                return note.result.map { .settled($0, isLeased: true) } ?? .admitted(isLeased: true)
            case .done(_, let text):
                guard identity.isNamed, let note = text.flatMap({ FormNote($0) }), let result = note.result else {
                    return .admitted(isLeased: false)
                }
                return note.digest == identity.digest ? .settled(result, isLeased: false) : .keyReused
            case .held(let until, let holder):
                if try await takeOver(identity, from: holder) { continue }
                let wait = min(max(until.duration(since: worker.clock.now()), .milliseconds(10)), .seconds(5))
                guard await stop.pause(for: wait) else { throw Halt() }
            }
        }
    }

    private func claim(_ identity: FormIdentity) async throws(Halt) -> LeaseOutcome {
        let settings = worker.settings
        return try await store("lease") { () async throws(StoreError) in
            let now = worker.clock.now()
            return try await worker.store.claim(
                Claim(
                    key: identity.key, holder: settings.holder, now: now, until: now.advanced(by: settings.lease),
                    note: FormNote(digest: identity.digest).text)
            ).outcome
        }
    }

    /// Before a further attempt. When another process took the request up meanwhile, it is that one's.
    func renew(_ identity: FormIdentity) async throws(Halt) {
        guard case .held = try await claim(identity) else { return }
        hop.logger.warning("another process has taken this request up")
        throw Halt()
    }

    private func takeOver(_ identity: FormIdentity, from holder: String) async throws(Halt) -> Bool {
        let settings = worker.settings
        guard settings.isDead(holder) else { return false }
        return try await store("seize") { () async throws(StoreError) in
            let now = worker.clock.now()
            return try await worker.store.seize(
                key: identity.key, from: holder, holder: settings.holder, now: now,
                until: now.advanced(by: settings.lease))
        }
    }

    /// Writes the link down before anybody hears of it: after a crash it is told, not created again.
    ///
    /// - Returns: what counts.
    func note(_ result: FormResult, _ identity: FormIdentity) async throws(Halt) -> FormResult {
        let open = FormNote(digest: identity.digest)
        var closed = open
        closed.result = result
        let text = closed.text
        do throws(Interruption<StoreError>) {
            let noted = try await worker.persistence.until(stop, hop, step: "save") { () async throws(StoreError) in
                try await worker.store.note(
                    text, on: identity.key, holder: worker.settings.holder, replacing: open.text, saving: nil)
            }
            return FormNote(noted.note)?.result ?? result
        } catch {
            if case .final = error { hop.logger.warning("the lease ran out and another process took this request up") }
            throw Halt()
        }
    }

    func complete(_ identity: FormIdentity) async throws(Halt) {
        do throws(Interruption<StoreError>) {
            try await worker.persistence.until(stop, hop, step: "complete") { () async throws(StoreError) in
                try await worker.store.complete(
                    key: identity.key, holder: worker.settings.holder, now: worker.clock.now())
            }
        } catch {
            guard case .final = error else { throw Halt() }
            hop.logger.info("the lease ran out and another process took this request up")
        }
    }

    /// So that the same request may be made again under its key.
    func release(_ identity: FormIdentity) async {
        do throws(StoreError) {
            try await worker.store.release(key: identity.key, holder: worker.settings.holder)
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

/// What stands on the key of a form request: what was asked, and once it is created, the result with its link.
struct FormNote: Sendable, Hashable {
    var digest: String
    var result: FormResult?

    init(digest: String) {
        self.digest = digest
    }

    /// Nil for a note of another kind or version.
    init?(_ text: String) {
        guard let json = try? JSONValue(parsing: text), let digest = json["form"]?.stringValue else { return nil }
        self.digest = digest
        guard let told = json["result"] else { return }
        var unknown: [JSONPointer] = []
        result = try? FormResult(json: told, at: .root, unknown: &unknown)
    }

    var text: String {
        var object: JSONObject = ["form": .string(digest)]
        if let result { object["result"] = result.json }
        return JSONValue.object(object).text()
    }
}
