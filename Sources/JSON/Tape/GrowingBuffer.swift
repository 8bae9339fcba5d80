// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A stack of plain values with one owner: what the parser writes to, without uniqueness checks on each step.
///
/// Every index handed to it comes from `count` of the same buffer, never from the input.
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    private(set) var count = 0
    private var capacity: Int
    private var storage: UnsafeMutablePointer<Element>

    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        storage = .allocate(capacity: self.capacity)
    }

    deinit { storage.deallocate() }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        (storage + count).initialize(to: element)
        count += 1
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.update(from: storage, count: count)
        storage.deallocate()
        storage = larger
        capacity *= 2
    }

    @inline(__always)
    mutating func truncate(to newCount: Int) {
        assert(newCount <= count)
        count = newCount
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        get {
            assert(index >= 0 && index < count)
            return storage[index]
        }
        set {
            assert(index >= 0 && index < count)
            storage[index] = newValue
        }
    }

    /// Sorts the elements from `start` on.
    mutating func sort(from start: Int) where Element: Comparable {
        var tail = UnsafeMutableBufferPointer(start: storage + start, count: count - start)
        tail.sort()
    }

    func array() -> [Element] {
        Array(UnsafeBufferPointer(start: storage, count: count))
    }
}
