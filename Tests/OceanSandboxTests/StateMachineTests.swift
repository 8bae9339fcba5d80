// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import OceanSandbox
import Testing

@Suite("The folders of a referral")
struct StateMachineTests {
    private let time = Timestamp(milliseconds: 1_700_000_000_000)

    private func referral() -> SandboxReferral {
        SandboxReferral(reference: "r1", site: "4500", listing: "l1", at: time)
    }

    private func after(_ changes: ReferralChange...) throws -> SandboxReferral {
        var referral = referral()
        for change in changes {
            let isSenders =
                switch change {
                case .cancel, .messageFromRequester: true
                default: false
                }
            try referral.apply(change, by: isSenders ? .sender : .site("4500"), at: time)
        }
        return referral
    }

    private func status(_ word: String) -> ReferralChange { .status(StatusReport(status: word)) }

    private func booking(_ id: String = "a1", confirmed: Bool) -> ReferralChange {
        .appointment(SandboxAppointment(id: id, start: "2026-03-01T10:00:00-05:00", isConfirmed: confirmed))
    }

    private func question() -> ReferralChange { .messageFromProvider(SandboxMessage(id: "m1", text: "When?")) }

    @Test("a sent referral is New for the receiver and Sent for the sender")
    func sent() {
        #expect(referral().folders == .new)
        #expect(referral().history.map(\.change) == ["sent"])
    }

    @Test(
        "every Task.status leads to the folder of Ocean's table",
        arguments: [
            ("requested", ReferralFolder.new), ("received", .new), ("accepted", .pendingBooking),
            ("in-progress", .pendingBooking), ("on-hold", .pendingBooking), ("ready", .pendingBooking),
            ("rejected", .declined), ("cancelled", .declined), ("completed", .completed),
        ])
    func table(word: String, folder: ReferralFolder) throws {
        let referral = try after(status(word))
        #expect(referral.folders.receiver == folder)
        #expect(referral.folders.sender == (folder == .new ? .sent : folder))
        #expect(referral.taskStatus == word)
    }

    @Test("requested and received leave a moved referral where it is", arguments: ["requested", "received"])
    func stays(word: String) throws {
        #expect(try after(status("completed"), status(word)).folders == .both(.completed))
    }

    @Test(
        "a status that Ocean does not support changes nothing", arguments: ["draft", "failed", "entered-in-error", "x"])
    func unsupported(word: String) {
        var referral = referral()
        let before = referral
        #expect(throws: RefusedChange.self) { try referral.apply(status(word), by: .site("4500"), at: time) }
        #expect(referral == before)
    }

    @Test("participants decide between Booking Unconfirmed and Booking Confirmed")
    func booking() throws {
        #expect(try after(booking(confirmed: false)).folders == .both(.bookingUnconfirmed))
        let confirmed = try after(booking(confirmed: false), booking(confirmed: true))
        #expect(confirmed.folders == .both(.bookingConfirmed))
        #expect(confirmed.appointments.count == 1)
    }

    @Test("one unconfirmed appointment of several keeps the booking unconfirmed")
    func several() throws {
        let referral = try after(booking("a1", confirmed: true), booking("a2", confirmed: false))
        #expect(referral.folders == .both(.bookingUnconfirmed))
        #expect(referral.appointments.map(\.id) == ["a1", "a2"])
    }

    @Test("taking the only appointment away leads back to Pending Booking", arguments: ["a1", nil])
    func removal(id: String?) throws {
        let referral = try after(booking(confirmed: true), .removeAppointment(id: id))
        #expect(referral.folders == .both(.pendingBooking))
        #expect(referral.appointments.isEmpty)
    }

