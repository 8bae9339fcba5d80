// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// How much of its account a translation keeps.
package enum LedgerDetail: Sendable, Hashable {
    /// What was dropped or refused: all that a running bridge needs, and cheap.
    case losses
    /// Every source path with its target: for reports and tests.
    case everything
}
