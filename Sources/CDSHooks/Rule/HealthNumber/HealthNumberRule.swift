// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Says so when the health number cannot be right: its check digit fails, or it has not the form of its province.
///
/// A number that passes may still be wrong, and one of a province that is not known is not judged.
package struct HealthNumberRule: CardRule {
    private let indicator: Card.Indicator
    private let source: Card.Source

    /// - Parameter indicator: of the card about the number; the one about a version code is `info`.
    package init(indicator: Card.Indicator = .warning, source: Card.Source) {
        self.indicator = indicator
        self.source = source
    }

    package var name: String { BuiltInRule.healthNumber.rawValue }

    package func cards(for subject: HookSubject, now: Timestamp) async throws(StoreError) -> [Card] {
        guard let number = subject.referral.patient?.healthNumber, let fault = HealthNumberCheck.fault(in: number),
            let province = HealthNumberCheck.provinces[number.province?.uppercased() ?? ""]
        else { return [] }
        switch fault {
        case .form:
            return [
                card(
                    "The health number does not have the form of a number of \(province).", indicator,
                    "Compare it with the patient's card. Letters, missing digits or another province's number look so.")
            ]
        case .checkDigit:
            return [
                card(
                    "The health number fails its check digit (\(province)).", indicator,
                    "At least one digit is wrong, or two have changed places. Compare it with the patient's card.")
            ]
        case .versionCode:
            return [
                card(
                    "The version code of the health card is not one or two letters (\(province)).", .info,
                    "Compare it with the patient's card.")
            ]
        }
    }

    private func card(_ summary: String, _ indicator: Card.Indicator, _ detail: String) -> Card {
        Card(summary: summary, detail: detail, indicator: indicator, source: source)
    }
}
