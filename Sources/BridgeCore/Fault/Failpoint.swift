// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

#if FAILPOINTS
    import Glibc
    import Synchronization
#endif

/// A named place at which a test makes the process die. Compiled into debug builds only; in a release build `hit` does
/// nothing and the environment is not read.
///
/// `OCEAN_BRIDGE_FAILPOINTS` holds pairs joined by `;`, each `point=rule`:
/// - `kill@3`: SIGKILL at the third hit.
/// - `kill%0.01`: SIGKILL with this probability at each hit.
/// - `kill~text`: SIGKILL when the subject (a message id or referral reference) contains the text.
package enum Failpoint: String, Sendable, CaseIterable {
    /// The ingress has read and judged a webhook, and has not published it.
    case ingressPublish = "ingress.publish"
    /// The webhook is durable; the caller has not been answered.
    case ingressAnswer = "ingress.answer"
    /// A message is about to be written to the bus.
    case publishBefore = "publish.before"
    /// A message was written to the bus; nothing is known of its confirm.
    case publishAfter = "publish.after"
    /// A confirm was read; who waits for it was not told.
    case confirmBefore = "confirm.before"
    /// Who waited for the confirm was told.
    case confirmAfter = "confirm.after"
    /// A delivery is handled and not acknowledged.
    case ackBefore = "ack.before"
    /// The acknowledgement was handed over.
    case ackAfter = "ack.after"
    /// A transaction of the store is about to be committed.
    case storeBefore = "store.before"
    /// A transaction of the store was committed; who waits was not told.
    case storeAfter = "store.after"
    /// A message is being read and translated: what a crash of the translation itself looks like.
    case translate
    /// An update is being read and written: what a crash of that work looks like.
    case write
    /// Ocean is about to be called.
    case oceanBefore = "ocean.before"
    /// Ocean has answered; the answer has not been looked at.
    case oceanAfter = "ocean.after"

    /// Passes the point, or kills the process when the environment says so.
    ///
    /// - Parameter subject: what `kill~text` looks at: an id or a reference, no patient data.
    package func hit(_ subject: @autoclosure () -> String = "") {
        #if FAILPOINTS
            guard let rule = Self.rules[self] else { return }
            if rule.isDue(subject()) { kill(getpid(), SIGKILL) }
        #endif
    }

    /// Whether this build has failpoints: tests that need them say so instead of passing for nothing.
    package static var areCompiled: Bool {
        #if FAILPOINTS
            true
        #else
            false
        #endif
    }

    #if FAILPOINTS
        private static let rules: [Failpoint: FailpointRule] = {
            guard let text = getenv("OCEAN_BRIDGE_FAILPOINTS") else { return [:] }
            var output: [Failpoint: FailpointRule] = [:]
            for pair in String(cString: text).split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, let point = Failpoint(rawValue: String(parts[0])),
                    let rule = FailpointRule(parts[1])
                else { continue }
                output[point] = rule
            }
            return output
        }()
    #endif
}

#if FAILPOINTS
    /// When a failpoint fires.
    final class FailpointRule: Sendable {
        private enum Condition: Sendable {
            case hit(Int)
            case probability(Double)
            case subject(String)
        }

        private let condition: Condition
        private let hits = Atomic<Int>(0)

        init?(_ text: Substring) {
            guard text.hasPrefix("kill"), let kind = text.dropFirst(4).first else { return nil }
            let value = text.dropFirst(5)
            switch kind {
            case "@":
                guard let number = Int(value) else { return nil }
                condition = .hit(number)
            case "%":
                guard let number = Double(value) else { return nil }
                condition = .probability(number)
            case "~": condition = .subject(String(value))
            default: return nil
            }
        }

        func isDue(_ subject: @autoclosure () -> String) -> Bool {
            switch condition {
            case .hit(let number): hits.add(1, ordering: .relaxed).newValue == number
            case .probability(let number): Double.random(in: 0..<1) < number
            case .subject(let text): subject().contains(text)
            }
        }
    }
#endif
