// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import Foundation
import Testing

@testable import Spool

@Suite("Bounds, restarts and keys of the spool", .timeLimit(.minutes(15)))
struct BoundTests {
    @Test("a full spool refuses, keeps what it has, and takes again when drained")
    func full() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unavailable))
            let small = settings(bounds: SpoolBounds(maximumBytes: 50_000))
            try await withSpool(directory + "/spool.sqlite", primary: primary, settings: small) { spool in
                var accepted: [String] = []
                var refusal: BusError?
                while refusal == nil, accepted.count < 100 {
                    let message = sample("m\(accepted.count)", body: [UInt8](repeating: 0x20, count: 4000))
                    do throws(BusError) {
                        try await spool.publish(message, to: inbound())
                        accepted.append(message.id)
                    } catch {
                        refusal = error
                    }
                }
                #expect(refusal?.code == .unavailable)
                #expect(refusal?.message.contains("spool.maximumBytes") == true)
                #expect((8...12).contains(accepted.count))
                #expect(spool.status.isFull)
                primary.set(.confirms)
                await primary.waitFor(accepted.count)
                try await waitUntilDrained(spool)
                #expect(primary.ids == accepted)
                #expect(!spool.status.isFull)
                try await spool.publish(sample("after"), to: inbound())
                #expect(primary.ids.last == "after")
            }
        }
    }

    @Test("behind too old a message nothing more is taken, and the old one is still delivered")
    func age() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unavailable))
            let clock = ManualClock()
            let path = directory + "/spool.sqlite"
            let limited = settings(bounds: SpoolBounds(maximumAge: .seconds(60)))
            try await withSpool(path, primary: primary, settings: limited, drains: false, clock: clock) { spool in
                try await spool.publish(sample("old"), to: inbound())
                clock.advance(by: .seconds(59))
                try await spool.publish(sample("young"), to: inbound())
            }
            clock.advance(by: .seconds(2))
            // The age is known again after a restart.
            try await withSpool(path, primary: primary, settings: limited, clock: clock) { spool in
                #expect(spool.status.oldestAge == .seconds(61))
                let error = await #expect(throws: BusError.self) {
                    try await spool.publish(sample("late"), to: inbound())
                }
                #expect(error?.message.contains("spool.maximumAge") == true)
                primary.set(.confirms)
                await primary.waitFor(2)
                try await waitUntilDrained(spool)
                #expect(primary.ids == ["old", "young"])
                try await spool.publish(sample("now"), to: inbound())
            }
        }
    }

    @Test("size is known again after a restart")
    func sizeAfterRestart() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unavailable))
            let path = directory + "/spool.sqlite"
            try await withSpool(path, primary: primary, drains: false) { spool in
                for number in 0..<10 {
                    try await spool.publish(
                        sample("m\(number)", body: [UInt8](repeating: 0x20, count: 4000)), to: inbound())
                }
            }
            let small = settings(bounds: SpoolBounds(maximumBytes: 20_000))
            try await withSpool(path, primary: primary, settings: small, drains: false) { spool in
                #expect(spool.status.messages == 10)
                #expect((40_000...50_000).contains(spool.status.bytes))
                await #expect(throws: BusError.self) { try await spool.publish(sample("n"), to: inbound("ref-9")) }
            }
        }
    }

    @Test("a copy of the file taken while messages are accepted holds every accepted one, in order")
    func crash() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unavailable))
            let path = directory + "/spool.sqlite"
            let copy = directory + "/copy.sqlite"
            try await withSpool(path, primary: primary, drains: false) { spool in
                for number in 0..<200 {
                    try await spool.publish(
                        sample("\(number)", referral: "r\(number % 3)"), to: inbound("r\(number % 3)"))
                }
                // What a process finds after a SIGKILL: no checkpoint, no closing. Nobody writes meanwhile.
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
                }
            }
            primary.set(.confirms)
            try await withSpool(copy, primary: primary) { spool in
                await primary.waitFor(200)
                try await waitUntilDrained(spool)
                #expect(primary.ids.count == 200)
                for lane in 0..<3 {
                    #expect(
                        primary.ids(of: "r\(lane)") == (0..<200).filter { $0 % 3 == lane }.map(String.init))
                }
            }
        }
    }

    @Test("a stop in the middle of draining loses nothing and keeps the order")
    func stops() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unavailable))
            let path = directory + "/spool.sqlite"
            try await withSpool(path, primary: primary, drains: false) { spool in
                for number in 0..<300 { try await spool.publish(sample("\(number)"), to: inbound()) }
            }
            primary.set(.confirms)
            for round in 1...3 {
                try await withSpool(path, primary: primary) { _ in await primary.waitFor(round * 50) }
            }
            try await withSpool(path, primary: primary) { spool in
                await primary.waitFor(300)
                try await waitUntilDrained(spool)
            }
            #expect(SpoolingBusTests.firsts(primary.ids) == (0..<300).map(String.init))
            #expect(primary.ids.count <= 303, "at most one repetition for each stop")
        }
    }

    private func key(_ seed: UInt64) throws -> SpoolKey {
        var random = SeededGenerator(seed: seed)
        return try #require(SpoolKey(bytes: (0..<32).map { _ in .random(in: 0...255, using: &random) }))
    }

    private static let canaries = ["Zzyzx-Quimby", "9876543217"]

    private func patient(_ id: String, referral: String = "ref-1") -> Message {
        let body = #"{"patient":{"family":"\#(Self.canaries[0])","healthNumber":"\#(Self.canaries[1])"}}"#
        return sample(id, referral: referral, body: Array(body.utf8))
    }

    private func isInFiles(_ text: String, _ path: String) -> Bool {
        ["", "-wal", "-shm"].contains { suffix in
            (FileManager.default.contents(atPath: path + suffix) ?? Data()).range(of: Data(text.utf8)) != nil
        }
    }

    @Test("sealed, no patient stands in the files' bytes; the same search finds one in the clear")
    func secrecy() async throws {
        let keys = SpoolKeys(current: try key(1))
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unavailable))
            for (name, keys) in [("clear", nil), ("sealed", keys)] {
                let path = "\(directory)/\(name).sqlite"
                try await withSpool(path, primary: primary, settings: settings(keys: keys), drains: false) { spool in
                    for number in 0..<20 { try await spool.publish(patient("m\(number)"), to: inbound()) }
                    for canary in Self.canaries { #expect(isInFiles(canary, path) == (keys == nil)) }
                    #expect(isInFiles("ref-1", path))
                }
                for canary in Self.canaries { #expect(isInFiles(canary, path) == (keys == nil)) }
            }
            primary.set(.confirms)
            let path = directory + "/sealed.sqlite"
            try await withSpool(path, primary: primary, settings: settings(keys: keys)) { spool in
                await primary.waitFor(20)
                try await waitUntilDrained(spool)
                #expect(primary.confirmed.first?.message == patient("m0"))
            }
        }
    }

    @Test(
        "messages of a lost key are kept, hold back their own lanes only, and go out with the key",
        arguments: [1, 4, 128])
    func lostKey(prefetch: Int) async throws {
        let old = try key(1)
        let new = try key(2)
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unavailable))
            let path = directory + "/spool.sqlite"
            func set(_ current: SpoolKey, _ previous: SpoolKey? = nil) -> SpoolSettings {
                settings(keys: SpoolKeys(current: current, previous: previous), prefetch: prefetch)
            }
            try await withSpool(path, primary: primary, settings: set(old), drains: false) { spool in
                for number in 0..<10 {
                    try await spool.publish(patient("a\(number)", referral: "ref-a"), to: inbound("ref-a"))
                }
            }
            primary.set(.confirms)
            try await withSpool(path, primary: primary, settings: set(new)) { spool in
                while spool.status.locked < 10 { try await Task.sleep(for: .milliseconds(5)) }
                try await spool.publish(patient("a10", referral: "ref-a"), to: inbound("ref-a"))
                primary.set(.fails(.refused))
                try await spool.publish(patient("b0", referral: "ref-b"), to: inbound("ref-b"))
                primary.set(.confirms)
                await primary.waitFor(1)
                #expect(primary.ids == ["b0"])
                while spool.status.messages > 11 { try await Task.sleep(for: .milliseconds(5)) }
                while spool.status.locked < 11 { try await Task.sleep(for: .milliseconds(5)) }
            }
            try await withSpool(path, primary: primary, settings: set(new, old)) { spool in
                await primary.waitFor(12)
                try await waitUntilDrained(spool)
                #expect(primary.ids(of: "ref-a") == (0...10).map { "a\($0)" })
            }
        }
    }
}
