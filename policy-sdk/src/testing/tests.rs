//! The native run refuses what the host would refuse.

use serde::Deserialize;

use super::*;
use crate::telemetry;
use crate::{BlockAddress, Faults, ToolCall, ToolResult};

/// A policy that returns what a test tells it to.
struct Puppet(Config, usize);

#[derive(Default, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Config {
    observes: bool,
    stateless: bool,
    stops_at: Option<usize>,
    replaces_by: Option<String>,
    stops: bool,
    adds: Vec<String>,
}

impl Policy for Puppet {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Faults> {
        Ok(Self(config, 0))
    }

    fn wants(&self) -> Wants {
        let wants = Wants::nothing().request().end().thinking_whole();
        let wants = match self.0.stateless {
            true => wants.stateless(),
            false => wants,
        };
        match self.0.observes {
            true => wants.tool_calls_observed(),
            false => wants.tool_calls_whole(),
        }
    }

    fn on_request(&mut self, request: &mut Request) -> RequestVerdict {
        for placed in request.news() {
            if let Block::ToolResult(result) = placed.block {
                let content = result.content.to_uppercase();
                let result = Block::ToolResult(ToolResult { content, ..result });
                request
                    .replace(placed.at, vec![result])
                    .expect("it is there");
            }
        }
        request.append_system("Be brief.").expect("a system prompt");
        request.set_model("other").expect("a model");
        RequestVerdict::Forward
    }

    fn on_block(&mut self, block: Block, request: &Request) -> BlockVerdict {
        telemetry::count("blocks", 1);
        self.1 += 1;
        let reason = Reason::new("puppet", format!("No more of {}.", request.model()));
        let stops = self.0.stops || self.0.stops_at == Some(self.1);
        match (&self.0.replaces_by, stops, block) {
            (_, true, _) => BlockVerdict::Stop(reason),
            (Some(arguments), _, Block::ToolCall(call)) => {
                let arguments = arguments.clone();
                BlockVerdict::Replace(vec![Block::ToolCall(ToolCall { arguments, ..call })])
            }
            (Some(_), _, _) => BlockVerdict::Drop(reason),
            _ => BlockVerdict::Keep,
        }
    }

    fn on_end(&mut self, _: &str, _: &Request) -> Vec<String> {
        self.0.adds.clone()
    }
}

fn call() -> Block {
    Block::tool_call("toolu_1", "Bash", &json!({"command": "ls"}))
}

fn run(config: Value) -> Run<Puppet> {
    Run::new(config)
}

#[test]
fn a_request_is_edited_in_place() {
    let mut run = run(json!({})).with_body(json!({
        "model": "m",
        "system": [{"type": "text", "text": "You help."}],
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1",
                 "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                 "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "go on"}]},
        ],
    }));
    assert_eq!(run.request(), RequestVerdict::Forward);
    let body = run.body();
    assert_eq!(body["model"], "other");
    assert_eq!(body["system"][1]["text"], "Be brief.");
    let result = &body["messages"][2]["content"][0];
    assert_eq!(result["content"], "A\nB");
    assert_eq!(result["cache_control"], json!({"type": "ephemeral"}));
    assert_eq!(body["messages"][2]["content"][1]["text"], "go on");
}

#[test]
fn an_edit_of_nothing_is_refused() {
    let mut run = run(json!({})).with_text("hi");
    let nowhere = BlockAddress {
        message: 0,
        block: 1,
    };
    assert!(run.request.replace(nowhere, Vec::new()).is_err());
    assert!(run.request.set("/none/there", &json!(1)).is_err());
    assert!(run.request.set("/metadata", &json!({})).is_ok());
    assert_eq!(run.request.get("/metadata"), Some(json!({})));
    assert_eq!(run.request.context().api, "anthropic");
}

#[test]
fn a_policy_reads_the_session_and_the_caller() {
    let ids = json!({"exchange": "x1", "session": "ses_1", "caller": "key a"});
    let context = run(json!({})).with_context(ids).request.context();
    assert_eq!(context.exchange.as_deref(), Some("x1"));
    assert_eq!(context.session.as_deref(), Some("ses_1"));
    assert_eq!(context.caller.as_deref(), Some("key a"));
    let unknown = json!({"session": null, "caller": null});
    let context = run(json!({})).with_context(unknown).request.context();
    assert_eq!((context.session, context.caller), (None, None));
}

#[test]
fn texts_added_at_the_end_stand_before_tool_calls() {
    let mut run = run(json!({"adds": ["Note."]}));
    let delivered = run.reply([Block::text("a"), call()]);
    let expected = [Block::text("a"), Block::text("Note."), call()];
    assert_eq!(delivered.blocks, expected);
    assert_eq!(delivered.verdicts, [BlockVerdict::Keep]);
    assert_eq!(heard(), [Heard::Count("blocks".to_owned(), 1)]);
}

#[test]
fn a_stop_ends_the_reply() {
    let delivered = run(json!({"stops": true})).reply([Block::text("a"), call(), call()]);
    assert_eq!(delivered.blocks, [Block::text("a")]);
    assert_eq!(
        delivered.stopped.map(|reason| reason.message),
        Some("No more of some-model.".to_owned())
    );
}

#[test]
fn a_stateless_policy_starts_each_call_from_its_configuration() {
    let delivered = |stateless| {
        let mut run = run(json!({"stops_at": 2, "stateless": stateless}));
        run.reply([call(), call(), call()]).blocks.len()
    };
    assert_eq!(delivered(false), 1);
    assert_eq!(delivered(true), 3);
}

#[test]
#[should_panic(expected = "the arguments of `Bash` are not a JSON object: [1]")]
fn arguments_that_are_no_object_are_illegal() {
    run(json!({"replaces_by": "[1]"})).reply([call()]);
}

#[test]
#[should_panic(expected = "which can't be changed")]
fn dropping_thinking_is_illegal() {
    run(json!({"replaces_by": "{}"})).reply([Block::Thinking("hm".to_owned())]);
}

#[test]
#[should_panic(expected = "already on its way")]
fn changing_what_is_observed_is_illegal() {
    run(json!({"replaces_by": "{}", "observes": true})).reply([call()]);
}

#[test]
#[should_panic(expected = "unknown field `stop`")]
fn a_refused_configuration_shows_its_faults() {
    run(json!({"stop": true}));
}

#[test]
fn the_schema_names_the_fields() {
    let schema = config_schema::<Puppet>();
    assert_eq!(schema["properties"]["stops"]["type"], "boolean");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(faults::<Puppet>(&json!({})), Vec::<String>::new());
}
