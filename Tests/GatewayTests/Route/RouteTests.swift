// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Routes and forms")
struct RouteTests {
    private let table = RouteTable([
        Route(.post, "/ocean/{integration}") { _ in Answer(.ok) },
        Route(.get, "/a/b") { _ in Answer(.ok) },
        Route(.put, "/a/{name}") { _ in Answer(.ok) },
        Route(.get, "/console/*") { _ in Answer(.ok) },
    ])

    private func found(_ method: HTTPRequest.Method, _ path: String) -> [String: String]? {
        if case .found(_, let parameters) = table.match(method, path) { parameters } else { nil }
    }

    @Test("parameters are decoded, literals must match")
    func matching() {
        #expect(found(.post, "/ocean/a%20b") == ["integration": "a b"])
        #expect(found(.post, "/ocean/x/") == ["integration": "x"])
        #expect(found(.get, "/a/b") == [:])
        #expect(found(.head, "/a/b") == [:])
        #expect(found(.put, "/a/b") == ["name": "b"])
        #expect(found(.get, "/console/") == ["*": ""])
        #expect(found(.get, "/console/x/y.js") == ["*": "x/y.js"])
    }

    @Test(
        "paths that climb, hide a slash or break an escape are nowhere",
        arguments: [
            "/ocean/..", "/ocean/.", "/ocean/%2e%2e", "/ocean/a%2Fb", "/ocean/%zz", "/ocean/%ff", "//ocean/x",
            "/ocean/%00", "ocean/x", "", "/ocean", "/ocean/x/y",
        ])
    func nowhere(_ path: String) {
        guard case .none = table.match(.post, path) else {
            Issue.record("\(path) was found")
            return
        }
    }

    @Test("another method is answered with those that would do")
    func wrongMethod() {
        guard case .wrongMethod(let allowed) = table.match(.delete, "/a/b") else {
            Issue.record("expected a wrong method")
            return
        }
        #expect(allowed == [.get, .put])
    }

    @Test("forms are decoded; broken escapes and repeated names are not taken")
    func forms() {
        #expect(FormText("a=1+2&b=%C3%A9&c")?.unique == ["a": "1 2", "b": "é", "c": ""])
        #expect(FormText("a=b=c")?.unique == ["a": "b=c"])
        #expect(FormText("a=1&a=2")?.unique == nil)
        #expect(FormText("a=%f") == nil)
        #expect(FormText("a=%ff") == nil)
        #expect(FormText("")?.unique == [:])
    }

    @Test("hexadecimal goes both ways and takes nothing else")
    func hexadecimal() {
        let all = Array(UInt8.min...UInt8.max)
        #expect(Hexadecimal.bytes(Hexadecimal.text(all)) == all)
        #expect(Hexadecimal.bytes("0") == nil)
        #expect(Hexadecimal.bytes("0g") == nil)
    }

    @Test("work within its time gives its value, later work is reported as late")
    func deadline() async {
        #expect(await Deadline.value(within: .seconds(60), cancelling: true) { 7 } == 7)
        let gate = AsyncStream<Void>.makeStream()
        let late = AsyncStream<Int>.makeStream()
        let value = await Deadline.value(
            within: .milliseconds(5), cancelling: false, late: { late.continuation.yield($0) },
            {
                for await _ in gate.stream { return 8 }
                return 9
            })
        #expect(value == nil)
        gate.continuation.yield()
        #expect(await late.stream.first { _ in true } == 8)
    }
}
