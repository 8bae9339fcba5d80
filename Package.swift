// swift-tools-version: 6.2
// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Every target: language mode 6 (from the tools version), warnings are errors, imports say what they leak.
/// `NonisolatedNonsendingByDefault` stays off while the toolchain is 6.3.1 (docs/decisions/0002-toolchain-traps.md).
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // Places at which tests kill the process; a release build has none (Sources/BridgeCore/Fault).
    .define("FAILPOINTS", .when(configuration: .debug)),
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["BridgeTestKit"], path: path, swiftSettings: house)
}

let package = Package(
    name: "ocean-bridge",
    products: [
        .executable(name: "ocean-bridge", targets: ["ocean-bridge"]),
        .executable(name: "ocean-bridge-benchmarks", targets: ["ocean-bridge-benchmarks"]),
        .executable(name: "ocean-bridge-faults", targets: ["ocean-bridge-faults"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // No pkgConfig: Debian's librabbitmq.pc spells `CFlags:`, which SwiftPM cannot parse.
        .systemLibrary(name: "CRabbitMQ", providers: [.apt(["librabbitmq-dev"])]),
        module("JSON"),
        module("BridgeCore", ["JSON"]),
        module("FHIR", ["JSON"]),
        module("Ocean", ["BridgeCore", "FHIR", "JSON", crypto, cryptoExtras]),
        module("RabbitMQ", ["BridgeCore", "CRabbitMQ", logging, metrics]),
        module("Embedded", ["BridgeCore", "JSON", grdb, logging, metrics]),
        module("Spool", ["BridgeCore", crypto, logging, metrics]),
        module(
            "OceanClient",
            ["Ocean", "BridgeCore", "JSON", asyncHTTPClient, nioCore, nioHTTP1, nioSSL, logging, metrics]),
        module("ClaimCheck", ["BridgeCore", "JSON", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix]),
        module("Workers", ["Ocean", "BridgeCore", "FHIR", "JSON", crypto, logging, metrics]),
        module("CDSHooks", ["Ocean", "BridgeCore", "FHIR", "JSON", crypto, cryptoExtras, logging, metrics]),
        module("DataSource", ["BridgeCore", "JSON", crypto, logging, metrics]),
        module("Launch", ["BridgeCore", "JSON", crypto, logging, metrics]),
        module(
            "Gateway",
            [
                "CDSHooks", "DataSource", "Launch", "Ocean", "BridgeCore", "JSON", hummingbird, hummingbirdTLS,
                httpTypes,
                nioCore, nioSSL, crypto, serviceLifecycle, logging, coreMetrics,
            ]),
        module("Telemetry", ["BridgeCore", "JSON", logging, coreMetrics, metrics]),
        module(
            "OceanSandbox",
            [
                "Ocean", "BridgeCore", "FHIR", "JSON", hummingbird, httpTypes, nioCore, nioHTTP1, asyncHTTPClient,
                crypto,
                serviceLifecycle, logging,
            ]),
        module(
            "OceanBridge",
            [
                "BridgeCore", "CDSHooks", "ClaimCheck", "DataSource", "Embedded", "FHIR", "Gateway", "JSON", "Launch",
                "Ocean", "OceanClient", "OceanSandbox", "RabbitMQ", "Spool", "Telemetry", "Workers", asyncHTTPClient,
                httpTypes, logging, metrics, nioCore, nioHTTP1,
                nioPosix, nioSSL, nioTLS, serviceLifecycle, unixSignals, yams,
            ]),
        .executableTarget(
            name: "ocean-bridge", dependencies: ["OceanBridge", "BridgeCore", "JSON", argumentParser],
            swiftSettings: house
        ),

        .target(
            name: "BridgeTestKit", dependencies: ["BridgeCore", "JSON", crypto, cryptoExtras],
            path: "Tests/BridgeTestKit", swiftSettings: house),
        tests("JSONTests", ["JSON"]),
        tests("BridgeCoreTests", ["BridgeCore", "JSON"]),
        tests("FHIRTests", ["FHIR", "JSON"]),
        tests("OceanTests", ["Ocean", "BridgeCore", "FHIR", "JSON"]),
        tests("RabbitMQTests", ["RabbitMQ", "BridgeCore", "CRabbitMQ", "JSON", logging, coreMetrics]),
        tests("EmbeddedTests", ["Embedded", "BridgeCore", "JSON"]),
        tests("SpoolTests", ["Spool", "Embedded", "BridgeCore", "JSON", logging]),
        tests(
            "OceanClientTests",
            [
                "OceanClient", "Ocean", "BridgeCore", "JSON", hummingbird, hummingbirdTLS, httpTypes, nioCore, nioSSL,
                asyncHTTPClient, logging,
            ]),
        tests(
            "ClaimCheckTests", ["ClaimCheck", "BridgeCore", "JSON", hummingbird, httpTypes, nioCore, crypto, logging]),
        tests("WorkersTests", ["Workers", "Embedded", "Ocean", "BridgeCore", "FHIR", "JSON", logging]),
        tests("CDSHooksTests", ["CDSHooks", "Ocean", "BridgeCore", "FHIR", "JSON", crypto, cryptoExtras, logging]),
        tests("DataSourceTests", ["DataSource", "Embedded", "BridgeCore", "JSON", logging]),
        tests("LaunchTests", ["Launch", "BridgeCore", "JSON", crypto, logging]),
        tests(
            "GatewayTests",
            [
                "Gateway", "CDSHooks", "DataSource", "Launch", "Telemetry", "Ocean", "BridgeCore", "JSON",
                asyncHTTPClient, httpTypes, nioCore, nioPosix,
                nioHTTP1, nioSSL, serviceLifecycle, logging, coreMetrics,
            ]),
        tests("TelemetryTests", ["Telemetry", "BridgeCore", "JSON", logging, coreMetrics, metrics]),
        tests(
            "OceanSandboxTests",
            [
                "OceanSandbox", "Ocean", "BridgeCore", "FHIR", "JSON", hummingbird, httpTypes, asyncHTTPClient, nioCore,
                nioHTTP1, logging,
            ]),
        tests(
            "OceanBridgeTests",
            [
                "OceanBridge", "CDSHooks", "ClaimCheck", "DataSource", "Embedded", "Launch", "OceanSandbox", "Gateway",
                "RabbitMQ", "Workers", "Ocean", "BridgeCore", "JSON", asyncHTTPClient, logging, nioCore, nioHTTP1,
                nioPosix, nioSSL,
            ]),
        tests(
            "ConformanceTests", path: "Tests/Conformance",
            ["Embedded", "RabbitMQ", "Workers", "Ocean", "BridgeCore", "JSON", logging]),
        tests(
            "EndToEndTests", path: "Tests/EndToEnd",
            [
                "OceanBridge", "OceanSandbox", "Ocean", "BridgeCore", "FHIR", "JSON", asyncHTTPClient, nioCore,
                nioHTTP1, logging, yams,
            ]),

        // Faults against running processes, every id checked: in full by the program, in short by the tests.
        .target(
            name: "FaultKit",
            dependencies: [
                "BridgeCore", "BridgeTestKit", "JSON", "RabbitMQ", asyncHTTPClient, logging, nioCore, nioHTTP1,
            ],
            path: "Tests/Faults/Kit", swiftSettings: house),
        .executableTarget(
            name: "ocean-bridge-faults", dependencies: ["FaultKit", argumentParser], path: "Tests/Faults/Program",
            swiftSettings: house),
        tests("FaultTests", path: "Tests/Faults/Tests", ["FaultKit", "BridgeCore", "ocean-bridge"]),

        // Speed is compared side by side in one run of this program, never asserted in a timed test.
        .target(name: "CAMQPCeiling", dependencies: ["CRabbitMQ"], path: "Tests/Benchmarks/CAMQPCeiling"),
        .executableTarget(
            name: "ocean-bridge-benchmarks",
            dependencies: [
                "JSON", "RabbitMQ", "Embedded", "BridgeCore", "CAMQPCeiling", "BridgeTestKit", "OceanBridge", "Workers",
                asyncHTTPClient, nioCore, nioHTTP1, nioPosix, logging,
            ],
            path: "Tests/Benchmarks/Program", swiftSettings: house),
    ],
    cLanguageStandard: .c11
)
