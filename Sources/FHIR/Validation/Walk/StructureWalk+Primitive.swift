// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension StructureWalk {
    /// A primitive's value.
    mutating func primitive(_ value: JSONNode, _ type: PrimitiveType, _ element: ElementDefinition) {
        guard value.kind == type.kind else {
            if value.isNull {
                report(.error, .invariant, at: value, rule: "ele-1", "null stands for no value: leave the element out")
            } else {
                report(.error, .structure, at: value, "a JSON \(type.kind.rawValue) is expected for \(type.rawValue)")
            }
            return
        }
        guard type != .boolean else { return }
        let text = value.textBytes
        guard type.accepts(text) else {
            report(.error, .value, at: value, "not a valid \(type.rawValue): \(type.form)")
            return
        }
        if let codes = element.codes, !codes.contains(String(decoding: text, as: UTF8.self)) {
            report(.error, .codeInvalid, at: value, "not a code of the required value set \(codes.name)")
        }
        if type.isAddress {
            address(text, at: value)
        } else if type == .string || type == .markdown {
            readability(text, at: value)
        }
    }

    /// `#id` in an address counts as a use of the contained resource (dom-3).
    private mutating func address(_ text: ArraySlice<UInt8>, at value: JSONNode) {
        if text.first == 0x23 { _ = useContained(String(decoding: text.dropFirst(), as: UTF8.self)) }
        if text.starts(with: "urn:uuid:".utf8), !PrimitiveScan.isBareUUID(text.dropFirst(9)) {
            report(.error, .value, at: value, "urn:uuid: is followed by a UUID")
        }
    }

    private mutating func readability(_ text: ArraySlice<UInt8>, at value: JSONNode) {
        if text.allSatisfy(PrimitiveScan.isSpace) {
            report(.warning, .value, at: value, "text should hold more than white space")
        } else if text.contains(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) {
            report(.warning, .value, at: value, "text should hold no control characters but tab and line breaks")
        }
    }

    /// A list of primitives with what stands beside it in `_name`; one of both may be missing.
    mutating func primitives(
        _ values: JSONNode?, beside siblings: JSONNode?, _ type: PrimitiveType, _ element: ElementDefinition
    ) {
        for list in [values, siblings] {
            guard let list, list.kind != .array else { continue }
            report(.error, .structure, at: list, "a list is expected here: the element may occur several times")
            return
        }
        for list in [values, siblings] {
            if let list, list.count == 0 { reportEmptyList(list) }
        }
        if let values, let siblings, values.count != siblings.count {
            report(
                .error, .structure, at: siblings,
                "a list and the one beside it (_\(element.name)) have the same length, filled up with null")
        }
        var value = values?.elements.makeIterator()
        var sibling = siblings?.elements.makeIterator()
        for index in 0..<max(values?.count ?? 0, siblings?.count ?? 0) {
            path.setIndex(index)
            let (item, beside) = (value?.next(), sibling?.next())
            let hasSibling = beside.map { !$0.isNull } ?? false
            if let item, !item.isNull || !hasSibling {
                primitive(item, type, element)
            } else if item == nil, let beside, !hasSibling {
                report(.error, .invariant, at: beside, rule: "ele-1", "an element has a value or children")
            }
            if hasSibling, let beside {
                at(beside: element.name) { $0.element(beside, $0.definitions.types[$0.definitions.element]) }
            }
        }
    }

    /// Runs `body` with the innermost step's member named `_name`.
    private mutating func at(beside name: String, _ body: (inout StructureWalk) -> Void) {
        guard let step = path.steps.last else { return }
        path.pop()
        path.push(step.name, member: "_" + name, index: step.index)
        body(&self)
        path.pop()
        path.push(step.name, member: step.member, index: step.index)
    }

    /// A CodeableConcept with a required binding: one of its codings is of the value set.
    mutating func concept(_ value: JSONNode, _ codes: CodeBinding) {
        guard value.kind == .object, let system = codes.system else { return }
        let isBound =
            value["coding"]?.elements.contains(where: { coding in
                coding["system"]?.equals(system) == true
                    && (coding["code"]?.stringValue).map { codes.contains($0) } == true
            }) ?? false
        if !isBound { report(.error, .codeInvalid, at: value, "no coding of the required value set \(codes.name)") }
    }
}
