// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NIOCore
import NIOPosix

/// The address under which Ocean reaches the bridge, taken apart and judged.
struct PublicAddress: Sendable {
    typealias Finding = ConnectionCheck.Finding

    static let part = "webhooks"

    let base: String
    let host: String
    let port: Int
    let isHTTPS: Bool

    init?(_ text: String) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else { return nil }
        base = text
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        isHTTPS = parts.scheme?.lowercased() == "https"
        port = parts.port ?? (isHTTPS ? 443 : 80)
    }

    /// What can be told of scheme, name and certificate.
    ///
    /// - Parameter now: seconds since 1970.
    func findings(_ probe: CertificateProbe, now: Int64) async -> [Finding] {
        var findings: [Finding] = []
        if let finding = await nameFinding() { findings.append(finding) }
        guard isHTTPS else {
            findings.append(
                Finding(
                    part: Self.part, verdict: .warning,
                    message:
                        "http.public.url is plain http: Ocean's portal takes https only, and referrals would travel "
                        + "readable; put a certificate on the listener (http.public.tls) or a proxy with one before it")
            )
            return findings
        }
        findings.append(Self.certificateFinding(await probe.look(host: host, port: port), now: now))
        return findings
    }

    private func nameFinding() async -> Finding? {
        // Resolving blocks: not on the cooperative pool.
        let address = try? await NIOThreadPool.singleton.runIfActive { [host, port] in
            try SocketAddress.makeAddressResolvingHost(host, port: port).ipAddress
        }
        guard let address else {
            return Finding(
                part: Self.part, isGood: false,
                message: "the host of http.public.url cannot be resolved here; is its DNS record published?")
        }
        guard Self.isPrivate(address) else { return nil }
        return Finding(
            part: Self.part, verdict: .warning,
            message: "the host of http.public.url is \(address) as seen from here, which Ocean cannot reach: from the "
                + "internet it must lead to a public address (a split DNS may answer otherwise there)")
    }

    static func certificateFinding(_ outcome: CertificateProbe.Outcome, now: Int64) -> Finding {
        func days(_ until: Int64) -> Int64 { (until - now) / 86_400 }
        switch outcome {
        case .trusted(let until) where days(until) < 21:
            return Finding(
                part: part, verdict: .warning,
                message: "the certificate ends in \(days(until)) days; renew it, webhooks fail the day after")
        case .trusted(let until):
            return Finding(part: part, isGood: true, message: "the certificate is trusted for \(days(until)) more days")
        case .untrusted(_, let until) where until != 0 && until < now:
            return Finding(
                part: part, isGood: false,
                message: "the certificate ended \(-days(until)) days ago; renew it, Ocean does not deliver until then")
        case .untrusted(let reason, _):
            return Finding(
                part: part, isGood: false,
                message:
                    "the certificate does not hold: \(reason). Install one of a public authority with its whole chain "
                    + "(http.public.tls.certificateFile, or on the proxy before the bridge)")
        case .noTLS(let reason):
            return Finding(
                part: part, isGood: false,
                message: "no TLS 1.2 or 1.3 at http.public.url: \(reason). Does the bridge or its proxy listen there?")
        }
    }

    /// Whether an address means nothing outside its own network.
    static func isPrivate(_ address: String) -> Bool {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        if parts.count == 4, let first = parts[0], let second = parts[1] {
            switch first {
            case 0, 10, 127: return true
            case 100: return (64...127).contains(second)
            case 169: return second == 254
            case 172: return (16...31).contains(second)
            case 192: return second == 168
            default: return false
            }
        }
        let text = address.lowercased()
        return text == "::1" || text.hasPrefix("fc") || text.hasPrefix("fd") || text.hasPrefix("fe8")
            || text.hasPrefix("fe9") || text.hasPrefix("fea") || text.hasPrefix("feb")
    }
}
