// The `tls` parts of a settings file. The files are tried, so that what is wrong with them is told with its line.

package import Security

private let fileKeys = ["mode", "certificate", "key", "ca", "minimum_version"]

extension ListenerTLSSettings {
    static func read(_ value: YAMLValue) -> ListenerTLSSettings? {
        value.mapping(keys: fileKeys).map { read($0, mode: .preferred) }
    }

    /// HTTP begins with or without TLS, and has no way to leave it to clients. Who says anything of it wants it.
    static func readForHTTP(_ value: YAMLValue) -> ListenerTLSSettings? {
        guard let mapping = value.mapping(keys: fileKeys) else { return nil }
        let settings = read(mapping, mode: .required)
        if settings.mode == .preferred {
            mapping["mode"]?.report("HTTP cannot leave it to clients: write required or disabled")
        }
        return settings
    }

    private static func read(_ mapping: YAMLMapping, mode: ListenerTLSMode) -> ListenerTLSSettings {
        var settings = ListenerTLSSettings()
        settings.mode = mapping.optional("mode", mode) { $0.choice(ListenerTLSMode.self) }
        settings.files = TLSFileSettings.read(mapping)
        settings.files.check(mapping) { material throws(TLSFailure) in
            _ = try TLSContext.server(material, fallback: try SelfMadeCertificate())
        }
        return settings
    }
}

extension ClusterTLSSettings {
    static func read(_ value: YAMLValue) -> ClusterTLSSettings? {
        guard let mapping = value.mapping(keys: fileKeys) else { return nil }
        var settings = ClusterTLSSettings()
        settings.mode = mapping.optional("mode", settings.mode) { $0.choice(ClusterTLSMode.self) }
        settings.files = TLSFileSettings.read(mapping)
        settings.files.check(mapping) { material throws(TLSFailure) in
            _ = try TLSContext.client(material, verification: .none)
        }
        return settings
    }
}

extension TLSFileSettings {
    fileprivate static func read(_ mapping: YAMLMapping) -> TLSFileSettings {
        let files = TLSFileSettings(
            certificate: mapping["certificate"]?.filePath(), key: mapping["key"]?.filePath(),
            authority: mapping["ca"]?.filePath(),
            minimumVersion: mapping.optional("minimum_version", .tls12) { $0.choice(TLSMinimumVersion.self) })
        if mapping["key"] != nil && mapping["certificate"] == nil {
            mapping["key"]?.report("a 'key' needs the 'certificate' that it belongs to")
        }
        return files
    }

    /// Reports what is wrong with the files at the key that names them.
    fileprivate func check(_ mapping: YAMLMapping, _ make: (TLSMaterial) throws(TLSFailure) -> Void) {
        guard certificate != nil || authority != nil else { return }
        do throws(TLSFailure) {
            try make(material)
        } catch {
            let key =
                switch error.part {
                case .certificate, .library: "certificate"
                case .key: mapping["key"] == nil ? "certificate" : "key"
                case .authority: "ca"
                }
            (mapping[key] ?? mapping.value).report(error.text)
        }
    }

    /// The same for those who make contexts of it.
    package var material: TLSMaterial {
        TLSMaterial(
            certificate: certificate, key: key, authority: authority,
            minimumVersion: minimumVersion == .tls12 ? .tls12 : .tls13)
    }
}

extension YAMLValue {
    /// The path of a file, relative to the settings file's folder.
    fileprivate func filePath() -> String? {
        guard let name = text(expected: "the name of a file") else { return nil }
        guard !name.isEmpty, !name.utf8.contains(0) else {
            report("expected the name of a file")
            return nil
        }
        return name.hasPrefix("/") ? name : "\(context.directory)/\(name)"
    }
}
