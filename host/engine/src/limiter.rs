//! Limits what an instance can allocate.

use wasmtime::{ResourceLimiter, Result};

use crate::settings::TABLE_ELEMENTS;

/// Counts all memories of a store together, and all tables. Otherwise a component could have the
/// limit once for each.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_limit: usize,
    memory: usize,
    tables: usize,
    /// How much the last growth added, in case it fails afterwards.
    pending: usize,
    denied: bool,
}

impl Limiter {
    pub(crate) fn new(memory_limit: usize) -> Self {
        Self {
            memory_limit,
            memory: 0,
            tables: 0,
            pending: 0,
            denied: false,
        }
    }

    /// The most memory, in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.memory_limit
    }

    /// Whether a growth of memory was denied since the last call of this.
    pub(crate) fn take_denied(&mut self) -> bool {
        std::mem::take(&mut self.denied)
    }

    /// Lifts the limit of memory: the host's own instrumentation grows each memory by a page.
    pub(crate) fn lift(&mut self) {
        self.memory_limit = usize::MAX;
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let added = desired.saturating_sub(current);
        let total = self.memory.saturating_add(added);
        if total > self.memory_limit {
            self.denied = true;
            return Ok(false);
        }
        self.memory = total;
        self.pending = added;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> Result<()> {
        self.memory -= std::mem::take(&mut self.pending);
        self.denied = true;
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let total = self.tables.saturating_add(desired.saturating_sub(current));
        if total > TABLE_ELEMENTS {
            return Ok(false);
        }
        self.tables = total;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::ResourceLimiter;

    use super::Limiter;

    #[test]
    fn the_memories_of_a_store_share_one_limit() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(!limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.take_denied());
        assert!(limiter.memory_growing(60, 100, None).unwrap());
        assert!(!limiter.take_denied());
    }

    #[test]
    fn a_growth_that_failed_does_not_count() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        limiter
            .memory_grow_failed(wasmtime::Error::msg("no"))
            .unwrap();
        assert!(limiter.memory_growing(0, 100, None).unwrap());
    }
}
