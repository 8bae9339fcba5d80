// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

@testable import OceanSandbox

extension PretendOcean {
    /// Scheme and host of the receiver that the bench configured.
    func webhookOrigin() async -> String {
        let url = sender.webhook("bridge")?.url ?? ""
        return url.hasSuffix("/ocean/hospital") ? String(url.dropLast("/ocean/hospital".count)) : url
    }
}
