// Looks at all nodes of a cluster at once, then at those that they tell of.

import Dispatch
import Synchronization

/// Examines clusters.
package enum ClusterExaminer {
    /// Looks at each node once and judges what was seen as the watcher would. Blocks, for each round of discovery, for
    /// the time of one node and a second at most.
    package static func examine(
        cluster: String, seeds: [ProbeNode], monitorUser: String, monitorPassword: String, tls: ProbeTLS?,
        policy: ClusterPolicy, options: ExaminationOptions
    ) -> ClusterExamination {
        let examiner = NodeExaminer(
            credentials: MonitorCredentials(user: monitorUser, password: monitorPassword, tls: tls), options: options)
        var members = seeds.enumerated().map { index, seed in
            ClusterMember(
                id: NodeID(index: index), name: seed.name ?? seed.address.description, address: seed.address,
                zone: seed.zone, weight: seed.weight)
        }
        var nodes = examine(members, by: examiner)
        var tried: Set<ProbeAddress> = []
        for _ in 0..<ExaminationLimits.discoveryRounds where options.discovers {
            let observations = nodes.map(\.observation)
            let candidates = Discovery.candidates(members: members, observations: observations, policy: policy)
                .filter { !tried.contains($0.address) }
                .prefix(max(0, Discovery.membersMaximum - members.count))
            if candidates.isEmpty { break }
            tried.formUnion(candidates.map(\.address))
            for candidate in found(Array(candidates), members, observations, by: examiner) {
                let member = ClusterMember(
                    id: NodeID(index: members.count), name: candidate.name, address: candidate.address,
                    isConfigured: false)
                // Two names of one server may have been told in the same round.
                let answer = candidate.observation
                guard !nodes.contains(where: { $0.observation.hasFacts && $0.observation.identity == answer.identity })
                else { continue }
                members.append(member)
                var node = candidate
                node.observation.node = member.id
                node.isConfigured = false
                nodes.append(node)
            }
        }
        return ClusterExamination(
            cluster: cluster, nodes: nodes, members: members, policy: policy, isEncrypted: tls != nil,
            nowUnixMilliseconds: unixMilliseconds())
    }

    /// The candidates that are members; a node that cannot be reached is none.
    private static func found(
        _ candidates: [DiscoveryCandidate], _ members: [ClusterMember], _ observations: [Observation],
        by examiner: NodeExaminer
    ) -> [NodeExamination] {
        let looked = candidates.enumerated().map { index, candidate in
            ClusterMember(
                id: NodeID(index: members.count + index), name: candidate.address.description,
                address: candidate.address)
        }
        return zip(candidates, examine(looked, by: examiner)).compactMap { candidate, answer in
            let outcome = Discovery.outcome(
                of: candidate, answer: answer.observation, members: members, observations: observations)
            return outcome == .member ? answer : nil
        }
    }

    /// Each on a thread of its own: a name that is not looked up holds up one.
    private static func examine(_ members: [ClusterMember], by examiner: NodeExaminer) -> [NodeExamination] {
        let looks = Looks(members.count)
        let group = DispatchGroup()
        for (index, member) in members.enumerated() {
            DispatchQueue(label: "switchyard.examine.\(member.address)").async(group: group) {
                looks.set(index, examiner.examine(member.name, member.address, member.id))
            }
        }
        let milliseconds = examiner.options.budgetMilliseconds + ExaminationLimits.graceMilliseconds
        _ = group.wait(timeout: .now() + .milliseconds(Int(milliseconds)))
        return zip(members, looks.all).map { member, look in
            if let look { return look }
            var late = NodeExamination(name: member.name, address: member.address, node: member.id)
            late.failure = ProbeFailure(kind: .resolve, code: 0, text: "its name was not looked up in time")
            late.observation.failure = late.failure
            late.observation.consecutiveFailures = 1
            return late
        }
    }
}

/// What the threads found, by the members' order.
private final class Looks: Sendable {
    private let looks: Mutex<[NodeExamination?]>
    init(_ count: Int) { looks = Mutex(Array(repeating: nil, count: count)) }
    func set(_ index: Int, _ look: NodeExamination) { looks.withLock { $0[index] = look } }
    var all: [NodeExamination?] { looks.withLock { $0 } }
}
