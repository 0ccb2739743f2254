// Keeps the primary's accounts up to date: when it is first known, every half a minute, and when asked.

import Dispatch
import Logging
import Synchronization

/// Somebody who waits for a reading of the accounts that begins after he asked.
struct AccountsWaiter: Sendable {
    /// The number of the reading, as `WatcherState.accountsReading` counts them.
    let reading: Int
    /// Monotonic milliseconds at which he goes on without it.
    let deadline: Int64
    let completion: @Sendable () -> Void
}

extension Watcher {
    /// Those who may wait for a reading at once; more go on without it.
    static let accountsWaitersMaximum = 1_000
    /// The longest somebody waits for a reading.
    static let accountsWaitMilliseconds: Int64 = 2_000

    /// Reads the primary's accounts again, at most once a second.
    package func refreshAccounts() { control.async { self.fetchAccountsIfDue(isAsked: true) } }

    /// The same; `completion` is called when a reading that begins from now on was published or failed, or after two
    /// seconds.
    package func refreshAccounts(_ completion: @escaping @Sendable () -> Void) {
        control.async {
            let isTaken = self.state.withLock { state -> Bool in
                guard state.isRunning, state.table.primary != nil,
                    state.accountsWaiters.count < Self.accountsWaitersMaximum
                else { return false }
                state.accountsWaiters.append(
                    AccountsWaiter(
                        reading: state.accountsReading + 1,
                        deadline: monotonicMilliseconds() + Self.accountsWaitMilliseconds, completion: completion))
                return true
            }
            guard isTaken else { return completion() }
            self.fetchAccountsIfDue(isAsked: true)
        }
    }

    /// Lets those go on who waited for too long; all of them when the watcher ended.
    func releaseAccountsWaiters() {
        let now = monotonicMilliseconds()
        let released = state.withLock { state -> [AccountsWaiter] in
            guard !state.accountsWaiters.isEmpty else { return [] }
            let released = state.accountsWaiters.filter { $0.deadline <= now || !state.isRunning }
            state.accountsWaiters.removeAll { $0.deadline <= now || !state.isRunning }
            return released
        }
        for waiter in released { waiter.completion() }
    }

    /// Reads the accounts if the primary is new, the last reading is old, or somebody asked; never twice within
    /// `accountsPauseMilliseconds`: then it is done at the end of that.
    func fetchAccountsIfDue(isAsked: Bool) {
        let now = monotonicMilliseconds()
        var pause: Int64 = 0
        let source = state.withLock { state -> RoutingEntry? in
            state.isAskedForAccounts = state.isAskedForAccounts || isAsked
            guard state.isRunning, !state.isReadingAccounts, let primary = state.table.primary else { return nil }
            if let last = state.accountsReadAtMilliseconds {
                let isDue =
                    state.accountsPrimary != primary.id || state.isAskedForAccounts
                    || now - last >= Int64(intervals.accountsMilliseconds)
                guard isDue else { return nil }
                pause = last + Self.accountsPauseMilliseconds - now
                guard pause <= 0 else { return nil }
            }
            state.isReadingAccounts = true
            state.isAskedForAccounts = false
            state.accountsReading += 1
            state.accountsReadAtMilliseconds = now
            state.accountsPrimary = primary.id
            return primary
        }
        guard let source else {
            if isAsked && pause > 0 { fetchAccounts(afterMilliseconds: pause) }
            return
        }
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

    private func fetchAccounts(afterMilliseconds pause: Int64) {
        control.asyncAfter(deadline: .now() + .milliseconds(Int(pause))) { [weak self] in
            self?.fetchAccountsIfDue(isAsked: false)
        }
    }

    private func accountsRead(_ accounts: [MirroredAccount]) {
        let isNew = state.withLock { state -> Bool in
            state.isReadingAccounts = false
            state.accountsFailure = nil
            defer { state.accounts = accounts }
            return state.accounts != accounts
        }
        if isNew {
            let unbound = accounts.filter(\.bypassesReadOnly).map { "'\($0.user)'@'\($0.host)'" }
            if !unbound.isEmpty {
                logger.info("accounts that read_only does not bind: \(unbound.joined(separator: ", "))")
            }
            accountsPublished(accounts)
        }
        readingEnded()
    }

    private func accountsFailed(_ text: String) {
        let isNew = state.withLock { state -> Bool in
            state.isReadingAccounts = false
            defer { state.accountsFailure = text }
            return state.accountsFailure != text
        }
        if isNew { logger.warning("\(text)") }
        readingEnded()
    }

    /// Those who asked before it began have their answer; the others get another reading.
    private func readingEnded() {
        let answered = state.withLock { state -> [AccountsWaiter] in
            let answered = state.accountsWaiters.filter { $0.reading <= state.accountsReading }
            state.accountsWaiters.removeAll { $0.reading <= state.accountsReading }
            return answered
        }
        for waiter in answered { waiter.completion() }
        if state.withLock({ $0.isAskedForAccounts }) { fetchAccountsIfDue(isAsked: true) }
    }
}
