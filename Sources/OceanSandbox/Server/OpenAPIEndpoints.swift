// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Ocean

/// Ocean's Open API: headers in place of a token, patient data encrypted.
struct OpenAPIEndpoints: Sendable {
    let world: SandboxWorld
    let hub: EventHub

    func answer(_ request: SandboxRequest) async -> SandboxAnswer {
        guard let site = site(of: request) else {
            return .problem(401, "siteNum, siteKey and siteCredential do not belong together")
        }
        let path = Array(request.path.dropFirst(2))
        switch (path.first, path.count) {
        case ("referrals", 2): return await referral(path[1], site)
        case ("referrals", 4) where path[2] == "attachments": return await attachment(path[3], of: path[1], site)
        case ("patients", 2): return await patient(path[1], site)
        case ("patients", 3) where path[2] == "notes":
            return await note(path[1], session: request.query["oceanSessionId"], site)
        default: return .problem(404, "the sandbox does not serve this path")
        }
    }

    private func site(of request: SandboxRequest) -> PretendSite? {
        guard let number = request.header("siteNum"), let site = world.directory.site(number),
            let key = request.header("siteKey"), let credential = request.header("siteCredential"),
            site.siteKey.isSameSecret(as: key), site.siteCredential.isSameSecret(as: credential)
        else { return nil }
        return site
    }

    private func referral(_ reference: String, _ site: PretendSite) async -> SandboxAnswer {
        guard let file = await world.file(reference), file.state.site == site.number,
            let listing = world.directory.listing(file.state.listing)?.listing
        else { return .problem(404, "no such referral") }
        hub.publish(.fetched("referral", site: site.number))
        return encrypted { () throws(TranslationError) in
            .json(200, try OpenReferral(file: file, site: site, listing: listing).json())
        }
    }

    private func attachment(_ id: String, of reference: String, _ site: PretendSite) async -> SandboxAnswer {
        guard let file = await world.file(reference), file.state.site == site.number,
            let listing = world.directory.listing(file.state.listing)?.listing
        else { return .problem(404, "no such referral") }
        return encrypted { () throws(TranslationError) in
            let referral = OpenReferral(file: file, site: site, listing: listing)
            guard let json = try referral.attachment(id) else { return .problem(404, "no such attachment") }
            hub.publish(.fetched("attachment", site: site.number))
            return .json(200, json)
        }
    }

    private func patient(_ reference: String, _ site: PretendSite) async -> SandboxAnswer {
        guard let form = await world.form(reference), form.site == site.number else {
            return .problem(404, "no such patient")
        }
        hub.publish(.fetched("patient", site: site.number))
        return encrypted { () throws(TranslationError) in Self.answer(try form.patientAnswer(site: site)) }
    }

    private func note(_ reference: String, session: String?, _ site: PretendSite) async -> SandboxAnswer {
        guard let form = await world.form(reference), form.site == site.number,
            session == nil || session == form.session
        else { return .problem(404, "no such note") }
        hub.publish(.fetched("note", site: site.number))
        return encrypted { () throws(TranslationError) in Self.answer(try form.noteAnswer(site: site)) }
    }

    private static func answer(_ encrypted: EncryptedAnswer) -> SandboxAnswer {
        SandboxAnswer(
            200, contentType: encrypted.body.first == 0x5B ? "application/json" : "text/plain", body: encrypted.body,
            headers: encrypted.headers.filter { !$0.1.isEmpty })
    }

    private func encrypted(_ make: () throws(TranslationError) -> SandboxAnswer) -> SandboxAnswer {
        do throws(TranslationError) {
            return try make()
        } catch {
            return .problem(500, error.message)
        }
    }
}
