//! Messages of the page in the order in which it sent them: calls from a page can overtake each other on their way.

use std::collections::BTreeMap;

/// Numbers count from 0. What arrives early waits.
pub(super) struct Order<T> {
    next: u64,
    early: BTreeMap<u64, T>,
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        Self { next: 0, early: BTreeMap::new() }
    }
}

impl<T> Order<T> {
    /// Takes one in, and gives back whatever now has its turn. A number that had its turn already is dropped.
    pub(super) fn take(&mut self, number: u64, message: T) -> Vec<T> {
        if number >= self.next {
            self.early.insert(number, message);
        }
        let mut due = Vec::new();
        while let Some(message) = self.early.remove(&self.next) {
            due.push(message);
            self.next += 1;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_leave_in_the_order_of_their_numbers_however_they_arrive() {
        let mut order = Order::default();
        let arrived = [1, 2, 0, 4, 3, 5, 5, 2];
        let left: Vec<Vec<u64>> = arrived.into_iter().map(|number| order.take(number, number)).collect();
        assert_eq!(left, [vec![], vec![], vec![0, 1, 2], vec![], vec![3, 4], vec![5], vec![], vec![]]);
    }
}
