// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The version that `--version`, the User-Agent and the logs show.
package enum ProductVersion {
    package static let text = "0.1.0"
}
