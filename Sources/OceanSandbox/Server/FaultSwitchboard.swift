// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// The armed faults, shared by server and sender.
final class FaultSwitchboard: Sendable {
    private let plan = Mutex(FaultPlan())

    func arm(_ new: FaultPlan) { plan.withLock { $0 = new } }

    func armed() -> FaultPlan { plan.withLock { $0 } }

    func strike(_ place: any WritableKeyPath<FaultPlan, Fault?> & Sendable) -> Fault? {
        plan.withLock { $0.strike(place) }
    }

    func strikeOpenAPI() -> OpenAPIFault.Kind? { plan.withLock { $0.strikeOpenAPI() } }

    func strikeDocument(inBundle: Bool) -> DocumentFault? {
        plan.withLock { $0.strikeDocument(inBundle: inBundle) }
    }
}
