//! Reads an event of a policy into rows of the store.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Value, json};
use sluice_engine::{Content, Contents, Edit, Edited, Event, Hook, Outcome};
use sluice_protocol::Block;
use sluice_store::{Side, Verdict};

/// What the outcome of an edit's row is.
const EDIT: &str = "edit";
/// What the outcome of the row behind the last edit is, if there were more than are kept.
const OMITTED: &str = "edits-omitted";

/// The row of an event. If the event edited a request, a row for each edit follows.
pub(super) fn rows(event: Event) -> Vec<Verdict> {
    let common = Verdict {
        policy: event.policy.to_string(),
        revision: event.revision.to_string(),
        hook: Cow::Borrowed(event.hook.as_str()),
        side: match event.hook {
            Hook::Request => Side::Request,
            Hook::Block | Hook::Observe | Hook::Text | Hook::End => Side::Reply,
        },
        block: event.block,
        ..Verdict::default()
    };
    let mut said = Verdict {
        fuel: event.fuel,
        time: event.duration,
        ..common.clone()
    };
    tell(&mut said, event.outcome);
    let edits = match event.contents {
        Contents::Nothing => return vec![said],
        Contents::Block { before, after } => {
            said.before = Some(joined(&[before]));
            said.after = after.as_deref().map(joined);
            return vec![said];
        }
        Contents::Made(made) => {
            said.after = Some(joined(&made));
            return vec![said];
        }
        Contents::Edits(edits) => edits,
    };
    let omitted = (edits.omitted > 0).then(|| Verdict {
        outcome: Some(Cow::Borrowed(OMITTED)),
        detail: Some(json!({ "omitted": edits.omitted }).to_string()),
        ..common.clone()
    });
    let edits = edits
        .kept
        .into_iter()
        .map(|edit| row_of(edit, common.clone()));
    let mut rows = vec![said];
    rows.extend(edits);
    rows.extend(omitted);
    rows
}

fn row_of(edit: Edit, common: Verdict) -> Verdict {
    Verdict {
        outcome: Some(Cow::Borrowed(EDIT)),
        pointer: Some(edit.at.to_string()),
        before: edit.before.map(edited),
        after: edit.after.map(edited),
        ..common
    }
}

fn tell(said: &mut Verdict, outcome: Outcome) {
    match outcome {
        Outcome::Verdict {
            verdict,
            action,
            rule,
            message,
            detail,
        } => {
            said.verdict = Some(Cow::Borrowed(verdict.as_str()));
            said.action = Some(Cow::Borrowed(action.as_str()));
            said.rule = rule;
            said.reason = message;
            said.detail = detail.map(|detail| detail.to_string());
        }
        Outcome::Failed { cause, side } => {
            said.outcome = Some(Cow::Owned(format!("failed-{}", side.as_str())));
            said.reason = Some(cause.to_string());
        }
        Outcome::NotJudged { side } => {
            said.outcome = Some(Cow::Owned(format!("not-judged-{}", side.as_str())));
        }
        Outcome::Emitted { kind, detail } => {
            said.emitted = Some(Cow::Owned(kind));
            said.detail = Some(detail.to_string());
        }
    }
}

/// One block as it is, none as nothing, several as a list in JSON.
fn joined(blocks: &[Content]) -> Bytes {
    match blocks {
        [] => Bytes::new(),
        [one] => content(&one.block).0,
        several => listed(several.iter().map(|content| &*content.block)),
    }
}

fn edited(edited: Edited) -> Bytes {
    match edited {
        Edited::Text(text) | Edited::Json(text) => Bytes::from(text),
        Edited::Blocks(blocks) => match &blocks[..] {
            [one] => content(one).0,
            several => listed(several.iter()),
        },
    }
}

fn listed<'a>(blocks: impl Iterator<Item = &'a Block>) -> Bytes {
    let texts = blocks.map(|block| String::from_utf8_lossy(&content(block).0).into_owned());
    let list: Value = texts.map(Value::String).collect();
    Bytes::from(list.to_string())
}

/// The content of a block, the name of the tool that it calls, and what it is found by.
pub(super) fn content(block: &Block) -> (Bytes, Option<String>, Option<String>) {
    match block {
        Block::Text(text) | Block::Thinking(text) => {
            (Bytes::from(text.clone()), None, Some(text.clone()))
        }
        Block::ToolCall(call) => {
            let found_by = format!("{}\n{}", call.name, call.arguments);
            let json = json!({ "id": call.id, "name": call.name, "arguments": call.arguments });
            (
                Bytes::from(json.to_string()),
                Some(call.name.clone()),
                Some(found_by),
            )
        }
        Block::ToolResult(result) => {
            let json = json!({
                "call_id": result.call_id,
                "content": result.content,
                "is_error": result.is_error,
            });
            (
                Bytes::from(json.to_string()),
                None,
                Some(result.content.clone()),
            )
        }
        Block::Other(json) => (Bytes::from(json.clone()), None, None),
    }
}
