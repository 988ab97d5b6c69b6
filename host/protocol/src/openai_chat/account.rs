//! What a reply says of itself: its id, its model, why it stopped, what it cost.

use serde_json::{Map, Value};

use crate::{
    account::{self, Told, Usage},
    openai::usage,
};

/// Chat Completions, and Embeddings, whose count has the same words:
/// <https://platform.openai.com/docs/api-reference/chat/object>.
pub(crate) struct Account;

impl account::Account for Account {
    fn tell(said: &Value, told: &mut Told) {
        told.named(&said["id"], &said["model"]);
        told.stopped(&said["choices"][0]["finish_reason"]);
        told.counted(&said["usage"]);
    }

    fn usage(raw: &Map<String, Value>) -> Usage {
        usage(raw, "prompt", "completion")
    }
}
