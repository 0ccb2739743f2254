// A queue in which everybody has a line of his own, and the lines take turns.

/// Elements that wait, by whom they belong to. Who has many waiting does not keep those waiting who have few: one of each
/// is taken in turn, and of one's own the oldest first. Its owner bounds it.
package struct FairQueue<Key: Hashable, Element> {
    private var lines: [Key: FirstInFirstOut<Element>] = [:]
    /// Keys of `lines`, each once: none of these lines is empty.
    private var turns = FirstInFirstOut<Key>()
    /// All that wait.
    package private(set) var count = 0

    /// An empty queue.
    package init() {}

    /// Whether nothing waits.
    package var isEmpty: Bool { count == 0 }

    /// How many of one wait.
    package func count(of key: Key) -> Int { lines[key]?.count ?? 0 }

    /// Puts an element at the end of a line.
    package mutating func append(_ element: Element, of key: Key) {
        if lines[key] == nil { turns.append(key) }
        lines[key, default: FirstInFirstOut()].append(element)
        count += 1
    }

    /// Takes the first element of the line whose turn it is.
    package mutating func next() -> Element? {
        guard let key = turns.removeFirst(), let element = lines[key]?.removeFirst() else { return nil }
        count -= 1
        if lines[key]?.isEmpty == true { lines[key] = nil } else { turns.append(key) }
        return element
    }

    /// Takes the last element of the longest line, if that is longer than `length`. At least one stays in the line. Looks
    /// at all lines: for queues that are full.
    package mutating func removeLast(ofLongerThan length: Int) -> Element? {
        guard let longest = lines.max(by: { $0.value.count < $1.value.count }), longest.value.count > max(length, 1)
        else { return nil }
        count -= 1
        return lines[longest.key]?.removeLast()
    }
}

/// A line: appended at the end, taken from the front.
private struct FirstInFirstOut<Element> {
    private var elements: ContiguousArray<Element?> = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func removeFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        // What was taken is given up when it is half of all: each element is moved once on average.
        if head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func removeLast() -> Element? {
        guard head < elements.count else { return nil }
        return elements.removeLast()
    }
}
