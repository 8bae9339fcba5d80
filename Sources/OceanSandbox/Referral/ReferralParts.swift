// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// A dated appointment as Ocean keeps it.
package struct SandboxAppointment: JSONRecord {
    package var id = ""
    /// RFC 3339 date-time or a date.
    package var start: String?
    package var end: String?
    package var minutes: Int?
    /// Every participant said `accepted`: Booking Confirmed, else Booking Unconfirmed.
    package var isConfirmed = false
    package var label: String?
    package var instructions: String?
    /// `wait-1`, `wait-1a`, `wait-1b` or `wait-2`.
    package var milestone: String?

    package init() {}

    package init(id: String, start: String, isConfirmed: Bool = false) {
        self.id = id
        self.start = start
        self.isConfirmed = isConfirmed
    }

    package static let fields: [Field<SandboxAppointment>] = [
        .required("id", \.id), .optional("start", \.start), .optional("end", \.end), .optional("minutes", \.minutes),
        .required("confirmed", \.isConfirmed), .optional("label", \.label),
        .optional("instructions", \.instructions), .optional("milestone", \.milestone),
    ]
}

/// A message between the two sides.
package struct SandboxMessage: JSONRecord {
    package var id = ""
    /// `provider` or `requester`; set when the message is applied.
    package var from = ""
    package var text = ""
    package var senderName: String?
    package var time = Timestamp(milliseconds: 0)
    /// Files that came with it by the Open API.
    package var files: [SandboxMessageFile] = []

    package init() {}

    package init(id: String, text: String, senderName: String? = nil) {
        self.id = id
        self.text = text
        self.senderName = senderName
    }

    package static let fields: [Field<SandboxMessage>] = [
        .required("id", \.id), .required("from", \.from), .required("text", \.text),
        .optional("senderName", \.senderName), .required("time", \.time), .list("files", \.files),
    ]
}

/// A file that a message names.
package struct SandboxMessageFile: JSONRecord {
    package var ref = ""
    package var name = ""

    package init() {}

    package init(ref: String, name: String) {
        self.ref = ref
        self.name = name
    }

    package static let fields: [Field<SandboxMessageFile>] = [.required("ref", \.ref), .required("name", \.name)]
}

/// One line of a referral's history: what happened, without clinical content.
package struct HistoryEntry: JSONRecord {
    package var time = Timestamp(milliseconds: 0)
    package var actor = ""
    package var change = ""
    package var senderFolder: ReferralFolder = .sent
    package var receiverFolder: ReferralFolder = .new

    package init() {}

    package static let fields: [Field<HistoryEntry>] = [
        .required("time", \.time), .required("actor", \.actor), .required("change", \.change),
        .required("senderFolder", \.senderFolder), .required("receiverFolder", \.receiverFolder),
    ]
}
