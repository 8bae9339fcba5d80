// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// A misbehaviour of the pretend Ocean, used up after a number of calls.
package struct Fault: JSONRecord {
    /// Answer this HTTP status in place of doing anything. For webhooks: pretend that the receiver answered it.
    package var status: Int?
    /// How many calls it strikes.
    package var times = 1
    /// Wait before the call is served.
    package var delay = 0
    /// Close the connection unanswered, nothing done. For webhooks: never reach the receiver.
    package var drop = false
    /// Do the work, then lose the answer: the caller will repeat what was done.
    package var dropAnswer = false

    package init() {}

    package init(status: Int? = nil, times: Int = 1, delay: Int = 0, drop: Bool = false, dropAnswer: Bool = false) {
        self.status = status
        self.times = times
        self.delay = delay
        self.drop = drop
        self.dropAnswer = dropAnswer
    }

    package static let fields: [Field<Fault>] = [
        .optional("status", \.status), .defaulted("times", \.times), .defaulted("delayMilliseconds", \.delay),
        .flag("drop", \.drop), .flag("dropAnswer", \.dropAnswer),
    ]
}

/// The faults that are armed.
package struct FaultPlan: JSONRecord {
    package var processMessages: Fault?
    package var token: Fault?
    /// Letters, attachments and the Open API.
    package var reads: Fault?
    /// Messages and files posted by the Open API.
    package var replies: Fault?
    package var webhook: Fault?
    /// Letters and attachments.
    package var documents: DocumentFault?
    /// The call that creates forms.
    package var forms: Fault?
    /// The Open API.
    package var openAPI: OpenAPIFault?

    package init() {}

    package static let fields: [Field<FaultPlan>] = [
        .optional("processMessages", \.processMessages), .optional("token", \.token), .optional("reads", \.reads),
        .optional("replies", \.replies), .optional("webhook", \.webhook), .optional("documents", \.documents),
        .optional("forms", \.forms),
        .optional("openApi", \.openAPI),
    ]

    /// The fault that strikes the next of these calls of the Open API.
    mutating func strikeOpenAPI(_ call: OpenAPIFault.Call) -> OpenAPIFault? {
        guard var fault = openAPI, fault.times > 0, fault.call == call else { return nil }
        fault.times -= 1
        openAPI = fault.times > 0 ? fault : nil
        return fault
    }

    /// The fault that strikes the next document, or the next bundle that names some.
    mutating func strikeDocument(inBundle: Bool) -> DocumentFault? {
        guard var fault = documents, fault.times > 0, (fault.kind == .foreignHost) == inBundle else { return nil }
        fault.times -= 1
        documents = fault.times > 0 ? fault : nil
        return fault
    }

    /// The fault that strikes the next call at `place`, one strike used up.
    mutating func strike(_ place: any WritableKeyPath<FaultPlan, Fault?> & Sendable) -> Fault? {
        guard var fault = self[keyPath: place], fault.times > 0 else { return nil }
        fault.times -= 1
        self[keyPath: place] = fault.times > 0 ? fault : nil
        return fault
    }

    func check() throws(RecordError) {
        if let documents, documents.times < 0 || !(0...600_000).contains(documents.delay) {
            throw RecordError(
                at: .root.appending("documents"), message: "times not negative, the delay at most ten minutes")
        }
        if let openAPI, openAPI.times < 0 {
            throw RecordError(at: .root.appending("openApi"), message: "times must not be negative")
        }
        for (name, fault) in [
            ("processMessages", processMessages), ("token", token), ("reads", reads), ("replies", replies),
            ("webhook", webhook), ("forms", forms),
        ] {
            guard let fault else { continue }
            guard (200...599).contains(fault.status ?? 200), fault.times >= 0, (0...600_000).contains(fault.delay)
            else {
                throw RecordError(
                    at: .root.appending(name),
                    message: "status must be 200 to 599, times not negative, the delay at most ten minutes")
            }
        }
    }
}
