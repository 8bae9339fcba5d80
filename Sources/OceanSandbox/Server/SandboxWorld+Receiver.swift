// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// What a receiving system asks for.
extension SandboxWorld {
    /// Applies a bundle posted by a site, all of it or nothing.
    func process(_ body: [UInt8], site: String) throws(RefusedChange) {
        let bundle: IncomingBundle
        do {
            bundle = try IncomingBundle(body)
        } catch {
            hub.publish(.updateRefused(reference: nil, site: site, status: error.status))
            throw error
        }
        do throws(RefusedChange) {
            var entry = JournalEntry(.processed)
            entry.site = site
            entry.text = String(decoding: body, as: UTF8.self)
            try change(entry) { entry throws(RefusedChange) in
                var file = try known(bundle.reference)
                if bundle.changes.contains(.demographics) { file.correctedPatient = bundle.patient }
                _ = try apply(bundle.changes, to: file, by: .site(site))
                entry.reference = bundle.reference
                entry.event = bundle.event
                entry.changes = bundle.changes.map(\.word)
                entry.bundleID = bundle.bundleID
                entry.headerID = bundle.headerID
            }
        } catch {
            hub.publish(.updateRefused(reference: bundle.reference, site: site, status: error.status))
            throw error
        }
    }

    func apply(
        _ changes: [ReferralChange], to original: ReferralFile, by actor: ReferralActor
    ) throws(RefusedChange) -> SandboxReferral {
        var file = original
        var focus: [FocusResource] = []
        var forwarded: ReferralFile?
        for change in changes {
            var change = completed(change)
            if case .forward(let listing, let wish) = change {
                let (site, target) = try place(listing)
                let reference = wish.isEmpty || files[wish] != nil ? nextID() : wish
                change = .forward(toListing: listing, newReference: reference)
                let state = SandboxReferral(
                    reference: reference, site: site.number, listing: target.reference,
                    replaces: file.state.reference, actor: actor, at: now)
                forwarded = makeFile(state, content: file.content, formerListing: file.state.listing, at: now)
            }
            try file.state.apply(change, by: actor, at: now)
            if let resource = Self.focus(of: change) { focus.append(resource) }
        }
        file.modified = now
        files[file.state.reference] = file
        let kept = Set(file.state.appointments.map(\.id))
        let removed = original.state.appointments.map(\.id).filter { !kept.contains($0) }
        focus.removeAll { resource in
            if case .appointment(let id) = resource { removed.contains(id) } else { false }
        }
        announce(file, .update(focus: focus, removed: removed))
        for change in changes { publish(change, file) }
        if let forwarded {
            keep(forwarded)
            announce(forwarded, .add)
            publish(.referralSent(reference: forwarded.state.reference, listing: forwarded.state.listing))
        }
        return file.state
    }

    /// Gives ids to what came without.
    private func completed(_ change: ReferralChange) -> ReferralChange {
        switch change {
        case .appointment(var appointment) where appointment.id.isEmpty:
            appointment.id = nextID()
            return .appointment(appointment)
        case .bookingComments(let text, nil): return .bookingComments(text, appointmentID: nextID())
        case .messageFromProvider(var message) where message.id.isEmpty:
            message.id = nextID()
            return .messageFromProvider(message)
        case .messageFromRequester(var message) where message.id.isEmpty:
            message.id = nextID()
            return .messageFromRequester(message)
        default: return change
        }
    }

    private static func focus(of change: ReferralChange) -> FocusResource? {
        switch change {
        case .status: .task
        case .appointment(let appointment): .appointment(appointment.id)
        case .bookingComments(_, let id): id.map { .appointment($0) }
        case .messageFromProvider(let message), .messageFromRequester(let message): .communication(message.id)
        case .demographics: .patient
        case .removeAppointment, .category, .forward, .cancel: nil
        }
    }
}
