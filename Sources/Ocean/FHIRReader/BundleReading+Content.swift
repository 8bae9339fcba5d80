// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    /// Letters and attachments, told apart by address and identifier system, never by position.
    func readDocuments() {
        for entry in bundle.entries(of: "DocumentReference") {
            let first = referral.documents.count
            let resource = open(entry, at: "/referral/documents/\(first)")
            let contents = resource.objects("content")
            var common = Document()
            common.kind = kind(of: entry)
            readReference(resource, &common, at: "/referral/documents/\(first)")
            common.status = resource.text("status", to: "/referral/documents/\(first)/status")
            common.date = resource.text("date", to: "/referral/documents/\(first)/date")
            _ = follow(resource.object("subject"), types: ["Patient"])
            if common.kind == .note {
                resource.object("type")?["text"]?.fold(into: "/referral/documents/\(first)/kind", "kind of document")
            }
            guard !contents.isEmpty else {
                if common != Document() { referral.documents.append(common) }
                continue
            }
            for content in contents {
                var document = common
                let place = "/referral/documents/\(referral.documents.count)"
                if let attachment = content.object("attachment") {
                    readAttachment(attachment, &document, at: place)
                    passAbsence(attachment)
                }
                if document.url.map({ LetterURL.isLetter($0) }) == true { document.kind = .letter }
                referral.documents.append(document)
            }
        }
    }

    private func kind(of entry: FHIREntry) -> DocumentKind {
        if entry.resource["type"]?["text"]?.stringValue == NormalisedCode.noteType { return .note }
        let isLetter = entry.resource.identifierElements.contains {
            NamingSystem.referral.matches($0["system"]?.stringValue)
        }
        return isLetter ? .letter : .attachment
    }

    private func readReference(_ resource: SourceCursor, _ document: inout Document, at place: String) {
        for identifier in resource.objects("identifier") {
            guard document.ref == nil, identifier["value"] != nil else { continue }
            document.ref = identifier.text("value", to: "\(place)/ref")
            let system = identifier.peek("system")
            if NamingSystem.referral.matches(system) || NamingSystem.attachment.matches(system) {
                identifier["system"]?.fold(into: "\(place)/kind", "kind of document")
            }
        }
    }

    func readAttachment(_ element: SourceCursor, _ document: inout Document, at place: String) {
        document.contentType = element.text("contentType", to: "\(place)/contentType")
        document.url = element.text("url", to: "\(place)/url")
        document.title = element.text("title", to: "\(place)/title")
        document.size = element.integer("size", to: "\(place)/size")
        document.hash = element.text("hash", to: "\(place)/hash")
        document.created = element.text("creation", to: "\(place)/created")
        document.data = element.text("data", to: "\(place)/data")
    }

    func readForms() {
        for entry in bundle.entries(of: "QuestionnaireResponse") {
            let place = "/referral/forms/\(referral.forms.count)"
            let resource = open(entry, at: place)
            var form = Form()
            // R4 has a single identifier here; a list is taken too.
            let identifier = resource["identifier"].flatMap { single in
                single.value.arrayValue == nil ? single : resource.objects("identifier").first
            }
            if let identifier, identifier.value.objectValue != nil {
                form.ref = identifier.text("value", to: "\(place)/ref")
                if NamingSystem.form.matches(identifier.peek("system")) {
                    identifier["system"]?.structural(.impliedSystem)
                }
            } else {
                identifier?.refuse("expected an object")
            }
            form.status = resource.text("status", to: "\(place)/status")
            form.authored = resource.text("authored", to: "\(place)/authored")
            _ = follow(resource.object("subject"), types: ["Patient"])
            _ = follow(resource.object("author"), types: ["Practitioner", "PractitionerRole", "Patient"])
            for reference in resource.objects("basedOn") { _ = follow(reference, types: ["ServiceRequest"]) }
            form.items = formItems(resource.objects("item"), at: "\(place)/items")
            if form != Form() { referral.forms.append(form) }
        }
    }

    private func formItems(_ elements: [SourceCursor], at place: String) -> [FormItem] {
        var items: [FormItem] = []
        for element in elements {
            let spot = "\(place)/\(items.count)"
            var item = FormItem()
            item.linkID = element.text("linkId", to: "\(spot)/linkId") ?? ""
            item.text = element.text("text", to: "\(spot)/text")
            item.plainText = HTMLText.plainIfMarkup(item.text)
            for child in element.objects("extension") where child.peek("valueString") == "hidden" {
                guard child.peek("url")?.hasSuffix(ExtensionURL.itemVisibilitySuffix) == true else { continue }
                item.hidden = true
                child["valueString"]?.fold(into: "\(spot)/hidden", "visibility")
                child["url"]?.structural(.extensionURL)
            }
            for answer in element.objects("answer") {
                guard let choice = answer.value.choice("value"), let cursor = answer[choice.name] else { continue }
                cursor.keepWhole(to: "\(spot)/answers/\(item.answers.count)")
                item.answers.append(choice.value)
            }
            item.items = formItems(element.objects("item"), at: "\(spot)/items")
            items.append(item)
        }
        return items
    }
}
