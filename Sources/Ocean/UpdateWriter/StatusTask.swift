// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// Task.code of the Ontario guide.
enum TaskCode {
    static let processRequest = "process-request"
    static let consult = "process-request-consult"
    static let requestForInformation = "request-for-information-for-requester"

    /// The code system under which Ocean's integrators send these codes; Ocean goes by the code alone.
    static let system = "http://terminology.hl7.org/CodeSystem/v3-TaskOutcome"
    /// What Ocean's 0.10.0 test client sends with `accepted` and `completed`.
    static let approve: JSONValue = ["system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "approve"]

    static func coding(_ code: String) -> JSONValue { ["system": .string(system), "code": .string(code)] }
}

extension UpdateDraft {
    /// The Task that reports a status.
    func statusTask() throws(TranslationError) -> JSONObject {
        var task: ElementBuilder
        switch update.action {
        case .decline: task = self.task(status: "rejected", code: TaskCode.coding(TaskCode.processRequest))
        case .complete: task = self.task(status: "completed", code: reportCode)
        case .convertToConsult:
            // The code names what the referral is now, the flag what it shall become.
            task = self.task(status: "accepted", code: TaskCode.coding(TaskCode.processRequest))
            task.put("extension", [Self.needsToBeSeen(false)])
        case .convertToReferral:
            task = self.task(status: "accepted", code: TaskCode.coding(TaskCode.consult))
            task.put("extension", [Self.needsToBeSeen(true)])
        case .redirect:
            task = self.task(status: "accepted", code: reportCode)
            task.put(
                "extension", [["url": .string(ExtensionURL.thirdPartyRedirect), "valueUri": .string(try redirect())]])
        case .accept where context.conventions.importOnAccept:
            task = self.task(status: "accepted", code: reportCode)
            task.put("extension", [["url": .string(ExtensionURL.importOnAccept), "valueBoolean": true]])
        default: task = self.task(status: "accepted", code: reportCode)
        }
        task.put("basedOn", [referralReference])
        return task.object
    }

    /// The Task by which the guide lets a receiver ask for information.
    func informationTask() throws(TranslationError) -> JSONObject {
        guard update.text.nonEmptyText != nil else { throw missing("/text", "the question to the referrer") }
        guard update.documents.isEmpty else {
            throw TranslationError(
                .unsupported, at: "/documents", "a Task carries no files; send them with a message of its own")
        }
        var task = task(status: "requested", code: TaskCode.coding(TaskCode.requestForInformation))
        task.put("basedOn", [referralReference])
        return task.object
    }

    /// A Task without `basedOn`.
    func task(status: String, code: JSONValue) -> ElementBuilder {
        var task = resource("Task", id: id("Task"))
        task.put("identifier", received?.first("Task")?["identifier"])
        task.put("status", text: status)
        if let reason = update.reason, !reason.isEmpty { task.put("statusReason", ["text": .string(reason)]) }
        task.put("intent", text: context.dialect == .fhir0100 ? "plan" : "order")
        task.put("code", ["coding": [code]])
        task.put("description", text: update.text.nonEmptyText ?? Self.description(update.action))
        task.put("authoredOn", text: time)
        task.put("lastModified", text: time)
        return task
    }

    private var reportCode: JSONValue {
        context.dialect == .fhir0100 ? TaskCode.approve : TaskCode.coding(TaskCode.processRequest)
    }

    private static func needsToBeSeen(_ value: Bool) -> JSONValue {
        ["url": .string(ExtensionURL.patientNeedsToBeSeen), "valueBoolean": .bool(value)]
    }

    private func redirect() throws(TranslationError) -> String {
        guard let url = update.redirectURL.nonEmptyText else {
            throw missing("/redirectUrl", "the address to which Ocean shall send the referrer")
        }
        let isSafe = url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x5C }
        // A user name before the host makes a foreign host look like a known one.
        let authority = url.dropFirst(8).prefix { !"/?#".contains($0) }
        guard url.lowercased().hasPrefix("https://"), isSafe, !authority.isEmpty, !authority.contains("@") else {
            throw TranslationError(
                .invalid, at: "/redirectUrl",
                "must be an absolute https address with a host, without user name or spaces"
            )
        }
        return url
    }

    /// What a person reads in Ocean when the update says nothing else.
    static func description(_ action: UpdateAction) -> String {
        switch action {
        case .accept: "Accept"
        case .decline: "Decline"
        case .complete: "Complete"
        case .reopen: "Reopen"
        case .convertToConsult: "Accept as eConsult"
        case .convertToReferral: "Accept as eReferral"
        case .redirect: "Accept and redirect"
        case .forward: "Forward"
        case .assign: "Assign"
        default: action.rawValue
        }
    }
}

extension Optional where Wrapped == String {
    /// The text, unless it is missing or blank.
    var nonEmptyText: String? {
        guard let self, self.utf8.contains(where: { $0 > 0x20 }) else { return nil }
        return self
    }
}
