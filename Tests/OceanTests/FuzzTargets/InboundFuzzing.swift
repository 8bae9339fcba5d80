// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON
import Ocean

enum InboundFuzzing {
    static let keys = SharedEncryptionKeys(
        current: SharedEncryptionKey(text: "fuzzing-key"), previous: SharedEncryptionKey(text: "fuzzing-key-before"))

    static func flaws(in input: [UInt8], isTranslated: Bool) -> [String] {
        let content = OceanInboundReader.standard(keys: { _ in keys }).read(input, mediaType: "application/json")
        guard case .message(let inbound) = content else { return [] }
        return isTranslated ? translationFlaws(inbound) : readingFlaws(inbound, input)
    }

    static func readingFlaws(_ inbound: InboundMessage, _ input: [UInt8]) -> [String] {
        var flaws: [String] = []
        if Array(inbound.canonical.original.body.utf8) != input { flaws.append("Ocean's bytes are not kept") }
        if inbound.subject.isEmpty { flaws.append("a message without a subject") }
        let json = inbound.canonical.json
        var unknown: [JSONPointer] = []
        do throws(RecordError) {
            let again = try CanonicalMessage(json: try parsed(json.bytes()), at: .root, unknown: &unknown)
            if again != inbound.canonical { flaws.append("the canonical message reads back differently") }
            if !unknown.isEmpty { flaws.append("the canonical message has unknown members \(unknown)") }
        } catch {
            flaws.append("the canonical message cannot be read back: \(error)")
        }
        return flaws
    }

    static func translationFlaws(_ inbound: InboundMessage) -> [String] {
        var flaws: [String] = []
        let message = Message(
            id: "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", source: "/ocean/fuzz", type: inbound.type,
            subject: inbound.subject, time: inbound.time ?? Timestamp(milliseconds: 1_772_460_000_000),
            attributes: inbound.attributes, body: [])
        if let translated = try? NormalisedFHIRWriter().write(message, inbound.canonical) {
            flaws += invalid(translated.body, "normalised FHIR")
            if inbound.canonical.referral != nil {
                do throws(TranslationError) {
                    let json = try JSONFuzzingParser.json(translated.body)
                    _ = try NormalisedFHIRReader().read(
                        json, bytes: translated.body, mediaType: "application/fhir+json")
                } catch {
                    flaws.append("normalised FHIR cannot be read back: \(error)")
                }
            }
        }
        if let referral = inbound.canonical.referral { flaws += OceanJSONFuzzing.writingFlaws(referral) }
        return flaws
    }

    /// Errors of validation in something that the bridge wrote.
    static func invalid(_ body: [UInt8], _ name: String) -> [String] {
        StructureValidator(limits: .init(issues: 5)).validate(body).issues
            .filter { $0.severity == .error || $0.severity == .fatal }.map { "\(name): \($0.description)" }
    }

    private static func parsed(_ bytes: [UInt8]) throws(RecordError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw RecordError(at: .root, message: "\(error)")
        }
    }
}

enum JSONFuzzingParser {
    static func json(_ bytes: [UInt8]) throws(TranslationError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw TranslationError(.notJSON, "\(error)")
        }
    }
}

enum OceanJSONFuzzing {
    static func flaws(in input: [UInt8]) -> [String] {
        guard let json = try? JSONValue(parsing: input) else { return [] }
        let reader = OceanJSONReader()
        guard let (referral, ledger) = try? reader.read(json, keys: InboundFuzzing.keys) else { return [] }
        var flaws: [String] = []
        if ledger.entries.contains(where: { $0.source.isEmpty && $0.target.isEmpty }) {
            flaws.append("the ledger has an entry of nothing")
        }
        flaws += writingFlaws(referral)
        return flaws
    }

    static func writingFlaws(_ referral: Referral) -> [String] {
        guard let (json, _) = try? OceanJSONWriter().write(referral) else { return [] }
        guard let again = try? JSONValue(parsing: json.bytes()) else { return ["written Ocean JSON is no JSON"] }
        do throws(TranslationError) {
            _ = try OceanJSONReader().read(again, keys: nil)
        } catch {
            // FHIR takes more as a reference than Ocean JSON, which stands in addresses.
            if error.code != .noReference { return ["written Ocean JSON cannot be read back: \(error)"] }
        }
        return []
    }
}
