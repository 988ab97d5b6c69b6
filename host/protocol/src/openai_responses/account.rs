//! What a reply says of itself: its id, its model, why it stopped, what it cost.

use serde_json::{Map, Value};

use crate::{
    account::{self, Told, Usage},
    openai::usage,
};

/// Responses, by <https://platform.openai.com/docs/api-reference/responses/object>.
pub(crate) struct Account;

impl account::Account for Account {
    fn tell(said: &Value, told: &mut Told) {
        let response = match &said["response"] {
            Value::Object(_) => &said["response"],
            _ => said,
        };
        told.named(&response["id"], &response["model"]);
        told.stopped(&response["incomplete_details"]["reason"]);
        told.counted(&response["usage"]);
    }

    fn usage(raw: &Map<String, Value>) -> Usage {
        usage(raw, "input", "output")
    }
}
