// swift-tools-version: 6.2
// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own, so that nothing here is part of a usual build: the sources of the readers, through symbolic
// links, once more with the instruments of libFuzzer and AddressSanitizer. Built and run by `make fuzz`.
let instruments = "-sanitize=fuzzer,address"
let fuzzed: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags([instruments, "-parse-as-library"]),
]

let package = Package(
    name: "ocean-bridge-fuzzing",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")],
    targets: [
        .target(name: "JSON", swiftSettings: fuzzed),
        .target(name: "BridgeCore", dependencies: ["JSON"], swiftSettings: fuzzed),
        .target(name: "FHIR", dependencies: ["JSON"], swiftSettings: fuzzed),
        .target(
            name: "Ocean",
            dependencies: [
                "BridgeCore", "FHIR", "JSON", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: fuzzed),
        .executableTarget(
            name: "ocean-bridge-fuzz", dependencies: ["Ocean", "BridgeCore", "FHIR", "JSON"], swiftSettings: fuzzed,
            linkerSettings: [.unsafeFlags([instruments, "-use-ld=lld"])]),
    ]
)
