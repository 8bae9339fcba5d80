// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What `documents.store.url` names: `file:///directory` or `s3://bucket/prefix?endpoint=https://host[:port]&region=…`.
package enum StoreAddress: Sendable, Hashable, CustomStringConvertible {
    case directory(String)
    case s3(S3Address)

    package var description: String {
        switch self {
        case .directory(let path): path
        case .s3(let address):
            "s3://\(address.bucket)/\(address.prefix) at \(address.endpoint), region \(address.region)"
        }
    }

    /// Nil when the text is neither; `fault` then says why.
    package init?(_ text: String, fault: inout String) {
        if text.hasPrefix("file:///") {
            guard let path = PathText.unescaped(text.dropFirst(7)), path.utf8.count > 1,
                !path.split(separator: "/").contains("..")
            else {
                fault = "must name an absolute directory, as in file:///var/lib/ocean-bridge/documents"
                return nil
            }
            self = .directory(path)
        } else if text.hasPrefix("s3://") {
            guard let address = S3Address(text.dropFirst(5), fault: &fault) else { return nil }
            self = .s3(address)
        } else {
            fault = "must begin with file:/// or s3://"
            return nil
        }
    }
}

/// A bucket of a service that speaks the S3 interface, addressed path-style.
package struct S3Address: Sendable, Hashable {
    package let bucket: String
    /// Without slashes at its ends; may be empty.
    package let prefix: String
    /// Scheme, host and port.
    package let endpoint: String
    package let region: String

    package init(bucket: String, prefix: String, endpoint: String, region: String) {
        self.bucket = bucket
        self.prefix = prefix
        self.endpoint = endpoint
        self.region = region
    }

    init?(_ text: Substring, fault: inout String) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var options: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let value = PathText.unescaped(sides[1]), !value.isEmpty,
                ["endpoint", "region"].contains(String(sides[0]))
            else {
                fault = "after the question mark only endpoint=… and region=… may stand"
                return nil
            }
            options[String(sides[0])] = value
        }
        let region = options["region"] ?? "us-east-1"
        let plain = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E
        }
        guard let bucket = path.first, (3...63).contains(bucket.utf8.count), bucket.utf8.allSatisfy(plain),
            region.utf8.allSatisfy(plain)
        else {
            fault = "the bucket has 3 to 63 small letters, digits, dots and hyphens, the region some"
            return nil
        }
        var endpoint = options["endpoint"] ?? "https://s3.\(region).amazonaws.com"
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        let isLocal = ["http://127.", "http://localhost", "http://[::1]"].contains { endpoint.hasPrefix($0) }
        let host = endpoint.split(separator: "/", omittingEmptySubsequences: false)
        guard endpoint.hasPrefix("https://") || isLocal, host.count == 3, !host[2].isEmpty, !host[2].contains("@"),
            endpoint.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            fault = "endpoint must be https://host[:port] (http:// only for this machine)"
            return nil
        }
        var prefix = path.count > 1 ? String(path[1]) : ""
        while prefix.hasPrefix("/") { prefix.removeFirst() }
        while prefix.hasSuffix("/") { prefix.removeLast() }
        self.init(bucket: String(bucket), prefix: prefix, endpoint: endpoint, region: region)
    }
}
