// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// An RSA key made with OpenSSL for these tests and used nowhere else, and what OpenSSL encrypted with it.
enum RSAVector {
    /// In Ocean's form: hexadecimal members.
    static let members: [(name: String, value: String)] = [
        (
            "n",
            [
                "ae58456838a17be54a1207c4be3c3b0f3885eeb3d90fcdeffc801ae02007e1d66d4f3366eaf8b06ebaaf9775",
                "2e65d46ccd8cc3d3b031c8df719bf366984704a0de9b51f157de17b9b50c30bbf954d1c2b5e116d5406dfbe3",
                "fac73142401262d2d5bb1d330de19ab415845192ed8eb5f06a5a635366bf47ed22544a747e18a89d",
            ].joined()
        ),
        ("e", "10001"),
        (
            "d",
            [
                "50f853fbcc594b36390958ac4a01a5183393184254ac1f63b6ac344f24f12434b6fd928cd8d1f8f6e4230abf",
                "7475fc8b2f8791a72dec61334d0b35a6cf502458614e7e7fca1e66edcc702eb0b8e55c2bf788df29f10ada88",
                "32aab9890c2d0cf94c83552354d2b83e50fa6606c7a265144d0052ec6747e0cf421681dc3b096ec1",
            ].joined()
        ),
        (
            "p",
            [
                "e4cb307a1842c1054028d380d2ded64569f14d8ec9069cb814ba403a63bd720140994c1ae5a4195f40905cb1",
                "6d83e644ba94e5041225901980f938d0d9869951",
            ].joined()
        ),
        (
            "q",
            [
                "c31394251846b56adbdecdefd16b1d73169f3242b8ccb35016b53095b1d6eb9140a60781bae6334ba75e6538",
                "fe08e784935ce5aa0e649c862695c4b75335078d",
            ].joined()
        ),
        (
            "dmp1",
            [
                "bf028bf442f0e828b409e199f972a4bccad7f40232fe5c34aac95bf9e36f3410ab97d01bdc8085d62a16dbec",
                "1d1c335049dd28dd9f30d0ff19d7f7811539f421",
            ].joined()
        ),
        (
            "dmq1",
            [
                "9ff93e53ed448f21c28d44749658311e603ecd08ca6393e8e9b64cd175b5ba18b3db73ec7f48a8683228c6f9",
                "a5d9c78281167d80a7acfa6f48d5292ced9f5f41",
            ].joined()
        ),
        (
            "coeff",
            [
                "6ddb2808ef19670a65e18b63c70ce371ed127cfa12487a1f666a7cafd261e275b02ff4f6357c9e40a4266bac",
                "b901245f515bfee5131e6253ea1ecfd47c17dca",
            ].joined()
        ),
    ]

    /// The 16 bytes A0 to AF under PKCS#1 v1.5.
    static let raw = [
        "Ps98hXxjo+Ac9yHnFmo2nGX5/SgKPaRok/qY0DEOA6ILp78LK/rqi3WDhwUkEDz5sAfaP8ieu3zwEsPzZebKCLNbsFJj9Bts",
        "GxtKmCT2b7uqPRBSCm365A3rjU6Y4o7dhwF8ONJp9lsdhB+QS6K97JvRIuBkxjikp/FiEs9Fjr8=",
    ].joined()

    /// Their base64 under PKCS#1 v1.5.
    static let base64 = [
        "raeeV66g1R0PJVxQaiHgJnXHrHHv31qjAHA4sG7+qqfstuu5Jej8A/l+NesHSzKikaSuq+zz7pWg9kAUhVEJl8HrBWhYHO5q",
        "GE94UA3hlFA9SQ/oHVubXA5WYa973IpE4TiWWH6XXvGFGwF6Zk5Ot23GQhxOEYh89roMqYBtBxk=",
    ].joined()

    /// Their hexadecimal digits under PKCS#1 v1.5.
    static let hexadecimal = [
        "pqVIG88p4vs7CH9uNrGMedqhNNXmVmbm0Z7aqNraG2iqHZOwdE24gEmpA7dpIwucaN6wjDnVF203pLgPwitYxQ9yjguhaDaf",
        "WRnHGG5YAky5cp5dsU3g07oHjOfZXl/wOu4Dz9mw0ZCbzF543ywH5reIiMmx6Ilk4aGCFbh9HjM=",
    ].joined()

    /// The text `hello` under PKCS#1 v1.5.
    static let noKey = [
        "TD8rafzJ0Jj8RXSvgNlOYHAhbqPctv1twRPe/ig/3kOm3jMPnHNluC777eLlW/qO+fqtu/z2F+FS80mvxpZP0vvpkmNhxZI9",
        "naKkXnBz1eQxTtuW9WJhZX4DOYBERCi4SGlz6kr/PNTxvz1JLab/81aYV/MdLuNp+OgZ+i+sBII=",
    ].joined()

