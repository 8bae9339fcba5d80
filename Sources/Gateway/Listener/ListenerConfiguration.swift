// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Where a listener listens.
package struct ListenerAddress: Sendable, Hashable {
    package var host: String
    /// 0 lets the system choose.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// Certificate files of a listener, in PEM.
package struct ListenerTLS: Sendable, Hashable {
    /// The server's certificate followed by its intermediates.
    package var certificateFile: String
    package var keyFile: String
    /// When set, clients must show a certificate that one of these authorities issued.
    package var clientAuthorityFile: String?

    package init(certificateFile: String, keyFile: String, clientAuthorityFile: String? = nil) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.clientAuthorityFile = clientAuthorityFile
    }
}

/// How much a listener takes before it refuses.
package struct ListenerLimits: Sendable, Hashable {
    /// Bytes of one request body. Ocean's own sample server takes 10 MB.
    package var bodyBytes = 10 << 20
    /// Bytes of all request bodies in memory at once.
    package var bufferedBytes = 256 << 20
    /// Bytes of all header fields of one request.
    package var headerBytes = 32 << 10
    /// From the request's head to the answer.
    package var request: Duration = .seconds(30)
    /// Without a part of a request.
    package var idle: Duration = .seconds(60)
    /// Open connections; more wait in the listening socket.
    package var connections = 512

    package init() {}
}
