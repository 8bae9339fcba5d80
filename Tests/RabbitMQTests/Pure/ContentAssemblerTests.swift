// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import RabbitMQ

@Suite("Content assembler")
struct ContentAssemblerTests {
    private func feed(
        _ assembler: inout ContentAssembler<Int>, _ bytes: [UInt8]
    ) throws(BrokerFailure) -> ContentAssembler<Int>.Content? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        return try assembler.body(UnsafeRawBufferPointer(buffer))
    }

    @Test("a body cut anywhere comes together again", arguments: 0..<20)
    func pieces(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let body = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
        var assembler = ContentAssembler<Int>(limit: 500)
        try assembler.begin(7)
        #expect(try assembler.header(.init(messageID: "id"), bodySize: 500) == nil)
        var rest = body[...]
        while true {
            let piece = rest.prefix(Int.random(in: 0...rest.count, using: &random))
            rest = rest.dropFirst(piece.count)
            let content = try feed(&assembler, Array(piece))
            guard rest.isEmpty, let content else {
                #expect(content == nil)
                continue
            }
            #expect(content.body == body)
            #expect(content.start == 7)
            #expect(content.properties.messageID == "id")
            #expect(!content.isOverLimit)
            break
        }
    }

    @Test("an empty body is whole with its header")
    func empty() throws {
        var assembler = ContentAssembler<Int>(limit: 0)
        try assembler.begin(1)
        let content = try assembler.header(.init(), bodySize: 0)
        #expect(content?.body == [])
        #expect(content?.isOverLimit == false)
    }

    @Test("a body over the limit is read past, not kept, and what follows is read as usual")
    func overLimit() throws {
        var assembler = ContentAssembler<Int>(limit: 3)
        try assembler.begin(1)
        #expect(try assembler.header(.init(), bodySize: 4) == nil)
        #expect(try feed(&assembler, [1, 2]) == nil)
        let over = try feed(&assembler, [3, 4])
        #expect(over?.isOverLimit == true)
        #expect(over?.body == [])
        #expect(over?.bodySize == 4)
        try assembler.begin(2)
        #expect(try assembler.header(.init(), bodySize: 3) == nil)
        #expect(try feed(&assembler, [1, 2, 3])?.body == [1, 2, 3])
    }

    @Test("an announced size beyond all memory reserves nothing")
    func hugeSize() throws {
        var assembler = ContentAssembler<Int>(limit: 10)
        try assembler.begin(1)
        #expect(try assembler.header(.init(), bodySize: .max) == nil)
        #expect(try feed(&assembler, [1]) == nil)
    }

    @Test("frames out of order are refused")
    func outOfOrder() throws {
        var assembler = ContentAssembler<Int>(limit: 10)
        var refused = 0
        func expectRefusal(_ step: () throws(BrokerFailure) -> Void) {
            do throws(BrokerFailure) {
                try step()
            } catch {
                refused += 1
            }
        }
        expectRefusal { () throws(BrokerFailure) in _ = try assembler.header(.init(), bodySize: 1) }
        expectRefusal { () throws(BrokerFailure) in _ = try feed(&assembler, []) }
        try assembler.begin(1)
        expectRefusal { () throws(BrokerFailure) in try assembler.begin(2) }
        _ = try assembler.header(.init(), bodySize: 1)
        expectRefusal { () throws(BrokerFailure) in _ = try feed(&assembler, [1, 2]) }
        #expect(refused == 4)
    }
}

extension ContentAssembler<Int>.Content: Equatable {
    static func == (left: Self, right: Self) -> Bool {
        left.start == right.start && left.body == right.body && left.bodySize == right.bodySize
    }
}
