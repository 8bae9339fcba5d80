// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Places routing keys on buckets so that a key keeps its bucket as long as the number of buckets stays.
package enum ConsistentHash {
    /// The bucket of `key`, below `buckets`; nil when there is none.
    package static func bucket(of key: String, buckets: Int) -> Int? {
        buckets > 0 ? jump(fnv1a(key), buckets: buckets) : nil
    }

    /// FNV-1a with 64 bits: the same on every machine and in every process, unlike Swift's `Hasher`.
    package static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm" (2014).
    package static func jump(_ hash: UInt64, buckets: Int) -> Int {
        var key = hash
        var bucket: Int64 = -1
        var next: Int64 = 0
        while next < Int64(buckets) {
            bucket = next
            key = key &* 2_862_933_555_777_941_757 &+ 1
            next = Int64(Double(bucket + 1) * (Double(Int64(1) << 31) / Double((key >> 33) + 1)))
        }
        return Int(max(0, bucket))
    }
}
