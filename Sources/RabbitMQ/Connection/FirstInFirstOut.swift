// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A queue of values in the order of their arrival.
struct FirstInFirstOut<Element> {
    private var storage: [Element?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }
    var first: Element? { head < storage.count ? storage[head] : nil }

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < storage.count else { return nil }
        let element = storage[head]
        storage[head] = nil
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.count <= 1024)
            head = 0
        } else if head >= 256, head * 2 >= storage.count {
            storage.removeSubrange(0..<head)
            head = 0
        }
        return element
    }

    func first(where condition: (Element) -> Bool) -> Element? {
        for case let element? in storage[head...] where condition(element) { return element }
        return nil
    }

    /// Puts elements back before all others, in their order.
    mutating func prepend(_ elements: some Sequence<Element>) {
        storage.replaceSubrange(0..<head, with: elements.map { Optional($0) })
        head = 0
    }

    /// Takes out what `condition` holds for, in its order; the rest keeps its own.
    mutating func removeAll(where condition: (Element) -> Bool) -> [Element] {
        var taken: [Element] = []
        var kept: [Element?] = []
        for case let element? in storage[head...] {
            if condition(element) { taken.append(element) } else { kept.append(element) }
        }
        storage = kept
        head = 0
        return taken
    }

    /// The least of what `value` says of each element.
    func least(_ value: (Element) -> Int64) -> Int64? {
        var least: Int64?
        for case let element? in storage[head...] { least = min(least ?? .max, value(element)) }
        return least
    }

    mutating func removeAll() -> [Element] {
        let all = storage[head...].compactMap { $0 }
        storage = []
        head = 0
        return all
    }
}
