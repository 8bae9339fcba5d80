// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension BusUnderTest {
    static let brokers: [BusUnderTest] = []
}
