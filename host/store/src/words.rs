//! What a block reads like, which only a dialect knows.

/// Tells the text of a block for the search index.
///
/// It is asked only for blocks of requests that the store has not seen before. The same block must always give the
/// same text: it is asked again when the block is erased, so that the index keeps no word of it. If the text is
/// another by then, after an update say, the index is built anew.
pub trait Words: Send + Sync {
    /// The text of a block. `None` if a search should not find it.
    fn text(&self, api: &str, kind: &str, raw: &[u8]) -> Option<String>;
}
