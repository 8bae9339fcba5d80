// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where property tests start: a fixed seed, so that a failing run can be repeated, or the one in
/// `OCEAN_BRIDGE_SEED`. Tests name it in their failures.
package enum PropertySeed {
    package static let base: UInt64 =
        ProcessInfo.processInfo.environment["OCEAN_BRIDGE_SEED"].flatMap { UInt64($0) } ?? 20_260_101

    /// The seed of one of several parts of a run.
    package static func part(_ index: Int) -> UInt64 { base &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9 }
}
