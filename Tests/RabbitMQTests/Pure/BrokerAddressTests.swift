// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import RabbitMQ
import Testing

@Suite("Broker address")
struct BrokerAddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let url: String
        let hosts: [String]
        let virtualHost: String
        let user: String
        let password: String
        let isSecure: Bool

        var testDescription: String { url }
    }

    static let good = [
        Case(
            url: "amqp://broker", hosts: ["broker:5672"], virtualHost: "/", user: "guest", password: "guest",
            isSecure: false),
        Case(
            url: "amqps://broker/", hosts: ["broker:5671"], virtualHost: "/", user: "guest", password: "guest",
            isSecure: true),
        Case(
            url: "amqp://user:pa%3Ass%40word@broker:1234/%2Fmain%20host", hosts: ["broker:1234"],
            virtualHost: "/main host", user: "user", password: "pa:ss@word", isSecure: false),
        Case(
            url: "amqp://u:p@a:1,b,[::1]:3/v?heartbeat=5", hosts: ["a:1", "b:5672", "[::1]:3"], virtualHost: "v",
            user: "u", password: "p", isSecure: false),
        Case(
            url: "amqp://u@a/%2F", hosts: ["a:5672"], virtualHost: "/", user: "u", password: "", isSecure: false),
        Case(
            url: "amqp://us%65r:a@b@host/v", hosts: ["host:5672"], virtualHost: "v", user: "user", password: "a@b",
            isSecure: false),
    ]

    @Test("an address is read into its parts", arguments: good)
    func reads(_ expected: Case) throws {
        let configuration = try RabbitMQConfiguration(url: expected.url)
        #expect(configuration.hosts.map(\.description) == expected.hosts)
        #expect(configuration.virtualHost == expected.virtualHost)
        #expect(configuration.user == expected.user)
        #expect(configuration.password == expected.password)
        #expect((configuration.tls != nil) == expected.isSecure)
    }

    @Test("the query sets heartbeat, timeouts and certificates")
    func query() throws {
        let configuration = try RabbitMQConfiguration(
            url: "amqps://h/?heartbeat=7&connection_timeout=1500&cacertfile=%2Fca.pem&certfile=/c.pem&keyfile=/k.pem"
                + "&auth_mechanism=external&verify_hostname=false")
        #expect(configuration.heartbeat == 7)
        #expect(configuration.connectTimeout == .milliseconds(1500))
        #expect(
            configuration.tls
                == RabbitMQTLS(
                    authorityFile: "/ca.pem", certificateFile: "/c.pem", keyFile: "/k.pem", verifiesHostname: false,
                    external: true))
    }

    @Test("the defaults are the safe ones")
    func defaults() throws {
        let configuration = try RabbitMQConfiguration(url: "amqps://h")
        #expect(configuration.heartbeat == 10)
        #expect(configuration.frameMax == 131_072)
        #expect(configuration.maximumInFlight == 256)
        #expect(configuration.tls?.authorityFile == "/etc/ssl/certs/ca-certificates.crt")
        #expect(configuration.tls?.verifiesHostname == true)
    }

    @Test(
        "an address that cannot be used is refused without repeating it",
        arguments: [
            "", "http://h", "amqp:/h", "amqp://", "amqp://u:secret@", "amqp://u:secret@h:0", "amqp://u:secret@h:65536",
            "amqp://u:secret@h:x", "amqp://u:secret@h/a/b", "amqp://u:secret%zz@h", "amqp://u:secret%4@h",
            "amqp://u:secret%ff@h", "amqp://u:secret%00@h", "amqp://u:secret@h?heartbeat=0",
            "amqp://u:secret@h?heartbeat", "amqp://u:secret@h?unknown=secret", "amqp://u:secret@h?cacertfile=/a",
            "amqps://u:secret@h?certfile=/a", "amqp://u:secret@[::1", "amqp://u:secret@[::1]x", "amqp://u:secret@a,,b",
            "amqps://u:secret@h?verify_hostname=secret", "amqp://u:secret@h?connection_timeout=99999999999999999999",
        ])
    func refuses(_ url: String) {
        do throws(BusError) {
            _ = try RabbitMQConfiguration(url: url)
            Issue.record("accepted")
        } catch {
            #expect(error.code == .accessRefused)
            #expect(!error.message.contains("secret"))
        }
    }

    @Test("no way of printing a configuration shows the password")
    func password() throws {
        let configuration = try RabbitMQConfiguration(url: "amqp://user:hidden-word@host/v")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [
            "\(configuration)", String(describing: configuration), String(reflecting: configuration), dumped,
            "\([configuration])", "\(Optional(configuration) as Any)",
        ] {
            #expect(text.contains("host"))
            #expect(!text.contains("hidden-word"))
        }
    }
}
