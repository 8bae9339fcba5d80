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

    private static let unknownSite = SandboxAnswer.problem(
        401, "siteNum, siteKey and siteCredential do not belong together")

    /// What a receiving system posts.
    func take(_ request: SandboxRequest) async -> SandboxAnswer {
        guard let site = site(of: request) else { return Self.unknownSite }
        let path = Array(request.path.dropFirst(2))
        guard path.count == 3, path[0] == "referrals" else {
            return .problem(404, "the sandbox does not serve this path")
        }
        do throws(RefusedChange) {
            switch path[2] {
            case "messages":
                return Self.text(try await world.reply(request.body, to: path[1], site: site.number))
            case "attachments":
                guard let iv = request.header("ivBase64") else {
                    return .problem(400, "the header ivBase64 is missing")
                }
                let block = EncryptedBlock(data: String(decoding: request.body, as: UTF8.self), iv: iv)
                return Self.text(
                    try await world.upload(block, ref: request.header("fileRef"), to: path[1], site: site.number))
            default: return .problem(404, "the sandbox does not serve this path")
            }
        } catch {
            return .problem(error.status, error.message)
        }
    }

    private static func text(_ text: String) -> SandboxAnswer {
        SandboxAnswer(200, contentType: "text/plain", body: Array(text.utf8))
    }

    func answer(_ request: SandboxRequest) async -> SandboxAnswer {
        guard let site = site(of: request) else { return Self.unknownSite }
        let path = Array(request.path.dropFirst(2))
        if request.method == "POST" || request.method == "PUT" {
            switch (path.first, path.count) {
            case ("patients", 1): return await create(request, ref: nil, site)
            case ("patients", 3) where path[2] == "forms": return await create(request, ref: path[1], site)
            default: return .problem(404, "the sandbox does not serve this path")
            }
        }
        switch (path.first, path.count) {
        case ("referrals", 2): return struck(await referral(path[1], site), .referral)
        case ("referrals", 4) where path[2] == "attachments":
            return struck(await attachment(path[3], of: path[1], site), .attachment)
        case ("site", 2) where path[1] == "privateKey": return struck(await privateKey(site), .privateKey)
        case ("patients", 2): return await patient(path[1], site)
        case ("patients", 3) where path[2] == "notes":
            return await note(path[1], session: request.query["oceanSessionId"], site)
        default: return .problem(404, "the sandbox does not serve this path")
        }
    }

    private func struck(_ answer: SandboxAnswer, _ call: OpenAPIFault.Call) -> SandboxAnswer {
        guard answer.status == 200, let fault = faults.strikeOpenAPI(call) else { return answer }
        return OpenAPIDamage.applied(fault, to: answer)
    }

    /// The keys of the site one after the other, encrypted; the pretend Ocean has one.
    private func privateKey(_ site: PretendSite) async -> SandboxAnswer {
        guard let key = await world.privateKey(of: site) else { return .problem(503, "no key could be made") }
        return encrypted { () throws(TranslationError) in
            let block = try SharedEncryptionKey(text: site.sharedEncryptionKey).encrypt(key.json.bytes())
            hub.publish(.fetched("private key", site: site.number))
            var answer = SandboxAnswer.json(200, .string(block.data))
            answer.headers.append(("iv", block.iv))
            return answer
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
        let key = await world.wrappingKey(of: site)
        return encrypted { () throws(TranslationError) in
            .json(200, try OpenReferral(file: file, site: site, listing: listing, privateKey: key).json())
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
        let fault = faults.strikeOpenAPI(.patient)
        let key = SharedEncryptionKey(text: fault?.kind == .wrongKey ? "Another#Key12345" : site.sharedEncryptionKey)
        return encrypted { () throws(TranslationError) in
            let answer = try make(key)
            guard let fault else { return Self.answer(answer) }
            switch fault.kind {
            case .truncatedCiphertext: return Self.answer(answer.truncated)
            case .badPadding: return Self.answer(answer.badlyPadded)
            case .brokenBody: return Self.answer(EncryptedAnswer(headers: answer.headers, body: Array("[1, 2,".utf8)))
            case .errorPage, .redirect: return OpenAPIDamage.applied(fault, to: Self.answer(answer))
            case .wrongKey: return Self.answer(answer)
            }
        }
    }

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
        let answer = SandboxAnswer.json(
            201,
            [
                "ref": .string(created.patientRef),
                "link": .string("\(base.current)/intake/patients.html?linkRef=\(created.token)"),
            ])
        guard let fault = faults.strikeOpenAPI(.patient) else { return answer }
        // Nothing in this answer is encrypted: damage to ciphertext breaks it as a whole.
        let kind: OpenAPIFault.Kind = [.errorPage, .redirect].contains(fault.kind) ? fault.kind : .brokenBody
        return OpenAPIDamage.applied(OpenAPIFault(kind, on: .patient, target: fault.target), to: answer)
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
