// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import DataSource
import Gateway
import ServiceLifecycle

/// The synchronous side: what answers while somebody waits. Made once, since routes and services share their parts.
struct Responder: Sendable {
    /// Further routes of the public listener, served with the role `responder`.
    var routes: [Route] = []
    var endpoints: [String: DataSourceEndpoint] = [:]
    /// What runs beside them.
    var services: [any Service] = []
}

extension Parts {
    /// The port to the hospital's services that answer questions.
    var requests: any RequestPort { (bus as? any RequestPort) ?? NoRequests() }

    /// One line for each subject.
    func responder(_ readiness: Readiness) throws(GatewayError) -> Responder {
        var responder = Responder()
        addDataSources(to: &responder)
        responder.routes = hookRoutes() + (try launchRoutes())
        responder.services += hookServices()
        return responder
    }

    private func addDataSources(to responder: inout Responder) {
        var files: [FileSource] = []
        var queues: [QueueSource] = []
        for (name, setting) in settings.dataSources {
            let source: any DocumentSource
            switch setting.origin {
            case .file(let path):
                let made = FileSource(
                    name: name, path: path, limit: setting.maximumBytes, clock: clock, logger: logger)
                files.append(made)
                source = made
            case .queue(let queue):
                let made = QueueSource(
                    name: name, queue: queue, directory: settings.dataSourceDirectory, limit: setting.maximumBytes,
                    bus: bus, clock: clock, logger: logger)
                queues.append(made)
                source = made
            case .request(let requests):
                source = RequestSource(
                    name: name, port: self.requests,
                    settings: RequestSource.Settings(
                        requests: requests, timeout: setting.timeout, fresh: setting.cache,
                        staleWhileError: setting.staleWhileError, limit: setting.maximumBytes),
                    clock: clock, logger: logger)
            }
            responder.endpoints[name] = DataSourceEndpoint(
                name: name, authentication: Self.authentication(setting.authentication), origins: setting.origins,
                cache: setting.cache, parameters: setting.parameters, source: source)
        }
        if !files.isEmpty || !queues.isEmpty {
            responder.services.append(DataSourceService(files: files, queues: queues))
        }
    }
}

extension Settings {
    /// The data sources that listen to a queue, for the route that puts documents there.
    var dataSourceQueues: [String: (queue: String, limit: Int)] {
        dataSources.compactMapValues { source in
            if case .queue(let queue) = source.origin { return (queue, source.maximumBytes) }
            return nil
        }
    }
}

/// Watches files and queues as long as the process runs.
struct DataSourceService: Service {
    let files: [FileSource]
    let queues: [QueueSource]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await FileWatch(files).run() }
                for queue in queues { group.addTask { await queue.run() } }
                // What ended by itself (a bus that was shut down) must not end the process.
                group.addTask {
                    do {
                        while true { try await Task.sleep(for: .seconds(3600)) }
                    } catch {
                        // Cancelled by the shutdown.
                    }
                }
                await group.waitForAll()
            }
        }
    }
}

/// Stands in on a bus that carries no questions.
private struct NoRequests: RequestPort {
    func ask(_ question: Message, of name: String, within limit: Duration) async throws(RequestError) -> Message {
        throw RequestError(.unavailable, "\(BusNames.request(name)): this bus carries no questions")
    }
}
