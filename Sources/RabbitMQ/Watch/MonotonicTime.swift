// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Nanoseconds of the machine's monotonic clock, as one number that fits an atomic.
enum MonotonicTime {
    /// Later than anything.
    static let never = Int64.max

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func after(_ duration: Duration, from start: Int64 = now()) -> Int64 {
        let (sum, overflow) = start.addingReportingOverflow(duration.nanoseconds)
        return overflow ? never : sum
    }

    /// Milliseconds until `deadline` for poll(2), rounded up, at most `limit`.
    static func pollTimeout(until deadline: Int64, limit: Int32, now: Int64) -> Int32 {
        guard deadline > now else { return 0 }
        let (distance, overflow) = deadline.subtractingReportingOverflow(now)
        guard !overflow else { return limit }
        return Int32(min(Int64(limit), distance / 1_000_000 + 1))
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, sumOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }

    var timeval: timeval {
        let whole = max(1000, nanoseconds)
        return Glibc.timeval(tv_sec: Int(whole / 1_000_000_000), tv_usec: Int(whole % 1_000_000_000 / 1000))
    }
}
