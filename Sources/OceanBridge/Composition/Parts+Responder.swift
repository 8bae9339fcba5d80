// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Gateway
import ServiceLifecycle

/// The synchronous side: what answers while somebody waits.
extension Parts {
    /// The port to the hospital's services that answer questions.
    var requests: any RequestPort { (bus as? any RequestPort) ?? NoRequests() }

    /// Further routes of the public listener, served with the role `responder`; one line for each subject.
    func responderRoutes() throws(GatewayError) -> [Route] {
        var routes: [Route] = []
        routes += []
        return routes
    }

    /// What runs beside them; one line for each subject.
    func responderServices(_ readiness: Readiness) throws(GatewayError) -> [any Service] {
        var services: [any Service] = []
        services += []
        return services
    }
}

/// Stands in on a bus that carries no questions.
private struct NoRequests: RequestPort {
    func ask(_ question: Message, of name: String, within limit: Duration) async throws(RequestError) -> Message {
        throw RequestError(.unavailable, "ocean.requests.\(name): this bus carries no questions")
    }
}
