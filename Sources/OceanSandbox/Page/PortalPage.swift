// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The pages for a person: folders and referrals, and what a sender or receiver does by hand in Ocean's portal.
struct PortalPage: Sendable {
    private static let shown = 200

    let world: SandboxWorld
    let desk: DecisionDesk
    let book: DeliveryBook

    /// Nil for a path that is no page.
    func answer(_ request: SandboxRequest) async -> SandboxAnswer? {
        switch (request.method, request.path) {
        case ("GET", []): return Self.page("Ocean sandbox", await overview(), refreshes: true)
        case ("GET", let path) where path.count == 3 && path.starts(with: ["sandbox", "referrals"]):
            guard let file = await world.file(path[2]) else {
                return Self.page("Not found", .text("There is no referral of that reference."), status: 404)
            }
            let launch = await world.launchAddress(of: file.state)
            return Self.page("Referral", detail(file, launch), frames: launch.flatMap { $0.embeds ? $0.origin : nil })
        case ("POST", ["sandbox", "portal"]): return await act(request)
        default: return nil
        }
    }

    // MARK: Acting

    /// A form that a page of another origin sent is not the person's own.
    private static func isOwn(_ request: SandboxRequest) -> Bool {
        if let site = request.header("Sec-Fetch-Site") { return site == "same-origin" }
        guard let origin = request.header("Origin") else { return true }
        return origin.split(separator: "/").last.map(String.init) == request.authority
    }

    private func act(_ request: SandboxRequest) async -> SandboxAnswer {
        guard Self.isOwn(request) else {
            return Self.page("Refused", .text("This form was sent from another page."), status: 403)
        }
        let form = FormText.decode(String(decoding: request.body, as: UTF8.self))
        do throws(RefusedChange) {
            let reference = try await act(form)
            let place = reference.map { "/sandbox/referrals/\($0)" } ?? "/"
            return SandboxAnswer(303, contentType: "text/plain", body: [], headers: [("Location", place)])
        } catch {
            return Self.page("Refused", .text(error.message), status: error.status)
        }
    }

    /// The referral to be shown next; nil for the overview.
    private func act(_ form: [String: String]) async throws(RefusedChange) -> String? {
        let reference = form["referral"] ?? ""
        let kind = form["kind"].flatMap { SyntheticReferral.Kind(rawValue: $0) } ?? .backPain
        switch form["do"] {
        case "send":
            return try await desk.send(kind, listing: form["listing"] ?? "")
        case "completeForm":
            _ = try await world.completeForm(site: form["site"] ?? "", kind: kind)
            return nil
        case "cancel": try await world.cancel(reference)
        case "message":
            guard let text = form["text"], !text.isEmpty else {
                throw RefusedChange(.invalid, "A message needs a text.")
            }
            try await world.message(reference, text: text, senderName: nil)
        case "forward": return try await world.forward(reference, to: form["listing"] ?? "")
        case "resend": try await world.resend(reference, asNew: form["as"] == "new")
        default: throw RefusedChange(.invalid, "This form is not known.")
        }
        return reference
    }

    // MARK: Pages

    private func overview() async -> HTML {
        let referrals = await world.snapshot()
        let deliveries = book.all()
        let counts = DeliveryState.allCases.map { state in
            "\(deliveries.count { $0.state == state }) \(state.rawValue)"
        }
        let folders = ReferralFolder.allCases.compactMap { folder -> String? in
            let count = referrals.count { $0.receiverFolder == folder }
            return count == 0 ? nil : "\(folder.rawValue): \(count)"
        }
        let rows = referrals.reversed().prefix(Self.shown).map { referral in
            HTML.row([
                link(referral.reference), .text(referral.site), .text(referral.listing),
                .text(referral.senderFolder.rawValue), .text(referral.receiverFolder.rawValue),
                .text(referral.history.last.map { "\($0.change) (\($0.actor))" } ?? ""),
            ])
        }
        return .joined([
            .element("p", [], .text("A pretend Ocean with invented people.")),
            .element("p", [], .text("Webhook deliveries: " + counts.joined(separator: ", ") + ".")),
            .element("p", [], .text(folders.isEmpty ? "No referral yet." : folders.joined(separator: " · "))),
            form("send", "Send a referral", [kinds, listings]),
            form("completeForm", "Complete a form", [kinds, sites]),
            .table(["Referral", "Site", "Listing", "Sender's folder", "Receiver's folder", "Last change"], rows),
            cards(desk.conversations.suffix(Self.shown).reversed()),
        ])
    }

    /// What Ocean shows where a listing has a Referral System Launch: the way on, or the application itself.
    private func launched(_ launch: LaunchAddress?) -> HTML {
        guard let launch else { return .text("") }
        let title = "\(launch.applicationName), \(launch.companyName)"
        return .joined([
            .element("h2", [], .text("Referral System Launch")),
            .element(
                "p", [], .text("Ocean now sends the sender's browser to: "),
                .element("a", [("href", launch.url), ("rel", "noreferrer")], .text(title))),
            launch.embeds
                ? .element("iframe", [("src", launch.url), ("title", title), ("width", "100%"), ("height", "400")])
                : .text(""),
        ])
    }

