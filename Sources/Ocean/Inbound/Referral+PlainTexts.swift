// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

extension Referral {
    /// Puts plain text beside the HTML of Ocean JSON, whose description is the note of the referral. What the source
    /// says itself stays.
    mutating func addPlainTexts() {
        if plainDescription == nil { plainDescription = HTMLText.plainIfMarkup(description) }
        for index in forms.indices { forms[index].items = forms[index].items.map { $0.withPlainTexts() } }
    }
}

extension FormItem {
    fileprivate func withPlainTexts() -> FormItem {
        var item = self
        if item.plainText == nil { item.plainText = HTMLText.plainIfMarkup(item.text) }
        item.items = items.map { $0.withPlainTexts() }
        return item
    }
}
