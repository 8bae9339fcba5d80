// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import RabbitMQ

extension RabbitMQSuite {
    @Suite("TLS to the broker", .serialized, .timeLimit(.minutes(15)))
    struct TLSTests {
        @Test("messages travel over a verified connection; an unknown authority or name is refused")
        func verified() async throws {
            let broker = try await RabbitMQBroker.start(tls: true)
            let url = "amqps://guest:guest@localhost:\(broker.tlsPort)/%2F?cacertfile=\(broker.authorityFile)"
            try await BusFixture.withBus(url) { bus in
                try await bus.declare(BusFixture.queue("secret"))
                let subscription = try await bus.subscribe(to: "secret", prefetch: 50)
                let body = [UInt8](repeating: 0x20, count: 300_000)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            try await bus.publish(BusFixture.message(number, body: body), to: .queue("secret"))
                        }
                    }
                    try await group.waitForAll()
                }
                let deliveries = await BusFixture.take(50, from: subscription)
                #expect(deliveries.count == 50)
                #expect(deliveries.allSatisfy { $0.message.body == body })
                for delivery in deliveries { try await delivery.ack() }
                await subscription.cancel()
                #expect(try await bus.depth(of: "secret")?.ready == 0)
            }
            for wrong in [
                "amqps://guest:guest@localhost:\(broker.tlsPort)/%2F",
                "amqps://guest:guest@127.0.0.1:\(broker.tlsPort)/%2F?cacertfile=\(broker.authorityFile)",
            ] {
                try await BusFixture.withBus(wrong, adjust: { $0.publishTimeout = .seconds(3) }) { bus in
                    let code = await BusFixture.code { () async throws(BusError) in
                        try await bus.declare(BusFixture.queue("other"))
                    }
                    #expect(code != nil)
                }
            }
            try await broker.kill()
        }

        /// What a bus with these settings says to a declaration, and how it went about it.
        private static func refusal(
            _ url: String, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> (error: BusError?, observation: Observation) {
            var kept: (BusError?, Observation)?
            try await Observation.withBus(
                url,
                adjust: {
                    $0.publishTimeout = .seconds(2)
                    $0.connectTimeout = .seconds(2)
                }
            ) { bus, seen in
                // The publisher tries on its own for two seconds.
                _ = await BusFixture.code { () async throws(BusError) in
                    try await bus.publish(BusFixture.message(1), to: .queue("q"))
                }
                do throws(BusError) {
                    try await bus.declare(BusFixture.queue("q"))
                    Issue.record("declared", sourceLocation: sourceLocation)
                } catch {
                    kept = (error, seen)
                }
                try await Task.sleep(for: .seconds(1))
            }
            return (kept?.0, try #require(kept?.1))
        }

        @Test(
            "an authority that is not ours, another name, and an expired certificate are refused: named, and rarely tried"
        )
        func refused() async throws {
            let good = try await RabbitMQBroker.start(tls: true)
            let expired = try await RabbitMQBroker.start(tls: true, isExpired: true)
            let cases = [
                ("amqps://guest:guest@localhost:\(good.tlsPort)/%2F", "bus.tls.caFile"),
                ("amqps://guest:guest@127.0.0.1:\(good.tlsPort)/%2F?cacertfile=\(good.authorityFile)", "DNS name"),
                ("amqps://guest:guest@localhost:\(expired.tlsPort)/%2F?cacertfile=\(expired.authorityFile)", "expired"),
            ]
            for (url, part) in cases {
                let (error, seen) = try await Self.refusal(url)
                #expect(error?.code == .accessRefused)
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
                #expect(seen.warnings.count == 1, "\(seen.warnings)")
                #expect((2...8).contains(seen.count("connect_failures", "cause=tls")))
            }
            try await good.kill()
            try await expired.kill()
        }

        @Test(
            "TLS 1.1 is refused though the server speaks it, TLS 1.2 and 1.3 get through",
            arguments: ["tls1_1", "tls1_2", "tls1_3"])
        func versions(version: String) async throws {
            try await withTemporaryDirectory { directory in
                let server = try await TLSServer(version: version, directory: directory)
                #expect(try await server.accepts(version))
                let url = "amqps://localhost:\(server.port)/%2F?cacertfile=\(server.authorityFile)"
                let (error, seen) = try await Self.refusal(url)
                #expect(error?.code == .unavailable)
                if version == "tls1_1" {
                    #expect(error?.message.contains("TLS 1.2 or later") == true, "\(error?.message ?? "")")
                    #expect(seen.count("connect_failures", "cause=tls") >= 1)
                } else {
                    // The server speaks no AMQP, so it fails all the same, but TLS itself went well.
                    #expect(seen.count("connect_failures") >= 1)
                    #expect(seen.count("connect_failures", "cause=tls") == 0)
                }
                #expect(seen.warnings.count <= 2)
                try await server.stop()
            }
        }

        @Test("a client certificate logs in by SASL EXTERNAL; none, a stranger's, or a missing plugin is refused")
        func external() async throws {
            let broker = try await RabbitMQBroker.start(tls: true, asksForCertificate: true)
            for (path, body) in [
                ("/api/users/ocean-client", #"{"password":"never used","tags":""}"#),
                ("/api/permissions/%2F/ocean-client", #"{"configure":".*","write":".*","read":".*"}"#),
            ] {
                let answer = try await broker.management("PUT", path, body)
                #expect((200..<300).contains(answer.status))
            }
            let base = "amqps://nobody:wrong@localhost:\(broker.tlsPort)/%2F?cacertfile=\(broker.authorityFile)"
            func with(_ files: (certificate: String, key: String)) -> String {
                "\(base)&certfile=\(files.certificate)&keyfile=\(files.key)"
            }
            try await BusFixture.withBus(with(broker.clientCertificate) + "&auth_mechanism=external") { bus in
                try await bus.declare(BusFixture.queue("mutual"))
                try await bus.publish(BusFixture.message(1), to: .queue("mutual"))
                let subscription = try await bus.subscribe(to: "mutual", prefetch: 1)
                let deliveries = await BusFixture.take(1, from: subscription)
                #expect(deliveries.first?.message.id == "message-1")
                try await deliveries.first?.ack()
                let users = try await broker.control("list_connections", "user", "auth_mechanism", "--quiet")
                #expect(users.contains("ocean-client\tEXTERNAL"), "\(users)")
                await subscription.cancel()
            }
            // With the certificate but by password: the password is what counts.
            let byPassword = try await Self.refusal(with(broker.clientCertificate))
            #expect(byPassword.error?.code == .accessRefused)
            for url in [base, with(broker.strangerCertificate) + "&auth_mechanism=external"] {
                let (error, seen) = try await Self.refusal(url)
                #expect(error != nil)
                #expect(error?.message.contains("localhost:\(broker.tlsPort)") == true)
                #expect(error?.message.contains("client certificate") == true, "\(error?.message ?? "")")
                #expect(seen.warnings.count <= 3, "\(seen.warnings)")
                #expect((2...8).contains(seen.count("connect_failures")))
            }
            try await broker.kill()
            let plain = try await RabbitMQBroker.start(tls: true)
            let (error, _) = try await Self.refusal(
                "amqps://localhost:\(plain.tlsPort)/%2F?cacertfile=\(plain.authorityFile)&auth_mechanism=external")
            #expect(error?.code == .accessRefused)
            #expect(error?.message.contains("rabbitmq-plugins enable rabbitmq_auth_mechanism_ssl") == true)
            try await plain.kill()
        }
    }
}
