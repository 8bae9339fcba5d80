// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension SettingDeclaration {
    /// The block `auth` of a section whose callers prove who they are.
    ///
    /// - Parameters:
    ///   - section: such as `integrations.*`.
    ///   - caller: who sends the credentials, for the descriptions.
    ///   - open: what `none` means there.
    static func authentication(in section: String, by caller: String, open: String) -> [SettingDeclaration] {
        [
            .init("\(section).auth.none", .flag, open),
            .init("\(section).auth.basic.username", .text, "user name that \(caller) sends"),
            .init("\(section).auth.basic.password", .secret, "password that \(caller) sends"),
            .init("\(section).auth.bearer.token", .secret, "fixed bearer token"),
            .init("\(section).auth.header.name", .text, "name of a fixed header"),
            .init("\(section).auth.header.value", .secret, "value of the fixed header"),
            .init("\(section).auth.oauth2.clientId", .text, "client id that Ocean presents at /oauth2/token"),
            .init(
                "\(section).auth.oauth2.clientSecret", .secret, "client secret that Ocean presents at /oauth2/token"),
        ]
    }
}
