// Keeps the primary's accounts up to date: when it is first known, every half a minute, and when asked.

import Dispatch
import Logging
import Synchronization

extension Watcher {
    /// Reads the accounts if the primary is new, the last reading is old, or somebody asked; never twice within
    /// `accountsPauseMilliseconds`. An earlier wish is served by the watcher's tick.
    func fetchAccountsIfDue(isAsked: Bool) {
        let now = monotonicMilliseconds()
        let source = state.withLock { state -> RoutingEntry? in
            state.isAskedForAccounts = state.isAskedForAccounts || isAsked
            guard state.isRunning, !state.isReadingAccounts, let primary = state.table.primary else { return nil }
            if let last = state.accountsReadAtMilliseconds {
                let isDue =
                    state.accountsPrimary != primary.id || state.isAskedForAccounts
                    || now - last >= Int64(intervals.accountsMilliseconds)
                guard isDue, now - last >= Self.accountsPauseMilliseconds else { return nil }
            }
            state.isReadingAccounts = true
            state.isAskedForAccounts = false
            state.accountsReadAtMilliseconds = now
            state.accountsPrimary = primary.id
            return primary
        }
        guard let source else { return }
        accountsQueue.async {
            do throws(ProbeFailure) {
                let accounts = try AccountMirror.fetch(
                    address: source.address, credentials: self.credentials, flavor: source.flavor)
                self.control.async { self.accountsRead(accounts) }
            } catch {
                let text = error.text
                self.control.async { self.accountsFailed(text) }
            }
        }
    }

    private func accountsRead(_ accounts: [MirroredAccount]) {
        let isNew = state.withLock { state -> Bool in
            state.isReadingAccounts = false
            state.accountsFailure = nil
            defer { state.accounts = accounts }
            return state.accounts != accounts
        }
        guard isNew else { return }
        let unbound = accounts.filter(\.bypassesReadOnly).map { "'\($0.user)'@'\($0.host)'" }
        if !unbound.isEmpty {
            logger.info("accounts that read_only does not bind: \(unbound.joined(separator: ", "))")
        }
        accountsPublished(accounts)
    }

    private func accountsFailed(_ text: String) {
        let isNew = state.withLock { state -> Bool in
            state.isReadingAccounts = false
            defer { state.accountsFailure = text }
            return state.accountsFailure != text
        }
        if isNew { logger.warning("\(text)") }
    }
}
