// Each capability flag of real servers' greetings, and what becomes of it.
import Testing
import Wire

@testable import Frontend

/// As seen on the wire: MariaDB 10.11.19 and MySQL 9.7.4, both without TLS settings.
private let mariaDB = Capabilities(standardBits: 0x81FF_F7FE, extendedBits: 0x1D)
private let mySQL = Capabilities(standardBits: 0xDFFF_FFFF)

@Suite struct CapabilityOfferTests {
    /// Bit, whether it is offered in front of MariaDB 10.11, in front of MySQL 9.7, and to nobody known.
    static let bits: [(Int, Bool, Bool, Bool)] = [
        (0, false, true, true),  // longPassword: without it, extended flags follow
        (1, true, true, true),  // foundRows
        (2, true, true, true),  // longFlag
        (3, true, true, true),  // connectWithDB
        (4, true, true, true),  // noSchema
        (5, false, false, false),  // compress: the listener's setting
        (6, true, true, true),  // odbc
        (7, true, true, true),  // localFiles
        (8, true, true, true),  // ignoreSpace
        (9, true, true, true),  // protocol41
        (10, true, true, true),  // interactive
        (11, false, false, false),  // ssl: the listener's setting
        (12, true, true, true),  // ignoreSigpipe
        (13, true, true, true),  // transactions
        (14, true, true, true),  // reserved
        (15, true, true, true),  // secureConnection
        (16, true, true, true),  // multiStatements
        (17, true, true, true),  // multiResults
        (18, true, true, true),  // psMultiResults
        (19, true, true, true),  // pluginAuth
        (20, true, true, true),  // connectAttrs
        (21, true, true, true),  // pluginAuthLenencClientData
        (22, true, true, true),
        (23, true, true, true),  // sessionTrack
        (24, true, true, true),  // deprecateEOF
        (25, false, true, false),  // optionalResultsetMetadata
        (26, false, false, false),  // zstdCompression: the listener's setting
        (28, false, false, false),  // multiFactorAuthentication: no such login is served
        (29, false, false, false),  // capabilityExtension: nobody uses it
        (30, false, false, false),  // sslVerifyServerCert: says something about clients only
        (31, true, true, true),  // rememberOptions
        (32, true, false, false),  // mariadbProgress
        (33, false, false, false),  // mariadbComMulti: withdrawn
        (35, true, false, false),  // mariadbExtendedMetadata
    ]

    @Test(arguments: bits)
    func `each flag is offered where it can be served`(bit: Int, maria: Bool, my: Bool, unknown: Bool) {
        let flag = Capabilities(rawValue: 1 << UInt64(bit))
        #expect(CapabilityOffer.inFront(of: [mariaDB]).contains(flag) == maria)
        #expect(CapabilityOffer.inFront(of: [mySQL]).contains(flag) == my)
        #expect(CapabilityOffer.inFront(of: []).contains(flag) == unknown)
    }

    @Test func `nothing is offered that one of the servers cannot do`() {
        let old = mariaDB.subtracting([.deprecateEOF, .mariadbExtendedMetadata])
        let offer = CapabilityOffer.inFront(of: [mariaDB, old, mariaDB])
        #expect(!offer.contains(.deprecateEOF) && !offer.contains(.mariadbExtendedMetadata))
        #expect(offer.contains(.mariadbProgress) && !offer.contains(.longPassword))
    }

    @Test(arguments: [[mariaDB, mySQL], [mySQL, mariaDB]])
    func `servers of both kinds are a plain MySQL without extended flags`(servers: [Capabilities]) {
        let offer = CapabilityOffer.inFront(of: servers)
        #expect(offer.contains(.longPassword) && offer.extendedBits == 0)
        #expect(!offer.contains(.optionalResultsetMetadata))
    }

    @Test func `servers are asked for what the client agreed on, and for session tracking`() {
        let client: Capabilities = [.protocol41, .mariadbProgress, .foundRows, .compress, .ssl]
        let asked = CapabilityOffer.asked(for: client)
        #expect(asked.isSuperset(of: [.mariadbProgress, .foundRows, .sessionTrack]))
        #expect(asked.isDisjoint(with: [.compress, .ssl, .deprecateEOF, .multiStatements]))
    }
}
