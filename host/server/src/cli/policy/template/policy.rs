//! The policy as the host would call it, but natively: without WebAssembly and without a server.

use no_tools::NoTools;
use sluice_policy_sdk::serde_json::json;
use sluice_policy_sdk::testing::{Run, faults};
use sluice_policy_sdk::{Block, ToolCall};

fn call(name: &str) -> Block {
    Block::ToolCall(ToolCall {
        id: "toolu_1".to_owned(),
        name: name.to_owned(),
        arguments: "{}".to_owned(),
    })
}

#[test]
fn only_the_tools_that_are_named_are_stopped() {
    let mut run = Run::<NoTools>::new(json!({"names": ["Bash"]}));
    let delivered = run.reply([call("Bash"), call("Read")]);
    assert_eq!(delivered.blocks, [call("Read")]);
}

#[test]
fn a_field_that_does_not_exist_is_a_fault() {
    assert!(!faults::<NoTools>(&json!({"names": [], "nmaes": []})).is_empty());
}
