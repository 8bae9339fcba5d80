// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Gateway
import Telemetry
import Testing

@Suite("Limits of the ingress", .timeLimit(.minutes(15)))
struct IngressLimitTests {
    private func limits(_ change: (inout ListenerLimits) -> Void) -> ListenerLimits {
        var limits = ListenerLimits()
        limits.bodyBytes = 64 << 10
        change(&limits)
        return limits
    }

    private func head(_ fields: [String]) -> String {
        (["POST /ocean/open HTTP/1.1", "Host: test", "Content-Type: application/json"] + fields)
            .joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test("a body of exactly the limit is taken, one byte more is not")
    func boundary() async throws {
        let bench = PublicBench(limits: limits { _ in })
        try await bench.run { (caller: Caller) async throws in
            let frame = #"{"ref":"r-1","x":""}"#
            let full = frame.dropLast(2) + String(repeating: "y", count: (64 << 10) - frame.utf8.count) + "\"}"
            #expect(full.utf8.count == 64 << 10)
            #expect(try await caller.post("/ocean/open", String(full)).status == 202)
            #expect(try await caller.post("/ocean/open", String(full) + " ").status == 413)
            #expect(await bench.bus.published.count == 1)
        }
    }

    @Test("an announced length over the limit is refused before any body comes, and the connection closes")
    func announced() async throws {
        let bench = PublicBench(limits: limits { _ in })
        try await bench.run { (caller: Caller) async throws in
            let answer = try await RawConnection.run(caller.port) { stream in
                try await stream.write(head(["Content-Length: 99999999"]))
                return await stream.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("connection: close"))
            #expect(answer.contains("application/problem+json"))
        }
    }

    @Test("an endless chunked body is refused at the limit and the connection closes")
    func chunked() async throws {
        let bench = PublicBench(limits: limits { _ in })
        try await bench.run { (caller: Caller) async throws in
            let answer = try await RawConnection.run(caller.port) { stream in
                try await stream.write(head(["Transfer-Encoding: chunked"]))
                let chunk = "4000\r\n" + String(repeating: "z", count: 0x4000) + "\r\n"
                return await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do {
                            // Ends only because the server closes: there is no last chunk.
                            while !Task.isCancelled { try await stream.write(chunk) }
                        } catch {
                            // The server has closed the connection, as it should.
                        }
                    }
                    let text = await stream.readToEnd()
                    group.cancelAll()
                    return text
                }
            }
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("a body that drips is given up at the deadline")
    func slowBody() async throws {
        let bench = PublicBench(limits: limits { $0.request = .milliseconds(300) })
        try await bench.run { (caller: Caller) async throws in
            let start = ContinuousClock.now
            let answer = try await RawConnection.run(caller.port) { stream in
                try await stream.write(head(["Content-Length: 100"]) + "{")
                return await stream.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(ContinuousClock.now - start < .seconds(10))
        }
        #expect(await bench.metrics.text().contains(#"outcome="slow-body""#))
    }

    @Test("headers that drip are given up at the idle timeout")
    func slowHead() async throws {
        let bench = PublicBench(limits: limits { $0.idle = .milliseconds(300) })
        try await bench.run { (caller: Caller) async throws in
            let answer = try await RawConnection.run(caller.port) { stream in
                try await stream.write("POST /ocean/open HTTP/1.1\r\nHost: te")
                return await stream.readToEnd()
            }
            #expect(answer.isEmpty)
        }
    }

    @Test("headers over the limit are refused")
    func longHead() async throws {
        let bench = PublicBench(limits: limits { $0.headerBytes = 8 << 10 })
        try await bench.run { (caller: Caller) async throws in
            let answer = try await RawConnection.run(caller.port) { stream in
                try await stream.write(
                    head(["X-Long: " + String(repeating: "a", count: 16 << 10), "Content-Length: 0"]))
                return await stream.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 4"))
        }
    }

    @Test("a client that goes away in the middle of its body publishes nothing")
    func abandoned() async throws {
        let bench = PublicBench(limits: limits { $0.request = .seconds(2) })
        try await bench.run { (caller: Caller) async throws in
            try await RawConnection.run(caller.port) { stream in
                try await stream.write(head(["Content-Length: 40"]) + #"{"ref":"r-1"}"#)
            }
            #expect(try await caller.post("/ocean/open", #"{"ref":"r-2"}"#).status == 202)
        }
        // The listener has stopped: whatever the first request did is done.
        #expect(await bench.bus.published.map(\.message.subject) == ["r-2"])
    }

    @Test("bodies beyond the memory budget are sent away for later")
    func budget() async throws {
        let bench = PublicBench(limits: limits { $0.bufferedBytes = 8 })
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/ocean/open", #"{"ref":"r-1"}"#)
            #expect(reply.status == 503)
            #expect(reply.header("retry-after") != nil)
            // Nothing is left counted: a body that fits is taken.
            #expect(try await caller.post("/ocean/open", #"{"a":1}"#).status == 202)
        }
    }

    @Test("a publish that hangs is answered 503 once the bus has had its time, and counted when it succeeds")
    func hangingPublish() async throws {
        let bench = PublicBench([.hang])
        try await bench.run { (caller: Caller) async throws in
            let start = ContinuousClock.now
            let reply = try await caller.post("/ocean/open", #"{"ref":"r-1"}"#)
            #expect(reply.status == 503)
            #expect(ContinuousClock.now - start >= .milliseconds(600))
            #expect(reply.header("retry-after") != nil)
            await bench.bus.release()
            while !(await bench.metrics.text().contains("late_publishes_total{integration=\"open\"} 1")) {
                await Task.yield()
            }
        }
    }
}