    @Test("a removal that could mean several appointments is refused")
    func ambiguousRemoval() throws {
        var referral = try after(booking("a1", confirmed: true), booking("a2", confirmed: true))
        #expect(throws: RefusedChange.self) {
            try referral.apply(.removeAppointment(id: "other"), by: .site("4500"), at: time)
        }
        #expect(referral.appointments.count == 2)
    }

    @Test("booking comments alone do not move the referral; on a dated appointment they take it away")
    func comments() throws {
        let plain = try after(.bookingComments("Call us", appointmentID: "other"))
        #expect(plain.folders == .new)
        #expect(plain.bookingComments == "Call us")
        let removed = try after(booking(confirmed: true), .bookingComments(nil, appointmentID: "a1"))
        #expect(removed.appointments.isEmpty)
        #expect(removed.folders == .both(.pendingBooking))
    }

    @Test("a message of the receiver waits until the sender answers, then the referral returns")
    func messages() throws {
        let waiting = try after(booking(confirmed: true), question())
        #expect(waiting.folders == FolderPair(sender: .awaitingResponse, receiver: .awaitingReply))
        let second = ReferralChange.messageFromProvider(SandboxMessage(id: "m2", text: "Still?"))
        let answer = ReferralChange.messageFromRequester(SandboxMessage(id: "m3", text: "Tuesday"))
        let answered = try after(booking(confirmed: true), question(), second, answer)
        #expect(answered.folders == .both(.bookingConfirmed))
        #expect(answered.messages.map(\.from) == ["provider", "provider", "requester"])
    }

    @Test("a message that the sender begins moves nothing")
    func senderMessage() throws {
        #expect(try after(.messageFromRequester(SandboxMessage(id: "m", text: "Hello"))).folders == .new)
    }

    @Test("the same message twice is one message")
    func repeatedMessage() throws {
        #expect(try after(question(), question()).messages.count == 1)
    }

    @Test("a finished referral opens again with an active status", arguments: ["completed", "rejected"])
    func reopen(word: String) throws {
        #expect(try after(status(word), status("accepted")).folders == .both(.pendingBooking))
    }

    @Test("only the sender cancels, and a cancelled referral takes no booking until it is reopened")
    func cancel() throws {
        var referral = try after(.cancel)
        #expect(referral.folders == .both(.cancelled))
        #expect(throws: RefusedChange.self) {
            try referral.apply(booking(confirmed: true), by: .site("4500"), at: time)
        }
        #expect(throws: RefusedChange.self) { try referral.apply(.cancel, by: .sender, at: time) }
        try referral.apply(status("accepted"), by: .site("4500"), at: time)
        #expect(referral.folders == .both(.pendingBooking))
        #expect(throws: RefusedChange.self) { try referral.apply(.cancel, by: .site("4500"), at: time) }
    }

    @Test("another site may not update")
    func foreignSite() {
        var referral = referral()
        let error = #expect(throws: RefusedChange.self) {
            try referral.apply(status("accepted"), by: .site("9999"), at: time)
        }
        #expect(error?.code == .notReceiver)
        #expect(error?.status == 403)
        #expect(referral.folders == .new)
    }

    @Test("after a forward nobody updates the old referral")
    func forward() throws {
        var referral = try after(.forward(toListing: "l2", newReference: "r2"))
        #expect(referral.folders == .both(.forwarded))
        #expect(referral.forwardedTo == "r2")
        #expect(throws: RefusedChange(.notReceiver, "Only the current receiver may update this referral.")) {
            try referral.apply(status("accepted"), by: .site("4500"), at: time)
        }
    }

    @Test("the needs-to-be-seen flag turns a referral into an eConsult and back")
    func consult() throws {
        let consult = ReferralChange.status(StatusReport(status: "accepted", needsToBeSeen: false))
        #expect(try after(consult).isConsult)
        let back = ReferralChange.status(StatusReport(status: "accepted", needsToBeSeen: true))
        #expect(try after(consult, back).isConsult == false)
    }

    @Test("every change stands in the history with actor and folders")
    func history() throws {
        let history = try after(status("accepted"), booking(confirmed: true), .cancel).history
        #expect(history.map(\.actor) == ["sender", "site 4500", "site 4500", "sender"])
        #expect(history.map(\.receiverFolder) == [.new, .pendingBooking, .bookingConfirmed, .cancelled])
    }
}
