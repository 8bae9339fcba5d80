// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension RabbitMQBroker {
    /// One call of the management HTTP API as guest.
    ///
    /// - Parameter path: from `/api/` on, percent-encoded.
    @discardableResult
    package func management(
        _ method: String, _ path: String, _ body: String = ""
    ) async throws -> (status: Int, body: String) {
        let request =
            "\(method) \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let port = managementPort
        return try await BlockingWork.run { try TCPProbe.http(port: port, Array(request.utf8)) }
    }

    /// Gives `body` the address of a fresh virtual host, which is deleted afterwards.
    package func withVirtualHost<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        let name = "test-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        try await expect("PUT", "/api/vhosts/\(name)")
        try await expect(
            "PUT", "/api/permissions/\(name)/guest", #"{"configure":".*","write":".*","read":".*"}"#)
        do {
            let value = try await body("\(address)/\(name)")
            try await expect("DELETE", "/api/vhosts/\(name)")
            return value
        } catch {
            // The test's own error matters more than the clean-up's.
            _ = try? await management("DELETE", "/api/vhosts/\(name)")
            throw error
        }
    }

    /// The virtual host in an address that `withVirtualHost` gave.
    package static func virtualHost(of url: String) -> String {
        String(url.split(separator: "/").last ?? "")
    }

    /// Throws unless the answer is a success.
    private func expect(_ method: String, _ path: String, _ body: String = "") async throws {
        let answer = try await management(method, path, body)
        guard (200..<300).contains(answer.status) else {
            throw Failure("\(method) \(path): \(answer.status) \(answer.body)")
        }
    }
}
