// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import CDSHooks
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Fetches key sets over HTTPS or from files. They are asked for rarely, so that no connection is kept.
struct KeySetFetcher: KeySource {
    private static let timeout = Duration.seconds(5)

    func keySet(at address: String, limit: Int) async throws(KeySourceError) -> [UInt8] {
        address.hasPrefix("/") ? try await file(address) : try await download(address, limit: limit)
    }

    private func file(_ path: String) async throws(KeySourceError) -> [UInt8] {
        let text: String?
        do {
            text = try await NIOThreadPool.singleton.runIfActive { SettingsValues.contents(ofFile: path) }
        } catch {
            text = nil
        }
        guard let text else { throw KeySourceError("\(path) cannot be read; see cds.clients.*.keys") }
        return Array(text.utf8)
    }

    private func download(_ address: String, limit: Int) async throws(KeySourceError) -> [UInt8] {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(3)
        configuration.timeout.read = .seconds(5)
        configuration.decompression = .disabled
        do {
            return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                var request = HTTPClientRequest(url: address)
                request.headers.add(name: "Accept", value: "application/json")
                let response = try await client.execute(request, timeout: TimeAmount(Self.timeout))
                guard response.status == .ok else {
                    throw KeySourceError("HTTP \(response.status.code); see cds.clients.*.keys")
                }
                return Array(try await response.body.collect(upTo: limit).readableBytesView)
            }
        } catch let error as KeySourceError {
            throw error
        } catch {
            throw KeySourceError("no whole answer within 5 s (\(type(of: error))); see cds.clients.*.keys")
        }
    }
}

/// Fetches the clients' key sets at the start and from time to time, before anybody needs them.
struct KeySetService: Service {
    static let period: Duration = .seconds(900)

    let keys: KeySetCache
    let addresses: [String]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await withTaskGroup(of: Void.self) { group in
                    for address in addresses { group.addTask { await keys.refresh(address) } }
                }
                do { try await Task.sleep(for: Self.period) } catch { return }
            }
        }
    }
}
