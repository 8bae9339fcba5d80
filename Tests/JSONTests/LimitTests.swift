// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("Limits")
struct LimitTests {
    @Test("as many levels as the limit are accepted, one more is not", arguments: [1, 2, 256, 1_024])
    func boundsDepth(depth: Int) {
        let limits = JSONLimits(maximumDepth: depth)
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(failure(nested(depth), limits: limits) == nil)
        #expect(failure(nested(depth + 1), limits: limits)?.code == .tooDeep)
        #expect(failure(nested(depth + 1), limits: limits)?.offset == depth)
    }

    @Test("objects count as levels, siblings do not")
    func countsOpenContainers() {
        let limits = JSONLimits(maximumDepth: 2)
        #expect(failure("{\"a\":[],\"b\":{},\"c\":[{}]}", limits: limits)?.code == .tooDeep)
        #expect(failure("{\"a\":[],\"b\":{},\"c\":[1]}", limits: limits) == nil)
        #expect(failure("1", limits: JSONLimits(maximumDepth: 0)) == nil)
        #expect(failure("[]", limits: JSONLimits(maximumDepth: 0))?.code == .tooDeep)
    }

    @Test("hostile depth is refused without using up the stack", arguments: ["[", "{\"a\":", "[{\"a\":"])
    func survivesDepth(unit: String) {
        let text = String(repeating: unit, count: 150_000)
        #expect(failure(text)?.code == .tooDeep)
        #expect(failure(text, limits: JSONLimits(maximumDepth: .max))?.code == .tooDeep)
    }

    @Test("the deepest accepted value can be written, compared and released")
    func handlesDeepest() throws {
        let text = String(repeating: "{\"a\":[", count: 512) + String(repeating: "]}", count: 512)
        let limits = JSONLimits(maximumDepth: .max)
        let value = try JSONValue(parsing: text, limits: limits)
        #expect(value.text() == text)
        #expect(try JSONValue(parsing: value.text(.pretty), limits: limits) == value)
    }

    @Test("as many bytes as the limit are accepted, one more is not")
    func boundsBytes() {
        #expect(failure("[1,2]", limits: JSONLimits(maximumBytes: 5)) == nil)
        #expect(failure("[1,2] ", limits: JSONLimits(maximumBytes: 5))?.code == .tooLarge)
        #expect(failure("1", limits: JSONLimits(maximumBytes: -1))?.code == .tooLarge)
    }
}
