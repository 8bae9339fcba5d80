// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Makes UUIDs of version 7 (RFC 9562 §5.7) that rise strictly within one process, so that a message id also tells
/// the order in which the bridge accepted messages.
package final class UUIDv7Source: Sendable {
    private struct State {
        var milliseconds: Int64 = 0
        var counter: UInt16 = 0
    }

    private let state = Mutex(State())
    private let clock: any WallClock

    package init(clock: any WallClock = SystemClock()) {
        self.clock = clock
    }

    /// A new id in lower-case canonical text.
    package func next() -> String {
        let now = clock.now().milliseconds
        let (milliseconds, counter) = state.withLock { state -> (Int64, UInt16) in
            if now > state.milliseconds {
                state.milliseconds = now
                state.counter = UInt16.random(in: 0..<0x400)
            } else if state.counter < 0xFFF {
                state.counter += 1
            } else {
                // The 12-bit counter is spent: borrow from the future rather than repeat or fall back.
                state.milliseconds += 1
                state.counter = 0
            }
            return (state.milliseconds, state.counter)
        }
        let high = UInt64(bitPattern: milliseconds) << 16 | 0x7000 | UInt64(counter)
        let low = UInt64.random(in: .min ... .max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return Self.text(high, low)
    }

    static func text(_ high: UInt64, _ low: UInt64) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { output.append(0x2D) }
            let word = index < 16 ? high : low
            let shift = UInt64((15 - index % 16) * 4)
            output.append(digits[Int(word >> shift & 0xF)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
