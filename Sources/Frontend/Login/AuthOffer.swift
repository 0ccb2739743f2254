// What a client is asked for: the methods of an account, by plugin, as far as they can be served to this client.
internal import Security

/// The methods of one plugin: one reply is tried against all of them.
struct AuthOffer: Equatable {
    /// The plugin's name, as clients know it.
    let plugin: String
    var verifiers: [PasswordVerifier]
}

/// The offers of an account to a client.
struct AuthOffers: Equatable {
    /// The client's own plugin first, then in the account's order.
    private(set) var list: [AuthOffer] = []
    /// Plugins of the account that cannot be served at all.
    private(set) var unserved: [String] = []
    /// Plugins that could be served if the password were known.
    private(set) var unknown: [String] = []

    /// - Parameters:
    ///   - preferred: the plugin the client began with.
    ///   - standard: the plugin of accounts that leave the choice open to a client whose own is not served.
    init(of account: Account, preferred: String, standard: String, channel: LoginChannel, cache: PasswordCache) {
        for method in account.methods {
            let own = method.plugin
            if own.isEmpty {
                add(PluginExchange.serves(preferred, over: channel) ? preferred : standard, method.verifier)
            } else if !PluginExchange.plugins.contains(own) {
                unserved.append(own)
            } else if method.verifier.hidesPassword && cache.password(of: method.verifier) == nil {
                // Its first login must show the password, where nobody can listen.
                if channel.isSecure { add(ClearPassword.plugin, method.verifier) } else { unknown.append(own) }
            } else if PluginExchange.serves(own, over: channel) {
                add(own, method.verifier)
            } else {
                unserved.append(own)
            }
        }
        _ = moveToFront(preferred)
    }

    private mutating func add(_ plugin: String, _ verifier: PasswordVerifier) {
        // A client signs for one salt: a second one is another offer.
        if plugin != ParsecKey.plugin, let index = list.firstIndex(where: { $0.plugin == plugin }) {
            list[index].verifiers.append(verifier)
        } else {
            list.append(AuthOffer(plugin: plugin, verifiers: [verifier]))
        }
    }

    /// Makes the offer of this plugin the present one; false when there is none.
    mutating func moveToFront(_ plugin: String) -> Bool {
        guard let index = list.firstIndex(where: { $0.plugin == plugin }) else { return false }
        list.insert(list.remove(at: index), at: 0)
        return true
    }

    /// The present offer did not do.
    mutating func removeFirst() { if !list.isEmpty { list.removeFirst() } }
}
