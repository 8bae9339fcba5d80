// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore

/// What a request needs to know of its connection.
struct ListenerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
