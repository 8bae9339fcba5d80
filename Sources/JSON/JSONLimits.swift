// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// How much a parser accepts before it gives up, so that hostile input costs bounded memory and stack.
package struct JSONLimits: Sendable, Hashable {
    /// The longest accepted input, in bytes. More than 512 MiB counts as 512 MiB: the tape packs offsets and counts.
    package var maximumBytes: Int
    /// How many arrays and objects may be open at once; `1` allows `[]` but not `[[]]`. More than 1,024 counts as
    /// 1,024: values are compared, written and released recursively, and a thread's stack bounds that.
    package var maximumDepth: Int

    /// 64 MiB and 256 levels, unless told otherwise.
    package init(maximumBytes: Int = 64 << 20, maximumDepth: Int = 256) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }

    /// 64 MiB and 256 levels.
    package static let `default` = JSONLimits()

    var effectiveBytes: Int { min(max(maximumBytes, 0), TapeNode.maximumInput) }
    var effectiveDepth: Int { min(max(maximumDepth, 0), 1_024) }
}
