// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Ocean

/// Ocean's Open API: headers in place of a token, patient data encrypted.
struct OpenAPIEndpoints: Sendable {
    let world: SandboxWorld
    let hub: EventHub
    let faults: FaultSwitchboard
    let base: BaseAddress

    func answer(_ request: SandboxRequest) async -> SandboxAnswer {
        guard let site = site(of: request) else {
            return .problem(401, "siteNum, siteKey and siteCredential do not belong together")
        }
        let path = Array(request.path.dropFirst(2))
        if request.method == "POST" || request.method == "PUT" {
            switch (path.first, path.count) {
            case ("patients", 1): return await create(request, ref: nil, site)
            case ("patients", 3) where path[2] == "forms": return await create(request, ref: path[1], site)
            default: return .problem(404, "the sandbox does not serve this path")
            }
        }
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
        return struck(site) { key throws(TranslationError) in try form.patientAnswer(site: site, under: key) }
    }

    private func note(_ reference: String, session: String?, _ site: PretendSite) async -> SandboxAnswer {
        guard let form = await world.form(reference), form.site == site.number,
            session == nil || session == form.session
        else { return .problem(404, "no such note") }
        hub.publish(.fetched("note", site: site.number))
        return struck(site) { key throws(TranslationError) in try form.noteAnswer(site: site, under: key) }
    }

    /// An encrypted answer, or what an armed fault makes of it.
    private func struck(
        _ site: PretendSite, _ make: (SharedEncryptionKey) throws(TranslationError) -> EncryptedAnswer
    ) -> SandboxAnswer {
        let fault = faults.strikeOpenAPI()
        let key = SharedEncryptionKey(text: fault == .wrongKey ? "Another#Key12345" : site.sharedEncryptionKey)
        return encrypted { () throws(TranslationError) in
            let answer = try make(key)
            switch fault {
            case .truncatedCiphertext: return Self.answer(answer.truncated)
            case .brokenBody: return Self.answer(EncryptedAnswer(headers: answer.headers, body: Array("[1, 2,".utf8)))
            case .webPage: return Self.webPage
            case .wrongKey, nil: return Self.answer(answer)
            }
        }
    }

    private static let webPage = SandboxAnswer(
        200, contentType: "text/html", body: Array("<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>\n".utf8)
    )

    /// The assumed call that creates forms (`FormTemplate.assumed`): the mirror of the patient's `GET`.
    private func create(_ request: SandboxRequest, ref: String?, _ site: PretendSite) async -> SandboxAnswer {
        guard let body = try? JSONValue(parsing: request.body),
            let forms = body["formRefs"]?.arrayValue?.compactMap(\.stringValue), !forms.isEmpty
        else { return .problem(400, "formRefs must name forms") }
        var patient: JSONValue?
        if let sealed = body["encryptedPatient"]?.stringValue {
            guard let opened = open(sealed, request, site) else {
                return .problem(400, "encryptedPatient cannot be decrypted")
            }
            patient = opened
        }
        guard ref != nil || patient != nil else { return .problem(400, "encryptedPatient is missing") }
        let created: RequestedForm
        do throws(RefusedChange) {
            created = try await world.createForms(
                site: site.number, ref: ref, patient: patient, forms: forms, key: request.header("Idempotency-Key"))
        } catch {
            return .problem(error.status, error.message)
        }
        switch faults.strikeOpenAPI() {
        case .webPage: return Self.webPage
        case .brokenBody, .truncatedCiphertext, .wrongKey:
            return SandboxAnswer(201, contentType: "application/json", body: Array(#"{"ref":"7"#.utf8))
        case nil: break
        }
        return .json(
            201,
            [
                "ref": .string(created.patientRef),
                "link": .string("\(base.current)/intake/patients.html?linkRef=\(created.token)"),
            ])
    }

    private func open(_ sealed: String, _ request: SandboxRequest, _ site: PretendSite) -> JSONValue? {
        guard let wrapped = request.header("oneTimeKey"), let iv = request.header("iv"),
            let key = try? SharedEncryptionKey(text: site.sharedEncryptionKey)
                .unwrap(EncryptedBlock(data: wrapped, iv: iv), at: "")
        else { return nil }
        return try? key.decryptJSON(EncryptedBlock(data: sealed, iv: iv), at: "")
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
