// Makes replicas late, and changes the primary, while sessions play.

import Foundation
import LocalCluster
import Synchronization
import TestSupport

/// Disturbs a cluster until it is told to stop. What it does is undone then.
final class Nemesis: Sendable {
    private let cluster: LocalCluster
    private let ground: Ground
    private let stopped = Signal()
    private let counts = Mutex(Counts())

    /// How often it did what.
    struct Counts: Sendable {
        var pauses = 0
        var freezes = 0
        var delays = 0
        var switchovers = 0
        var failures: [String] = []
    }

    init(_ cluster: LocalCluster, _ ground: Ground) {
        self.cluster = cluster
        self.ground = ground
    }

    func stop() { stopped.raise() }

    /// Runs until it is stopped and gives what it did.
    func run() -> Counts {
        var dice = Dice(seed: ground.options.seed ^ 0x5eed)
        while !stopped.isRaised {
            do {
                try disturb(&dice)
            } catch {
                counts.withLock { $0.failures.append("\(error)") }
            }
        }
        return counts.withLock { $0 }
    }

    private func disturb(_ dice: inout Dice) throws {
        let due = Int(ground.progress * Double(ground.options.switchovers + 1))
        if due > counts.withLock({ $0.switchovers }) && !ground.isOver { return try switchOver(&dice) }
        let replicas = cluster.nodes.indices.filter { $0 != cluster.primaryIndex }
        guard !replicas.isEmpty else { return rest(100) }
        let replica = dice.pick(replicas)
        switch dice.roll(10) {
        case ..<5:
            counts.withLock { $0.pauses += 1 }
            try cluster.stopApplying(replica)
            defer { start(replica) }
            rest(20 + dice.roll(400))
        case ..<8:
            counts.withLock { $0.freezes += 1 }
            cluster.freeze(replica)
            defer { cluster.thaw(replica) }
            // Shorter than what probes take for an end.
            rest(20 + dice.roll(250))
        default:
            counts.withLock { $0.delays += 1 }
            try cluster.delayReplication(replica, seconds: 1)
            defer { _ = try? cluster.delayReplication(replica, seconds: 0) }
            rest(1_500 + dice.roll(1_500))
        }
        rest(dice.roll(300))
    }

    private func start(_ replica: Int) {
        do {
            try cluster.startReplication(replica)
        } catch {
            counts.withLock { $0.failures.append("\(error)") }
        }
    }

    /// A planned change of the primary, once all replicas follow without a delay.
    private func switchOver(_ dice: inout Dice) throws {
        let target = dice.pick(cluster.nodes.indices.filter { $0 != cluster.primaryIndex })
        counts.withLock { $0.switchovers += 1 }
        try cluster.promote(target)
    }

    private func rest(_ milliseconds: Int) {
        for _ in 0..<max(1, milliseconds / 20) where !stopped.isRaised { usleep(20_000) }
    }
}
