//! A policy for tests that does what its configuration says, and reports all that it is shown.
//!
//! With `report` on, every hook adds an audit row `saw` with what it was given, so that a test can
//! compare what policies saw.

mod script;

use serde_json::{Value, json};
use sluice_policy_sdk::{
    Block, BlockVerdict, EditError, Faults, Piece, Policy, Reason, Request, RequestVerdict,
    TextVerdict, Wants, telemetry,
};

use script::{Edit, Pieces, RequestRule, Rule, Script, Then};

/// Does what its configuration says.
struct Scripted {
    script: Script,
    held: String,
    seen: usize,
}

impl Policy for Scripted {
    type Config = Script;

    fn configure(script: Script) -> Result<Self, Faults> {
        let faults: Vec<String> = script.faults.clone();
        if !faults.is_empty() {
            return Err(faults.into());
        }
        Ok(Self {
            script,
            held: String::new(),
            seen: 0,
        })
    }

    fn wants(&self) -> Wants {
        self.script.wants.to_wants()
    }

    fn on_request(&mut self, request: &mut Request) -> RequestVerdict {
        let news: Vec<Value> = request.news().iter().map(|p| seen(&p.block)).collect();
        self.report("request", json!(news));
        if self.script.context {
            let context = request.context();
            let ids = json!([context.exchange, context.session, context.caller]);
            telemetry::emit("context", &ids);
        }
        for edit in &self.script.edits {
            if let Err(error) = apply(edit, request) {
                telemetry::emit("edit-failed", &json!(error.to_string()));
            }
        }
        match &self.script.request {
            RequestRule::Forward => RequestVerdict::Forward,
            RequestRule::Answer(blocks) => {
                RequestVerdict::Answer(blocks.iter().map(Block::from).collect())
            }
            RequestRule::Refuse(message) => RequestVerdict::Refuse(reason(message)),
        }
    }

    fn on_block(&mut self, block: Block, _: &Request) -> BlockVerdict {
        self.report("block", seen(&block));
        let hits = |rule: &&Rule| rule.hits(&block);
        let Some(rule) = self.script.blocks.iter().find(hits) else {
            return BlockVerdict::Keep;
        };
        match &rule.then {
            Then::Keep => BlockVerdict::Keep,
            Then::Replace(blocks) => {
                BlockVerdict::Replace(blocks.iter().map(Block::from).collect())
            }
            Then::Drop(message) => BlockVerdict::Drop(reason(message)),
            Then::Stop(message) => BlockVerdict::Stop(reason(message)),
        }
    }

    fn on_text(&mut self, piece: Piece<'_>, _: &Request) -> TextVerdict {
        self.report("text", json!({"piece": piece.text, "last": piece.last}));
        match &self.script.pieces {
            Pieces::Keep => TextVerdict::Keep,
            Pieces::Send => TextVerdict::Send(piece.text.to_owned()),
            Pieces::Upper => TextVerdict::Send(piece.text.to_uppercase()),
            Pieces::Swallow => TextVerdict::Send(String::new()),
            Pieces::Hold => {
                self.held.push_str(piece.text);
                let released = if piece.last { self.held.len() } else { 0 };
                TextVerdict::Send(self.held.drain(..released).collect())
            }
            Pieces::StopAfter(bytes) => {
                self.seen += piece.text.len();
                match self.seen > *bytes {
                    true => TextVerdict::Stop(reason("Enough was said.")),
                    false => TextVerdict::Keep,
                }
            }
        }
    }

    fn on_end(&mut self, stop_reason: &str, _: &Request) -> Vec<String> {
        self.report("end", json!(stop_reason));
        self.script.end.clone()
    }
}

impl Scripted {
    fn report(&self, hook: &str, given: Value) {
        if self.script.report {
            telemetry::emit("saw", &json!({"hook": hook, "given": given}));
        }
    }
}

fn apply(edit: &Edit, request: &mut Request) -> Result<(), EditError> {
    match edit {
        Edit::Model(model) => request.set_model(model),
        Edit::AppendSystem(text) => request.append_system(text),
        Edit::RemoveTool(name) => request.remove_tool(name),
        Edit::Set { pointer, value } => request.set(pointer, value),
        Edit::ReplaceNews { contains, text } => {
            for placed in request.news() {
                if script::text_of(&placed.block).contains(contains) {
                    request.replace(placed.at, vec![Block::text(text.as_str())])?;
                }
            }
            Ok(())
        }
    }
}

fn reason(message: &str) -> Reason {
    Reason::new("scripted", message).detail(json!({"scripted": true}))
}

fn seen(block: &Block) -> Value {
    match block {
        Block::Text(text) => json!({"text": text}),
        Block::Thinking(text) => json!({"thinking": text}),
        Block::ToolCall(call) => {
            json!({"tool_call": {"id": call.id, "name": call.name, "arguments": call.arguments}})
        }
        Block::ToolResult(result) => json!({"tool_result": {
            "call_id": result.call_id, "content": result.content, "is_error": result.is_error,
        }}),
        Block::Other(json) => json!({ "other": json }),
    }
}

sluice_policy_sdk::export!(Scripted);
