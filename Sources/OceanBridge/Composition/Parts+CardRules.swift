// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CDSHooks

extension Parts {
    /// The rules of these names, in this order; the settings know them all.
    func cardRules(_ names: [String]) -> [any CardRule] {
        names.compactMap { BuiltInRule(rawValue: $0) }.compactMap { settings.cardRules.rule($0, index: store) }
    }
}
