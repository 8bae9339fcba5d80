// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// A message that asks for several changes: each goes to Ocean as if it had come as a message of its own, in order.
extension Publication {
    func carryOut(_ request: UpdateRequest, since started: Timestamp) async throws(Halt) -> String {
        let record = try await record(of: request)
        let changes: [RequestedChange]
        if request.isCompared, let crashes = try await enter("compare") {
            return try await setAside(crashes, since: started)
        }
        do throws(TranslationError) {
            changes = try request.changes(since: record)
            await window.close()
        } catch {
            await window.close()
            return try await unreadable(error, of: request, since: started)
        }
        let due = try await due(changes, of: request)
        guard let first = due.first else {
            guard let shown = changes.last else { return "nothing" }
            return try await alreadySo(shown.update, record)
        }
        var outcome = try await separate(first).carryOut(first.update, record, since: started)
        for change in due.dropFirst() {
            // An appointment of the change before may be what this one is about.
            let record = try await self.record(of: request)
            outcome = try await separate(change).carryOut(change.update, record, since: started)
        }
        return outcome
    }

    private func record(of request: UpdateRequest) async throws(Halt) -> ReferralRecord? {
        try await store("record") { () async throws(StoreError) in
            try await publisher.store.referral(request.referral)
        }
    }

    /// The changes to carry out: what Ocean does not show yet, and what it shows because this very message was carried
    /// out in part before the process died.
    func due(_ changes: [RequestedChange], of request: UpdateRequest) async throws(Halt) -> [RequestedChange] {
        guard request.isCompared else { return changes }
        var output: [RequestedChange] = []
        for change in changes {
            let mark = "asked|" + separate(change).identity(of: change.update).key
            if change.isKnown {
                let known = try await store("asked") { () async throws(StoreError) in
                    try await publisher.store.remembered(
                        [mark], referral: request.referral, since: Timestamp(milliseconds: 0))
                }
                if known[mark] != nil { output.append(change) }
            } else {
                try await store("ask") { () async throws(StoreError) in
                    try await publisher.store.remember(
                        fingerprint: mark, referral: request.referral, now: publisher.clock.now())
                }
                output.append(change)
            }
        }
        return output
    }

    /// The change as a message of its own: a dead letter then holds what is left to do, not what was done already.
    func separate(_ change: RequestedChange) -> Publication {
        guard !change.part.isEmpty else { return self }
        var output = self
        output.part = change.part
        output.message = Self.message(of: change, in: message)
        return output
    }

    static func message(of change: RequestedChange, in message: Message) -> Message {
        guard !change.part.isEmpty else { return message }
        var output = message
        output.id = "\(message.id).\(change.part)"
        output.contentType = "application/json"
        output.body = change.update.json.bytes()
        return output
    }

    private func alreadySo(_ update: ReferralUpdate, _ record: ReferralRecord?) async throws(Halt) -> String {
        var result = result(of: update, .delivered, attempts: 0)
        result.explanation = "Ocean shows this already. Nothing was sent."
        try await publish(result, update, record, event: nil)
        return "unchanged"
    }
}