    /// A part that is no key, `|`, and the key, under the Shared Encryption Key of the vectors.
    static let answer = [
        "0DGDHHdXP3D5+8yF1s+ISD6NbtFIANXN9K4+rHGYquY3w7TR4MxyFKRs58oP54l2VMTDfn2KoZ8l+hi8KJ7y0kwZ1msZHzpl",
        "ubxQvvU+b6lIwx15l2DAiX08s0/K460EFruhu3wbRONk7+uUGX5DRU03FL/26GOC3vaNPDxNKW92tJe4RPfv4/NjS7iQg+bV",
        "dm5I7xenDGIrC6BYYzSGhOdaok9R9PosTEIel0cXmQg4yVnn1dGy/D6COtsnERLvE1Fr2BhrN9uN2e1h6LX4qVl6WBgZjmAq",
        "SzNA8wT0VQnGJiET7uk/R48kwa5BriVic/W6Ef59lK4Igvh9z9uUTggeGX0aBbJ8om26/Hssa5lIAQPB9ECz5O7JnMFvjwKd",
        "PJ+b7nj/ECgSN52VKSMMTet1SlS4rlAsCtbJPbQFmB1bjEqhSczkcEF5swOB6BREyZEVbWcm8X8lEifImzxMfzlxn6R9i/OT",
        "YP4vREbQh9BYvXAE4CbQCPvktAzW1PS5plryJx0dkyi85WXT7BZNqwESB0ammNKd5anPhPiQK3f38YhIWKf8/MSXcAksmLN1",
        "Wvi1r90W3rbGfQGx49B6UKcO9h1LSTvmmXhIb+aL703H12wUHnfeYP+cBlLLmriHpTI/J9rMUOLx0AMmsfN8UQIo2qbVz6dC",
        "IGxf17fkO0m6Dv1VoPDUFZ6xVWUYRJqT3NOI9S7jP2XTy1rxeEmxt1MGTR2638uzBCWqPKka+X/DXCaO9h5Ay9BpTfdkx6an",
        "rfLcudnn+c3rQYSxnGXAag+adCCaZgnBu9Ap+oe59/RqekiW852uK//r9JMcRbqmva5xsYSKuURkDQlQZqHmCmai5MHWrHLB",
        "RqsJhrpRNXpzIbc+NgNNcUHob8X19CP31Tu+BbUJuykY0PLHYSa3URIw2rIdjMUIr1gYZXGvZcqeMoiwqU/nGU28RbyVZD9y",
        "dzOzV82odGIpWY7imUPJ7TcUGrwpoFaKnYeennnwd4DANyVIxFCKKPRbN4ujKRggJxqp4CKgcMUQ3j0PbUxbxhcL1jLQt9GF",
        "jMoXjIkT85nQwMCvh5OMhRxLICqBJIf2ybkfMcDsKjwl7EouRp7y7uRZudZnt9yKPHwh032weyRGPZ5FIBkm6zHOiq3J/xTw",
        "cqSSLUv4P2/Kj2pM4VllP+Q9vasdwfRFupw9zI1KapbvSWpdB3GWE+b08T+IUomPWhJvp1qa15+GK4vPNZfX5wlXINlm1yN0",
        "dP48BdIoPLqnX+Q/p44kCr3B9xo7YjmKzveglbvqpCWXWsaOEuVCF+C23G9ExoOsb9L1j6TY/yBicDESTnnkfgmajJx97mYZ",
        "eEItuB6EsyFB3Qrh2Puwxcq/IIn73nWqsj0o9xcfu6yxrgEp79Nn4asZK6urndb1P8yMs6AjCU1IvcYPfzBYdRSEGMvS/RaY",
        "Oy49He7aQIp7TpQG+JwvVBD7/mPT8wRBZrpcvKlxszdsF/CMNVtdh8/7/drUYvTPr/4A3DI8YylqZ8D78moddw26IloL1/GV",
        "c0QKaNQ2wir2n/oc543nR0A28UAqT5FmhS41L1YGtzWU7lK89Euwt1DZsOznG4PSIGXi/hx+Rc45tTgDNJm3Tnb7POid9MJA",
        "N20qwaa7JWudLKucXT78KGp7PiJMHL0Vm4d18YkUSGyKrzKg9RSFSQ==",
    ].joined()

    static let iv = "EBESExQVFhcYGRobHB0eHw=="
}
