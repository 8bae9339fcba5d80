// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CDSHooks

extension Settings {
    /// What `cds.services.*.rules` may name.
    static let cardRuleNames: [String] = []
}

extension Parts {
    /// The rules of these names, in this order.
    func cardRules(_ names: [String]) -> [any CardRule] {
        []
    }
}
