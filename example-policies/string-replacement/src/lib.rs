//! Replaces texts in requests, replies or both, while the reply streams. An example of a policy
//! that takes text in pieces.
//!
//! In a request it rewrites the whole conversation, history included, because callers send it again
//! each time. It leaves tool calls and thinking alone, in both directions.

mod case;
mod rule;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;
use sluice_policy_sdk::{
    Faults, Piece, Place, Policy, Reason, Request, RequestVerdict, TextVerdict, Wants, telemetry,
};

pub use rule::Rule;

use rule::{Direction, Replacer};

/// The longest match of a regular expression, in bytes. Up to this much of a reply may be held back
/// for one.
const LONGEST_MATCH: usize = 4096;

/// Replaces texts.
pub struct StringReplacement {
    request: Option<Replacer>,
    reply: Option<Replacer>,
}

/// The texts to replace.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The rules. If two match at the same place, the earlier one wins. Text that a rule inserted
    /// is not searched again.
    rules: Vec<Rule>,
}

impl Policy for StringReplacement {
    type Config = Config;

    fn configure(Config { rules }: Config) -> Result<Self, Faults> {
        if rules.is_empty() {
            return Err("rules: at least one is needed".into());
        }
        let request = Replacer::new(&rules, Direction::Request)?;
        let reply = Replacer::new(&rules, Direction::Reply)?;
        Ok(Self { request, reply })
    }

    fn wants(&self) -> Wants {
        let mut wants = Wants::nothing();
        if self.request.is_some() {
            wants = wants.request();
        }
        if self.reply.is_some() {
            wants = wants.text_pieces();
        }
        wants
    }

    fn on_request(&mut self, request: &mut Request) -> RequestVerdict {
        let Some(replacer) = &mut self.request else {
            return RequestVerdict::Forward;
        };
        let rewritten = request.rewrite(|at, text| match at.place {
            Place::ToolCall => None,
            Place::System | Place::Text | Place::ToolResult | Place::Document => {
                replacer.whole(text)
            }
        });
        match rewritten {
            Ok(texts) => {
                telemetry::count("rewritten", texts as u64);
                RequestVerdict::Forward
            }
            // If it were sent on, the request would carry a text that a rule should have replaced.
            Err(error) => RequestVerdict::Refuse(Reason::new(
                "replacement.impossible",
                format!("A text of the request could not be replaced: {error}."),
            )),
        }
    }

    fn on_text(&mut self, piece: Piece<'_>, _: &Request) -> TextVerdict {
        match &mut self.reply {
            Some(replacer) => replacer.judge(piece),
            None => TextVerdict::Keep,
        }
    }
}

sluice_policy_sdk::export!(StringReplacement);
