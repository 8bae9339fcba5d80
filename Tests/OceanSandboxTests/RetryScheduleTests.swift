// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import OceanSandbox
import Testing

@Suite("The retry schedule")
struct RetryScheduleTests {
    @Test("several attempts fall into the first hour, then one every hour, for 96 hours")
    func schedule() {
        let schedule = RetrySchedule()
        var total = Duration.zero
        var attempts = 1
        var firstHour = 0
        while let wait = schedule.wait(afterAttempt: attempts) {
            total += wait
            attempts += 1
            if total <= .seconds(3600) { firstHour += 1 }
        }
        #expect(firstHour >= 3)
        #expect(total <= .seconds(96 * 3600))
        #expect(total > .seconds(95 * 3600))
        #expect(schedule.wait(afterAttempt: attempts) == nil)
    }

    @Test("compression shortens the waits and leaves their number alone")
    func compression() {
        let fast = RetrySchedule(compression: 3600)
        #expect(fast.wait(afterAttempt: 50) == .seconds(1))
        #expect(fast.wait(afterAttempt: 0) == nil)
    }
}
