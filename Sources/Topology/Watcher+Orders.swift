// What admins ask a watcher for. Each order is judged before it returns: the table that shows it is published.

import Dispatch
import Synchronization

extension Watcher {
    /// Sends no new reads to `node` until `enable`. False when it is so already, or there is no such node.
    /// Neither this nor the others are to be called from `publish` or `accountsPublished`.
    @discardableResult
    package func drain(_ node: NodeID, by order: AdminOrder? = nil) -> Bool { setDraining(node, true, order) }

    /// Ends `drain`. False when the node is not drained.
    @discardableResult
    package func enable(_ node: NodeID, by order: AdminOrder? = nil) -> Bool { setDraining(node, false, order) }

    /// Lets no write and no transaction begin for so many seconds, or until `resume`. A pause in force is replaced.
    package func pause(seconds: Int, by order: AdminOrder) {
        let pause = ClusterPause(order: order, seconds: seconds, nowMilliseconds: monotonicMilliseconds())
        control.sync {
            state.withLock { $0.policy.pausing.begin(pause) }
            judge()
        }
        control.asyncAfter(deadline: .now() + .seconds(pause.seconds)) { [weak self] in self?.judge() }
    }

    /// Ends the pause; false when there is none.
    package func resume(by order: AdminOrder) -> Bool {
        control.sync {
            // Otherwise an admin would be said to have ended what ended by itself a moment ago.
            let now = monotonicMilliseconds()
            let isEnded = state.withLock { state in
                state.policy.pausing.expire(nowMilliseconds: now)
                return state.policy.pausing.end(by: order)
            }
            judge()
            return isEnded
        }
    }

    private func setDraining(_ node: NodeID, _ isDraining: Bool, _ order: AdminOrder?) -> Bool {
        control.sync {
            let isNew = state.withLock { state in
                guard state.members.indices.contains(node.index), state.members[node.index].isDraining != isDraining
                else { return false }
                state.members[node.index].isDraining = isDraining
                state.members[node.index].drainOrder = order
                return true
            }
            if isNew { judge() }
            return isNew
        }
    }
}
