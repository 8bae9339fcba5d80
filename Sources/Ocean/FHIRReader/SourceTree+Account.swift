// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

extension SourceTree {
    /// What became of every value.
    struct Account {
        var unmapped: [Unmapped] = []
        var ledger = Ledger()
    }

    /// Lists every single value once: those read with their places, those not read or refused as `unmapped`, the
    /// largest unread part as one.
    ///
    /// - Parameters:
    ///   - target: pointer of the `unmapped` list in the canonical message.
    ///   - before: how many elements that list has already.
    ///   - detail: with `.losses` the ledger names what was refused only, and costs next to nothing.
    func account(
        unmappedAt target: String, after before: Int = 0, detail: LedgerDetail = .everything
    ) -> Account {
        var walk = AccountWalk(tree: self, target: target, before: before, detail: detail)
        walk.visit(root, index: 0)
        return walk.account
    }
}

private struct AccountWalk {
    let tree: SourceTree
    let target: String
    let before: Int
    let detail: LedgerDetail
    let marked: [Int]
    var nextMark = 0
    var tokens: [String] = []
    var account = SourceTree.Account()
    /// More was left over than is listed.
    var isFull = false

    /// A part with more values than this gets one line in the ledger instead of one for each value, so that hostile
    /// input cannot make the ledger many times as large as itself.
    static let largestListedPart = 4_096

    init(tree: SourceTree, target: String, before: Int, detail: LedgerDetail) {
        self.tree = tree
        self.detail = detail
        self.target = target
        self.before = before
        marked = tree.marks.keys.sorted()
    }

    mutating func visit(_ value: JSONValue, index: Int) {
        let size = Int(tree.sizes[index])
        while nextMark < marked.count, marked[nextMark] < index { nextMark += 1 }
        let holdsMark = nextMark < marked.count && marked[nextMark] < index + size
        switch tree.marks[index] {
        case .kept(let target): if detail == .everything { account.ledger.add(.kept, source: path, target: target) }
        case .whole(let target): list(value, size: size, disposition: .kept, target: target, note: nil)
        case .folded(let target, let note):
            list(value, size: size, disposition: .kept, target: target, note: note, isFolded: true)
        case .refused(let note): leave(value, size: size, disposition: .refused, note: note)
        case nil where isEmptyContainer(value):
            let noise = StructuralNoise.empty
            if detail == .everything {
                account.ledger.add(.kept, source: path, target: "/original/body", note: noise.note)
            }
        case nil where holdsMark || mustOpen(value): children(value, index: index)
        case nil: leave(value, size: size, disposition: .kept, note: nil)
        }
    }

    /// The bundle, its list of entries and each entry are never unmapped as one: resources are.
    private func mustOpen(_ value: JSONValue) -> Bool {
        guard !isScalar(value) else { return false }
        return tokens.isEmpty || (tokens.count <= 2 && tokens[0] == "entry")
    }

    private mutating func children(_ value: JSONValue, index: Int) {
        var next = index + 1
        switch value {
        case .object(let object):
            for member in object.members {
                tokens.append(Self.escape(member.name))
                visit(member.value, index: next)
                tokens.removeLast()
                next += Int(tree.sizes[next])
            }
        case .array(let elements):
            for (position, element) in elements.enumerated() {
                tokens.append(String(position))
                visit(element, index: next)
                tokens.removeLast()
                next += Int(tree.sizes[next])
            }
        default: break
        }
    }

    private mutating func leave(_ value: JSONValue, size: Int, disposition: Ledger.Disposition, note: String?) {
        guard before + account.unmapped.count < Unmapped.limit else {
            // Once is enough: the alarm is the same.
            if !isFull { account.ledger.add(.dropped, source: path, note: ReadingLog.full) }
            isFull = true
            return
        }
        let place = "\(target)/\(before + account.unmapped.count)/value"
        account.unmapped.append(Unmapped(path: path, value: value))
        list(value, size: size, disposition: disposition, target: place, note: note ?? "no canonical field")
    }

    private mutating func list(
        _ value: JSONValue, size: Int, disposition: Ledger.Disposition, target: String, note: String?,
        isFolded: Bool = false
    ) {
        guard detail == .everything || disposition != .kept else { return }
        guard size <= Self.largestListedPart, LeafExtent(value, path: path.utf8.count).isListed else {
            account.ledger.add(disposition, source: path, target: target, note: note ?? "with everything in it")
            return
        }
        Self.each(value, source: path, target: target, isFolded: isFolded) { source, target in
            account.ledger.add(disposition, source: source, target: target, note: note)
        }
    }

    private static func each(
        _ value: JSONValue, source: String, target: String, isFolded: Bool, _ body: (String, String) -> Void
    ) {
        switch value {
        case .object(let object) where !object.isEmpty:
            for member in object.members {
                let token = "/" + escape(member.name)
                each(
                    member.value, source: source + token, target: isFolded ? target : target + token,
                    isFolded: isFolded, body)
            }
        case .array(let elements) where !elements.isEmpty:
            for (position, element) in elements.enumerated() {
                let token = "/\(position)"
                each(
                    element, source: source + token, target: isFolded ? target : target + token, isFolded: isFolded,
                    body)
            }
        default: body(source, target)
        }
    }

    private var path: String { tokens.isEmpty ? "" : "/" + tokens.joined(separator: "/") }

    private static func escape(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == 0x7E || $0 == 0x2F }) else { return name }
        return name.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    private func isScalar(_ value: JSONValue) -> Bool { value.objectValue == nil && value.arrayValue == nil }

    private func isEmptyContainer(_ value: JSONValue) -> Bool {
        value.objectValue?.isEmpty == true || value.arrayValue?.isEmpty == true
    }
}
