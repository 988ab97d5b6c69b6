//! What a block reads like, which only a dialect knows.

use bytes::Bytes;

use crate::verdict::ReplyBlock;

/// Reads blocks for the store.
pub trait Words: Send + Sync {
    /// The text of a block, for the search index. `None` if a search should not find it.
    ///
    /// It is asked only for blocks of requests that the store has not seen before. The same block must always give the
    /// same text: it is asked again when the block is erased, so that the index keeps no word of it. If the text is
    /// another by then, after an update say, the index is built anew.
    fn text(&self, api: &str, kind: &str, raw: &[u8]) -> Option<String>;

    /// What of a request may have come as a reply before, in its order. It is asked only for the first exchange of a session: whether the
    /// request goes on from an earlier session is told by the replies of that one that it repeats. By default nothing
    /// is, and no sessions are joined.
    fn repeated(&self, api: &str, request: &Bytes) -> Vec<Repeated> {
        let _ = (api, request);
        Vec::new()
    }

    /// Whether a block of a request asks for a summary of the conversation.
    fn asks_for_summary(&self, kind: &str, raw: &[u8]) -> bool {
        let _ = (kind, raw);
        false
    }
}

/// A part of a request that would tell an earlier reply from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The block as that reply would have had it. Its number does not matter.
    pub block: ReplyBlock,
    /// Whether it stands in somebody else's words, as the summary of what was before. Then it counts only if that
    /// summary was asked for.
    pub is_summary: bool,
}
