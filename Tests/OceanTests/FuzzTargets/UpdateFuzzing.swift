// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

enum UpdateFuzzing {
    private static let time = Timestamp(milliseconds: 1_772_460_000_000)

    static func flaws(in input: [UInt8]) -> [String] {
        var flaws: [String] = []
        for contentType in ["application/json", CloudEventsStructured.mediaType] {
            let message = Message(
                id: "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", source: "/hospital", type: .updateRequested,
                subject: "7d3c0d0a-5a0e-4a8e-9a57-0f6a3c1b2d4e", time: time, contentType: contentType,
                attributes: MessageAttributes(site: "1234"), body: input)
            guard let reading = try? OceanUpdateReader().reading(of: message) else { continue }
            if reading.request.referral.isEmpty { flaws.append("an update without a referral") }
            guard let changes = try? reading.request.changes(since: nil) else { continue }
            for change in changes.prefix(20) {
                for dialect in [Dialect.fhir0100, .fhir0111] { flaws += writingFlaws(change.update, dialect) }
            }
        }
        if let json = try? JSONValue(parsing: input) { _ = try? OceanUpdateBundleReader.read(json) }
        return flaws
    }

    /// What is written for Ocean is valid, repeats itself, and is read by the pretend Ocean's reader.
    private static func writingFlaws(_ update: ReferralUpdate, _ dialect: Dialect) -> [String] {
        let context = UpdateContext(
            dialect: dialect, oceanHost: "https://ocean.example.org",
            sourceEndpoint: "https://bridge.example.org/ocean",
            messageID: "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", messageTime: time)
        guard let bundle = try? OceanUpdateWriter().bundle(for: update, in: context) else { return [] }
        var flaws = InboundFuzzing.invalid(bundle.body, "\(update.action.rawValue) in \(dialect.rawValue)")
        // Deliberate: OceanUpdateWriter.oddity.
        if update.action == .bookingComments { flaws.removeAll { $0.contains("participant") } }
        if (try? OceanUpdateWriter().bundle(for: update, in: context)) != bundle {
            flaws.append("writing twice gives two bundles")
        }
        do throws(TranslationError) {
            _ = try OceanUpdateBundleReader.read(try JSONFuzzingParser.json(bundle.body))
        } catch {
            flaws.append("\(update.action.rawValue) in \(dialect.rawValue) cannot be read: \(error)")
        }
        return flaws
    }
}
