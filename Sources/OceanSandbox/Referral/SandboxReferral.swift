// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// One referral in the pretend Ocean: a state machine without clock, network or randomness.
package struct SandboxReferral: Sendable, Hashable {
    package let reference: String
    /// Site number of the current receiver; only it may update.
    package let site: String
    /// Directory listing of the current receiver.
    package let listing: String
    /// The referral that this one replaces: it was forwarded here.
    package let replaces: String?
    /// The source referral of which this one is a part; the source itself was sent to nobody.
    package let basedOn: String?
    package private(set) var folders: FolderPair = .new
    /// The last `Task.status`; nil until the receiver reports one.
    package private(set) var taskStatus: String?
    package private(set) var statusReason: String?
    package private(set) var isConsult = false
    package private(set) var redirectURL: String?
    package private(set) var appointments: [SandboxAppointment] = []
    package private(set) var bookingComments: String?
    package private(set) var messages: [SandboxMessage] = []
    /// The corrected category; nil while the sender's own holds.
    package private(set) var correctedCategory: String?
    package private(set) var forwardedTo: String?
    package private(set) var history: [HistoryEntry] = []
    /// Where a referral lay before the receiver's message was opened.
    private var beforeMessage: FolderPair?

    package init(
        reference: String, site: String, listing: String, replaces: String? = nil, basedOn: String? = nil,
        actor: ReferralActor = .sender, at time: Timestamp
    ) {
        self.reference = reference
        self.site = site
        self.listing = listing
        self.replaces = replaces
        self.basedOn = basedOn
        record(replaces != nil ? "forwarded here" : basedOn != nil ? "split" : "sent", by: actor, at: time)
    }

    /// Writes into the history that the referral was sent again by hand, with everything in it; nothing else changes.
    package mutating func noteResend(asNew: Bool, at time: Timestamp) {
        record(asNew ? "resent as new" : "resent as update", by: .sender, at: time)
    }

    /// Makes a change and writes it into the history.
    ///
    /// - Throws: `RefusedChange`; the referral is then unchanged.
    package mutating func apply(
        _ change: ReferralChange, by actor: ReferralActor, at time: Timestamp
    ) throws(RefusedChange) {
        try checkRight(to: change, of: actor)
        switch change {
        case .status(let report): try apply(report)
        case .appointment(let appointment): try book(appointment)
        case .removeAppointment(let id): try removeAppointment(id)
        case .bookingComments(let text, let id): try comment(text, on: id)
        case .messageFromProvider(let message): open(message, at: time)
        case .messageFromRequester(let message): answer(message, by: actor, at: time)
        case .category(let code): correctedCategory = code
        case .demographics: break
        case .forward(_, let newReference):
            guard !folders.receiver.isFinished else {
                throw RefusedChange(.state, "A finished referral cannot be forwarded; reopen it first.")
            }
            forwardedTo = newReference
            move(to: .both(.forwarded))
        case .cancel: move(to: .both(.cancelled))
        }
        record(change.word, by: actor, at: time)
    }

    private func checkRight(to change: ReferralChange, of actor: ReferralActor) throws(RefusedChange) {
        switch (actor, change) {
        case (.sender, .cancel):
            guard folders.receiver != .cancelled, folders.receiver != .forwarded else {
                throw RefusedChange(.state, "The referral is cancelled or forwarded already.")
            }
        case (.sender, .messageFromRequester): break
        case (.sender, _):
            throw RefusedChange(.unsupported, "The sender can only write a message or cancel.")
        case (.site, .cancel):
            throw RefusedChange(.unsupported, "Only the sender can cancel, in Ocean; decline the referral instead.")
        case (.site(let number), _):
            guard number == site, forwardedTo == nil else {
                throw RefusedChange(.notReceiver, "Only the current receiver may update this referral.")
            }
        }
    }

    private mutating func apply(_ report: StatusReport) throws(RefusedChange) {
        switch TaskEffect(status: report.status) {
        case .unsupported: throw RefusedChange(.unsupported, "Ocean does not support this Task.status.")
        case .stay: break
        case .move(let folder): move(to: .both(folder))
        }
        taskStatus = report.status
        statusReason = report.reason
        if let needed = report.needsToBeSeen { isConsult = !needed }
        if let url = report.redirectURL { redirectURL = url }
    }

    private mutating func book(_ appointment: SandboxAppointment) throws(RefusedChange) {
        try checkNotCancelled()
        guard !appointment.id.isEmpty, let start = appointment.start, !start.isEmpty else {
            throw RefusedChange(.invalid, "A dated appointment needs an id and a start.")
        }
        if let index = appointments.firstIndex(where: { $0.id == appointment.id }) {
            appointments[index] = appointment
        } else {
            appointments.append(appointment)
        }
        if let text = appointment.instructions { bookingComments = text }
        moveToBooking()
    }

    private mutating func removeAppointment(_ id: String?) throws(RefusedChange) {
        try checkNotCancelled()
        let index = id.flatMap { id in appointments.firstIndex { $0.id == id } } ?? (appointments.count == 1 ? 0 : nil)
        guard let index else {
            throw RefusedChange(.notFound, "There is no such appointment; repeat the id of the one to be removed.")
        }
        appointments.remove(at: index)
        moveToBooking()
    }

    private mutating func comment(_ text: String?, on id: String?) throws(RefusedChange) {
        if let id, appointments.contains(where: { $0.id == id }) {
            try removeAppointment(id)
        } else if text == nil {
            throw RefusedChange(.invalid, "An appointment without a date needs booking comments or a known id.")
        }
        if let text { bookingComments = text }
    }

    private func checkNotCancelled() throws(RefusedChange) {
        guard folders.receiver != .cancelled else {
            throw RefusedChange(.state, "The sender has cancelled this referral; reopen it first.")
        }
    }

    private mutating func moveToBooking() {
        if appointments.isEmpty {
            move(to: .both(.pendingBooking))
        } else {
            let isConfirmed = appointments.allSatisfy(\.isConfirmed)
            move(to: .both(isConfirmed ? .bookingConfirmed : .bookingUnconfirmed))
        }
    }

    private mutating func open(_ message: SandboxMessage, at time: Timestamp) {
        keep(message, from: "provider", at: time)
        let before = beforeMessage ?? folders
        move(to: .awaiting)
        beforeMessage = before
    }

    private mutating func answer(_ message: SandboxMessage, by actor: ReferralActor, at time: Timestamp) {
        keep(message, from: "requester", at: time)
        // A note that the receiver raises in the sender's name is no answer of the sender.
        guard actor == .sender, let before = beforeMessage else { return }
        move(to: before)
    }

    private mutating func keep(_ message: SandboxMessage, from side: String, at time: Timestamp) {
        var kept = message
        kept.from = side
        kept.time = time
        // The same id is the same message, sent again because its answer was lost.
        if let index = messages.firstIndex(where: { $0.id == kept.id }) {
            messages[index] = kept
        } else {
            messages.append(kept)
        }
    }

    private mutating func move(to pair: FolderPair) {
        folders = pair
        beforeMessage = nil
    }

    private mutating func record(_ change: String, by actor: ReferralActor, at time: Timestamp) {
        var entry = HistoryEntry()
        entry.time = time
        entry.actor = actor.name
        entry.change = change
        entry.senderFolder = folders.sender
        entry.receiverFolder = folders.receiver
        history.append(entry)
    }
}
