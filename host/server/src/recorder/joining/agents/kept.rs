//! Agents that keep some of the last turns, or all of them.

use serde_json::json;
use sluice_protocol::Api;

use super::super::long;
use super::super::wire::{Said, Turn, model, user};
use super::{Case, work};

pub(super) fn cases() -> Vec<Case> {
    let case = |name, turns| Case {
        name,
        turns,
        joins: &[None, Some(0)],
    };
    let mut cases = vec![
        case("Aider, whose map of the files changes", aider()),
        case("a compaction block of Anthropic's", compaction_block()),
        Case {
            name: "an agent that drops its oldest messages with each turn",
            turns: sliding(),
            joins: &[None, Some(0), Some(1), Some(2), Some(3)],
        },
        Case {
            name: "a conversation that is resumed under another id, twice",
            turns: resumed(),
            joins: &[None, Some(0), Some(0)],
        },
    ];
    for api in [Api::Anthropic, Api::OpenaiChat, Api::OpenaiResponses] {
        cases.push(case("the last turns are kept", last_turns(api)));
        cases.push(case("a call and its result are kept", call_and_result(api)));
    }
    cases
}

/// The agent says in its own words what it left out.
fn last_turns(api: Api) -> Vec<Turn> {
    let (mut turns, said) = work(api, "the parser");
    let left_out = [user("Earlier messages were removed.")];
    let kept = [&left_out, &said[1..], &[user("Next.")]].concat();
    turns.push(Turn::new(api, &kept, &[model("Fine.")]));
    turns
}

fn call_and_result(api: Api) -> Vec<Turn> {
    let (mut turns, said) = work(api, "the parser");
    let kept = [&[user("The context was cleared.")], &said[1..3]].concat();
    turns.push(Turn::new(api, &kept, &[model("Fine.")]));
    turns
}

fn aider() -> Vec<Turn> {
    let api = Api::OpenaiChat;
    let map = |files: &str| [user(&format!("These are the files: {files}")), model("Ok.")];
    let edit = model(&long("the edit"));
    let first = [&map("a.rs")[..], &[user("Edit it.")]].concat();
    let next = [user("Edit it."), edit.clone(), user("Next.")];
    let second = [&map("a.rs b.rs")[..], &next].concat();
    vec![
        Turn::new(api, &first, &[edit]),
        Turn::new(api, &second, &[model("Fine.")]),
    ]
}

/// Three messages go with each request.
fn sliding() -> Vec<Turn> {
    let step = |at| {
        [
            user(&format!("Step {at}.")),
            model(&long(&format!("step {at}"))),
        ]
    };
    let said: Vec<_> = (0..6).flat_map(step).collect();
    let turn = |at: usize| {
        let (from, next) = ((2 * at).saturating_sub(2), 2 * at + 1);
        Turn::new(Api::OpenaiChat, &said[from..next], &said[next..=next])
    };
    (0..6).map(turn).collect()
}

fn resumed() -> Vec<Turn> {
    let (turns, said) = work(Api::Anthropic, "the parser");
    let id = "x-claude-code-session-id";
    let mut turns: Vec<_> = turns.into_iter().map(|turn| turn.with(id, "one")).collect();
    let again = [&said[..], &[user("Where were we?")]].concat();
    let resumed = Turn::new(Api::Anthropic, &again, &[model("Here.")]);
    turns.extend(["two", "three"].map(|session| resumed.clone().with(id, session)));
    turns
}

/// The API compacts by itself, and the agent drops what stands before.
fn compaction_block() -> Vec<Turn> {
    let api = Api::Anthropic;
    let (mut turns, mut said) = work(api, "the parser");
    let compaction = Said::Raw(json!({"type": "compaction", "content": long("all of it")}));
    said.push(user("Next."));
    turns.push(Turn::new(api, &said, &[compaction.clone(), model("Fine.")]));
    let anew = [compaction, model("Fine."), user("And now this.")];
    turns.push(Turn::new(api, &anew, &[model("I do.")]));
    turns
}
