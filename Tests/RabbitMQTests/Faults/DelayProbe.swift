// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Sleeps on the calling thread.
enum DelayProbe {
    static func sleep(milliseconds: Int32) {
        _ = poll(nil, 0, milliseconds)
    }
}
