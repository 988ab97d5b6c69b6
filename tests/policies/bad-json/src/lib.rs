//! A policy for tests that hands the host text that is not JSON although it should be.
//!
//! It does so in the arguments of a tool call, in a verdict on a request or a block. In a piece and
//! at the end, where no verdict carries JSON, it does so in the detail of an audit row.

use sluice_policy_sdk::{Block, BlockVerdict, RequestVerdict, TextVerdict, ToolCall};
use trigger::{Act, Triggered};

const NOT_JSON: &str = "{not json";

struct BadJson;

impl Act for BadJson {
    fn on_request(_: Option<u64>) -> RequestVerdict {
        RequestVerdict::Answer(vec![bad_call()])
    }

    fn on_block(_: Block, _: Option<u64>) -> BlockVerdict {
        BlockVerdict::Replace(vec![bad_call()])
    }

    fn on_text(_: Option<u64>) -> TextVerdict {
        emit();
        TextVerdict::Keep
    }

    fn on_end(_: Option<u64>) -> Vec<String> {
        emit();
        Vec::new()
    }
}

fn bad_call() -> Block {
    Block::ToolCall(ToolCall {
        id: String::new(),
        name: "Bash".to_owned(),
        arguments: NOT_JSON.to_owned(),
    })
}

/// This goes around the SDK's own types, which can't express it.
fn emit() {
    sluice_policy_sdk::bindings::sluice::policy::telemetry::emit("bad", NOT_JSON);
}

sluice_policy_sdk::export!(Triggered<BadJson>);
