// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What this process has used of the processors.
enum ProcessorTime {
    static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
