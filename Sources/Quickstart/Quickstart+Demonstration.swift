// The workload with a promotion in its middle, and the look at what the nodes hold afterwards.
internal import LocalCluster
internal import Proxy

extension Quickstart {
    /// The replica that is promoted.
    private static let promoted = 1
    /// How often the progress is shown, in seconds: on a terminal, and elsewhere.
    private static let progressSeconds = (0.5, 1.0)

    /// Runs the workload. When this throws, nothing is under way any more.
    func demonstrate(
        _ account: ApplicationAccount, _ cluster: LocalCluster, _ proxy: ProxyServer
    ) throws(QuickstartError) -> Summary {
        let planned = workloadSeconds
        let sessions = "\(QuickstartLimits.readers) reading and \(QuickstartLimits.writers) writing sessions"
        screen.line("Running a workload of \(sessions) for \(planned.duration):")
        screen.line("  \(ProgressLine.legend)")
        let before = Traffic(of: cluster, through: proxy)
        let begin = secondsNow()
        let workload = Workload(account)
        workload.start()
        let promotion: Promotion
        do throws(QuickstartError) {
            promotion = try watch(workload, cluster, proxy, until: begin + planned, from: (begin, before))
        } catch {
            end(workload, proxy)
            throw error
        }
        guard workload.finish(), var outcome = promotion.outcome else {
            end(workload, proxy)
            throw .failed("the workload's sessions do not come to an end")
        }
        let seconds = secondsNow() - begin
        outcome.events = promotion.events(in: cluster, seenBy: proxy)
        let counts = workload.record.counts
        return Summary(
            seconds: seconds, counts: counts, traffic: Traffic(of: cluster, through: proxy).since(before),
            promotion: outcome, differences: differences(cluster, counts))
    }

    /// Ten seconds, or what `--seconds` leaves for it.
    private var workloadSeconds: Double {
        guard let seconds = options.seconds else { return QuickstartLimits.workloadSeconds }
        let rest =
            Double(seconds) - (secondsNow() - start) - QuickstartLimits.closingSeconds
            - QuickstartLimits.afterPromotionSeconds
        return min(max(rest, QuickstartLimits.workloadSecondsMinimum), QuickstartLimits.workloadSeconds)
    }

    /// Shows the progress, promotes at half-time, and returns when time and promotion are over.
    private func watch(
        _ workload: Workload, _ cluster: LocalCluster, _ proxy: ProxyServer, until deadline: Double,
        from beginning: (seconds: Double, traffic: Traffic)
    ) throws(QuickstartError) -> Promotion {
        let interval = screen.isTerminal ? Self.progressSeconds.0 : Self.progressSeconds.1
        var progress = ProgressLine(start: beginning.seconds, traffic: beginning.traffic)
        var nextShown = beginning.seconds + interval
        let half = (beginning.seconds + deadline) / 2
        var promotion: Promotion?
        var promotedAt: Double?
        while true {
            _ = interruption.wait(seconds: 0.05)
            if interruption.isRaised {
                abandon(promotion, in: cluster)
                throw .interrupted
            }
            let now = secondsNow()
            if now >= nextShown {
                let traffic = Traffic(of: cluster, through: proxy)
                screen.progress(progress.text(now: now, traffic: traffic, errors: workload.record.counts.errorTotal))
                nextShown += interval
            }
            if promotion == nil, now >= half {
                screen.line("  Promoting \(cluster.nodes[Self.promoted].name), as an operator would …")
                promotion = Promotion(of: Self.promoted, in: cluster, seenBy: proxy)
            }
            if promotedAt == nil, let outcome = promotion?.outcome {
                promotedAt = now
                let end = outcome.failure == nil ? "is the primary now" : "was not promoted"
                screen.line("  \(outcome.node) \(end), after \(outcome.seconds.duration)")
            }
            if let promotion, let promotedAt, now >= deadline,
                now >= promotedAt + QuickstartLimits.afterPromotionSeconds
            {
                return promotion
            }
        }
    }

    /// Ends a promotion under way by ending the servers that it works on.
    private func abandon(_ promotion: Promotion?, in cluster: LocalCluster) {
        guard let promotion else { return }
        for node in cluster.nodes { cluster.kill(node.index) }
        promotion.join()
    }

    private func end(_ workload: Workload, _ proxy: ProxyServer) {
        workload.abort()
        // Ends the sessions' connections, for which they may be waiting.
        proxy.stop()
        workload.join()
    }

    /// Compares what each node holds with what the application was told. Operations given up may have happened or not.
    private func differences(_ cluster: LocalCluster, _ counts: WorkloadCounts) -> [String] {
        var found: [String] = []
        do throws(LocalClusterError) {
            try cluster.waitUntilReplicated()
            for node in cluster.nodes {
                let rows = try cluster.execute(
                    node.index,
                    "SELECT COUNT(*) FROM \(DemoSchema.name).orders; "
                        + DemoSchema.accountsQuestion.replacing("FROM ", with: "FROM \(DemoSchema.name)."))
                let orders = rows.first?.first.flatMap { $0 }.flatMap { Int($0) } ?? -1
                if !(counts.orders...(counts.orders + counts.writes.failed) ~= orders) {
                    found.append("\(node.name) holds \(orders) orders")
                }
                if Array(rows.dropFirst()) != DemoSchema.accountsAnswer {
                    found.append(
                        "\(node.name) holds accounts \(rows.dropFirst()) instead of \(DemoSchema.accountsAnswer)")
                }
            }
        } catch {
            found.append("\(error)")
        }
        return found
    }
}
