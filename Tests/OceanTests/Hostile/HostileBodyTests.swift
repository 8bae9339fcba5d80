// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import FoundationEssentials
import Testing

@Suite("Hostile bodies")
struct HostileBodyTests {
    private static let small = 2_048
    private static let factor = 8

    @Test("cost grows with the length of the body and not with its square", arguments: HostileShape.allCases)
    func linear(_ shape: HostileShape) async throws {
        let (short, long) = (shape.body(Self.small), shape.body(Self.small * Self.factor))
        // Not on the pool of the tests that run beside it.
        let costs = try await BlockingWork.run {
            Passage.stations.map { station in
                station.run(short)
                let first = (0..<3).map { _ in PeakMemory.cost { station.run(short) } }.min() ?? 0
                return (name: station.name, first: first, second: PeakMemory.cost { station.run(long) })
            }
        }
        for (name, first, second) in costs {
            // Linear would be 8, quadratic 64.
            #expect(second < max(first, 0.0005) * 28, "\(name): \(first) s, then \(second) s")
        }
    }

    @Test("a body of 256 KiB needs at most 64 times its size in memory", arguments: HostileShape.allCases)
    func memory(_ shape: HostileShape) async {
        await #expect(processExitsWith: .success) { [shape = shape as HostileShape] in
            Memory.check(shape, size: 256 << 10)
        }
    }

    @Test(
        "a body of 10 MiB needs at most 64 times its size in memory",
        arguments: [HostileShape.circle, .longText])
    func large(_ shape: HostileShape) async {
        await #expect(processExitsWith: .success) { [shape = shape as HostileShape] in
            Memory.check(shape, size: 10 << 20)
        }
    }
}

private enum Memory {
    private static let allowance = 8 << 20
    private static let limit: Double = 64

    /// Runs in a process of its own and leaves it with a failure that says which station needed how much.
    static func check(_ shape: HostileShape, size: Int) {
        let warming = shape.body(1_000)
        for station in Passage.stations { station.run(warming) }
        let body = shape.body(size)
        for station in Passage.stations {
            let growth = PeakMemory.growth { station.run(body) }
            // Pages that the allocator takes in advance count once, whatever the size.
            let times = Double(max(0, growth - allowance)) / Double(body.count)
            precondition(times <= limit, "\(shape) \(station.name): \(times) times \(body.count) bytes")
        }
    }
}