    private func detail(_ file: ReferralFile, _ launch: LaunchAddress?) -> HTML {
        let referral = file.state
        let facts: [(String, String?)] = [
            ("Reference", referral.reference), ("Kind", file.content.kind.rawValue), ("Listing", referral.listing),
            ("Sender's folder", referral.folders.sender.rawValue),
            ("Receiver's folder", referral.folders.receiver.rawValue), ("Task status", referral.taskStatus),
            ("Reason", referral.statusReason), ("eConsult", referral.isConsult ? "yes" : nil),
            ("Booking comments", referral.bookingComments), ("Replaces", referral.replaces),
            ("Sent on to", referral.redirectURL),
            ("Part of", referral.basedOn), ("Forwarded to", referral.forwardedTo),
        ]
        let reference = HTML.raw(#"<input type="hidden" name="referral" value="\#(HTML.escape(referral.reference))">"#)
        return .joined([
            .element("p", [], .element("a", [("href", "/")], .text("All referrals"))),
            .table(
                ["", ""],
                facts.compactMap { name, value in value.map { .row([.text(name), .text($0)]) } }),
            launched(launch),
            form("message", "Write as the sender", [reference, .raw(#"<input name="text" size="60">"#)]),
            form("forward", "Forward as the receiver", [reference, listings]),
            form("cancel", "Cancel as the sender", [reference]),
            form("resend", "Send again", [reference, .select("as", [("new", "as new"), ("update", "as update")])]),
            .element("h2", [], .text("Appointments")),
            .table(
                ["Start", "Confirmed", "Label", "Milestone"],
                referral.appointments.map {
                    .row([
                        .text($0.start ?? ""), .text($0.isConfirmed ? "yes" : "no"), .text($0.label ?? ""),
                        .text($0.milestone ?? ""),
                    ])
                }),
            .element("h2", [], .text("Messages")),
            .table(
                ["Time", "From", "Text"],
                referral.messages.map { .row([.text($0.time.description), .text($0.from), .text($0.text)]) }),
            .element("h2", [], .text("History")),
            .table(
                ["Time", "Who", "What", "Sender's folder", "Receiver's folder"],
                referral.history.map {
                    .row([
                        .text($0.time.description), .text($0.actor), .text($0.change), .text($0.senderFolder.rawValue),
                        .text($0.receiverFolder.rawValue),
                    ])
                }),
            cards(desk.conversations.filter { $0.reference == referral.reference }),
            .element("h2", [], .text("Webhook deliveries")),
            .table(
                ["Event", "State", "Attempts"],
                book.all().filter { $0.reference == referral.reference }.map {
                    .row([.text($0.event), .text($0.state.rawValue), .text(attempts($0))])
                }),
        ])
    }

    /// What CDS services said before referrals were sent; nothing when none was asked.
    private func cards(_ talks: [HookConversation]) -> HTML {
        guard !talks.isEmpty else { return .joined([]) }
        let rows = talks.map { talk in
            let said = talk.cards.map { "\($0.indicator): \($0.summary) (\($0.source))" }
            return HTML.row([
                .text(talk.time.description), .text(talk.service), .text(talk.listing),
                .text(talk.failure ?? (said.isEmpty ? "no card" : said.joined(separator: " "))),
                .text(talk.isStopped ? "stopped" : "may be sent"),
            ])
        }
        return .joined([
            .element("h2", [], .text("Cards")), .table(["Time", "CDS service", "Listing", "Said", "Referral"], rows),
        ])
    }

    private func attempts(_ delivery: DeliveryRecord) -> String {
        delivery.attempts.map { $0.status.map { "\($0)" } ?? $0.failure ?? "" }.joined(separator: ", ")
    }

    private func link(_ reference: String) -> HTML {
        .element("a", [("href", "/sandbox/referrals/\(reference)")], .text(reference))
    }

    private func form(_ action: String, _ label: String, _ parts: [HTML]) -> HTML {
        .element(
            "form", [("method", "post"), ("action", "/sandbox/portal")],
            .joined(parts),
            .element("button", [("name", "do"), ("value", action)], .text(label)))
    }

    private var kinds: HTML { .select("kind", SyntheticReferral.Kind.allCases.map { ($0.rawValue, $0.rawValue) }) }

    private var listings: HTML {
        .select(
            "listing", world.directory.sites.flatMap(\.listings).map { ($0.reference, "\($0.title) (\($0.reference))") }
        )
    }

    private var sites: HTML {
        .select("site", world.directory.sites.filter { $0.engagementWebhook != nil }.map { ($0.number, $0.name) })
    }

    /// - Parameter frames: the only origin that the page may show in a frame.
    private static func page(
        _ title: String, _ body: HTML, status: Int = 200, refreshes: Bool = false, frames: String? = nil
    ) -> SandboxAnswer {
        let style = """
            body{font:15px sans-serif;margin:2em}td,th{text-align:left;padding:.3em 1em .3em 0;vertical-align:top}
            form{display:inline-block;margin:0 1.5em .7em 0}
            """
        let page = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(HTML.escape(title))</title>
            <style>\(style)</style></head>
            <body><h1>\(HTML.escape(title))</h1>
            \(body.text)
            </body></html>
            """
        var headers = [
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; "
                    + "frame-src \(frames ?? "'none'")"
            ), ("Cache-Control", "no-store"),
        ]
        if refreshes { headers.append(("Refresh", "10")) }
        return SandboxAnswer(status, contentType: "text/html; charset=utf-8", body: Array(page.utf8), headers: headers)
    }
}
