//! Lists that keep no more than their bound.

/// The first elements of a list, and how many it has.
#[derive(Debug)]
pub(crate) struct Bounded<T> {
    pub(super) kept: Vec<T>,
    pub(super) count: usize,
    most: usize,
}

impl<T> Bounded<T> {
    /// A list of which so many elements are kept at most.
    pub(super) fn new(most: usize) -> Self {
        Self {
            kept: Vec::new(),
            count: 0,
            most,
        }
    }

    /// Adds an element; one over the bound is counted alone.
    #[inline]
    pub(crate) fn push(&mut self, element: T) {
        self.count += 1;
        if self.count <= self.most {
            self.kept.push(element);
        }
    }
}
